//! The real program, started as a user would.

use super::{Database, temporary::Folder};
use rustix::process::{Pid, Signal};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// The master key of all test hubs.
pub const MASTER_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A hub that runs, on a port of its own. Killed when dropped.
pub struct Hub {
    pub address: SocketAddr,
    pub log: Arc<Mutex<String>>,
    /// Where the audit log's checkpoints are, unless the settings name another folder.
    pub outside: Folder,
    environment: HashMap<String, String>,
    child: Child,
}

impl Hub {
    /// `carehub serve` on this database.
    pub async fn start(database: &Database) -> Self {
        Self::start_with(database, &[]).await
    }

    /// The same with further settings.
    pub async fn start_with(database: &Database, settings: &[(&str, &str)]) -> Self {
        let outside = Folder::new();
        let mut environment = HashMap::from([
            ("DATABASE_URL".to_owned(), database.service_url()),
            ("CAREHUB_MASTER_KEY".to_owned(), MASTER_KEY.to_owned()),
            ("CAREHUB_PORT".to_owned(), "0".to_owned()),
            ("CAREHUB_WORKERS".to_owned(), "2".to_owned()),
            // All of a test's people come from one address, and some tests try many passwords.
            ("CAREHUB_SIGN_INS_PER_MINUTE".to_owned(), "100000".to_owned()),
            ("CAREHUB_CALLS_PER_MINUTE".to_owned(), "100000".to_owned()),
            ("CAREHUB_CALLS_PER_MINUTE_AND_ADDRESS".to_owned(), "100000".to_owned()),
            ("CAREHUB_OBJECTS".to_owned(), outside.path().join("objects").display().to_string()),
            ("CAREHUB_AUDIT_CHECKPOINTS".to_owned(), outside.path().display().to_string()),
        ]);
        environment.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let log = Arc::new(Mutex::new(String::new()));
        let (child, address) = Self::spawn(environment.clone(), log.clone()).await;
        Self { address, log, outside, environment, child }
    }

    async fn spawn(environment: HashMap<String, String>, log: Arc<Mutex<String>>) -> (Child, SocketAddr) {
        tokio::task::spawn_blocking(move || {
            let mut child = Command::new(env!("CARGO_BIN_EXE_carehub"))
                .arg("serve")
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                .envs(environment)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let errors = BufReader::new(child.stderr.take().unwrap());
            let into = log.clone();
            std::thread::spawn(move || {
                for line in errors.lines().map_while(Result::ok) {
                    let mut log = into.lock().unwrap();
                    log.push_str(&line);
                    log.push('\n');
                }
            });
            let mut said = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            said.read_line(&mut line).unwrap();
            let address = line.split_whitespace().find_map(|word| word.trim_end_matches('.').parse().ok());
            let address = address.unwrap_or_else(|| panic!("no address in {line:?}; {}", log.lock().unwrap()));
            (child, address)
        })
        .await
        .unwrap()
    }

    /// Starts again, on the same port, what has ended.
    pub async fn start_again(&mut self) {
        let _ = self.child.wait();
        self.environment.insert("CAREHUB_PORT".into(), self.address.port().to_string());
        let (child, address) = Self::spawn(self.environment.clone(), self.log.clone()).await;
        (self.child, self.address) = (child, address);
    }

    fn pid_of_child(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        // Not by its number: once it has ended, that may be another's.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM; waits for the end and tells how it ended, and how long that took.
    pub async fn terminate(&mut self) -> (ExitStatus, Duration) {
        rustix::process::kill_process(self.pid_of_child(), Signal::TERM).unwrap();
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, since.elapsed());
            }
            assert!(since.elapsed() < Duration::from_secs(20), "SIGTERM was not obeyed");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Where a path of the hub is.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Memory of the process that is in RAM, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// What it logged so far.
    pub fn logged(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.kill();
    }
}
