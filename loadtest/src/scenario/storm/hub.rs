//! The hub as a process the storm owns: started, killed without warning, started again. Must never
//! touch a process it did not start.

use crate::clock::{Clock, Nanos};
use crate::measure::Latency;
use crate::session::Target;
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

const READY_WITHIN: Duration = Duration::from_secs(60);
const STOPS_WITHIN: Duration = Duration::from_secs(10);

/// A hub under the storm's control.
pub struct HubProcess {
    command: String,
    log: Option<PathBuf>,
    child: Child,
    clock: Clock,
    /// From each start until it said it was ready.
    pub ready: Latency,
}

impl HubProcess {
    /// Starts it and waits until it is ready. Nothing else may answer at the address before.
    pub async fn start(command: &str, log: Option<&Path>, target: &Target) -> Result<Self> {
        if TcpStream::connect(target.address()).await.is_ok() {
            bail!("something already listens at {}; the storm starts the hub itself", target.address());
        }
        let mut hub = Self {
            command: command.to_owned(),
            log: log.map(Path::to_owned),
            child: spawn(command, log)?,
            clock: Clock::start(),
            ready: Latency::default(),
        };
        hub.wait_until_ready(target, 0).await?;
        Ok(hub)
    }

    /// SIGKILL, and a new start at once.
    pub async fn kill_and_restart(&mut self, target: &Target) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the hub had already ended by itself: {status}");
        }
        self.child.kill().await.context("cannot kill the hub")?;
        let began = self.clock.now();
        self.child = spawn(&self.command, self.log.as_deref())?;
        self.wait_until_ready(target, began).await
    }

    async fn wait_until_ready(&mut self, target: &Target, began: Nanos) -> Result<()> {
        let waiting = async {
            while !is_ready(target).await {
                if let Some(status) = self.child.try_wait()? {
                    bail!("the hub ended instead of getting ready: {status}");
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok(())
        };
        tokio::time::timeout(READY_WITHIN, waiting)
            .await
            .map_err(|_| anyhow::anyhow!("the hub was not ready within {READY_WITHIN:?}"))??;
        self.ready.record(self.clock.now() - began);
        Ok(())
    }

    /// SIGTERM. Returns what was wrong with how it ended.
    pub async fn stop(mut self) -> Result<Option<String>> {
        let Some(pid) = self.child.id().and_then(|pid| Pid::from_raw(pid as i32)) else {
            return Ok(Some("the hub had ended before it was told to".into()));
        };
        kill_process(pid, Signal::TERM).context("cannot signal the hub")?;
        match tokio::time::timeout(STOPS_WITHIN, self.child.wait()).await {
            Ok(status) => Ok(Some(status?)
                .filter(|status| !status.success())
                .map(|status| format!("told to stop, the hub ended with {status}"))),
            Err(_) => {
                self.child.kill().await?;
                Ok(Some(format!("the hub did not stop within {STOPS_WITHIN:?}")))
            }
        }
    }
}

fn spawn(command: &str, log: Option<&Path>) -> Result<Child> {
    let output = || -> Result<Stdio> {
        Ok(match log {
            Some(path) => OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .with_context(|| format!("cannot write {}", path.display()))?
                .into(),
            None => Stdio::null(),
        })
    };
    // `exec`: the process to kill must be the hub, not a shell around it.
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("exec {command}"))
        .stdin(Stdio::null())
        .stdout(output()?)
        .stderr(output()?)
        .kill_on_drop(true);
    shell.spawn().with_context(|| format!("cannot start `{command}`"))
}

/// Whether `/readyz` answers, and not with 503.
async fn is_ready(target: &Target) -> bool {
    let asking = async {
        let mut stream = TcpStream::connect(target.address()).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut head = [0; 12];
        stream.read_exact(&mut head).await?;
        std::io::Result::Ok(head.starts_with(b"HTTP/1.1 ") && &head[9..] != b"503")
    };
    matches!(tokio::time::timeout(Duration::from_secs(1), asking).await, Ok(Ok(true)))
}
