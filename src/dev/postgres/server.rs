//! The one server process: started, waited for until it takes connections, stopped.
//!
//! It must be started from a thread that lives as long as the server shall, for its life is tied to that thread. The
//! settings that keep acknowledged data are given on the command line, where no file can override them.

use std::{
    path::{Path, PathBuf},
    process::{Child, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    error::{ClusterError, tells_disk_full},
    initialise::cluster_folder,
    log::ServerLog,
    predecessor::{self, PostmasterFile},
    process::Programs,
};

/// Recovery after an unclean end replays at most about a gigabyte of log.
const READY_WITHIN: Duration = Duration::from_secs(300);
/// After this the person who waits is told why.
const SAY_SO_AFTER: Duration = Duration::from_secs(3);
/// How long the server of a process that was killed may take to end by itself.
const PREDECESSOR_ENDS_WITHIN: Duration = Duration::from_secs(30);
/// A fast shutdown writes a checkpoint first.
const STOPS_WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(3);

const SETTINGS: [&str; 15] = [
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=200",
    "shared_buffers=256MB",
    "max_wal_size=1GB",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "logging_collector=off",
    "log_destination=stderr",
    // Details of an error may quote what a row held, and that must not reach a log.
    "log_error_verbosity=terse",
    "log_checkpoints=off",
];

/// Where one server finds its things.
#[derive(Clone, Debug)]
pub struct ServerPlace {
    /// The folder that belongs to the server's user.
    pub home: PathBuf,
    pub socket: PathBuf,
    pub log: PathBuf,
}

/// A server that takes connections.
#[derive(Debug)]
pub struct Server {
    child: Child,
    log: ServerLog,
}

impl Server {
    /// Starts the server and waits until it is ready.
    pub fn start(programs: &Programs, place: &ServerPlace, notice: fn(&str)) -> Result<Self, ClusterError> {
        let cluster = cluster_folder(&place.home);
        let patience = Instant::now() + PREDECESSOR_ENDS_WITHIN;
        predecessor::wait_for(&cluster, patience)?;
        loop {
            let mut server = Self::spawn(programs, place)?;
            let Some(status) = server.await_ready(&cluster, place, notice)? else {
                return Ok(server);
            };
            let output = server.log.last_words();
            // What a killed server left may take a moment to go; the server itself is the judge of that.
            if predecessor::is_blamed(&output) && Instant::now() < patience {
                thread::sleep(Duration::from_millis(100));
                continue;
            }
            return Err(match tells_disk_full(&output) {
                true => ClusterError::DiskFull { folder: place.home.clone() },
                false if output.is_empty() => {
                    ClusterError::Ended { output: status.to_string(), log: place.log.clone() }
                }
                false => ClusterError::Ended { output, log: place.log.clone() },
            });
        }
    }

    fn spawn(programs: &Programs, place: &ServerPlace) -> Result<Self, ClusterError> {
        use std::os::unix::process::CommandExt;

        // INT is the server's fast shutdown.
        let mut command = programs.command("postgres", &place.home, Signal::INT);
        command.args(["-D", "data"]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let mut child = command
            .arg("-c")
            .arg(format!("unix_socket_directories={}", place.socket.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Ctrl-C in a terminal is for us: we finish what is under way, and then the server goes.
            .process_group(0)
            .spawn()
            .map_err(ClusterError::io("starting", programs.binaries.folder.join("postgres")))?;
        let log = match child.stderr.take() {
            Some(pipe) => ServerLog::follow(pipe, place.log.clone()),
            None => Err(std::io::ErrorKind::BrokenPipe.into()),
        };
        match log {
            Ok(log) => Ok(Self { child, log }),
            Err(error) => {
                send(&child, Signal::INT);
                Err(ClusterError::io("following", &place.log)(error))
            }
        }
    }

    /// `None` when the server is ready, its exit status when it ended instead.
    fn await_ready(
        &mut self,
        cluster: &Path,
        place: &ServerPlace,
        notice: fn(&str),
    ) -> Result<Option<ExitStatus>, ClusterError> {
        let started = Instant::now();
        let mut said = false;
        loop {
            if let Some(status) = self.ended() {
                return Ok(Some(status));
            }
            if PostmasterFile::read(cluster).is_some_and(|file| file.ready && file.pid == self.child.id()) {
                return Ok(None);
            }
            if started.elapsed() > READY_WITHIN {
                return Err(ClusterError::NotReady { seconds: READY_WITHIN.as_secs(), log: place.log.clone() });
            }
            if !said && started.elapsed() > SAY_SO_AFTER {
                notice("PostgreSQL is still starting; after an unclean end it first repeats what was committed ...");
                said = true;
            }
            thread::sleep(POLL);
        }
    }

    /// The exit status, once the server has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// The end of its log, once the server has ended.
    pub fn last_words(&self) -> String {
        self.log.last_words()
    }

    /// Ends the server: clients are cut off, open transactions rolled back, everything committed is kept.
    pub fn stop(&mut self) {
        send(&self.child, Signal::INT);
        let patience = Instant::now() + STOPS_WITHIN;
        while self.ended().is_none() {
            if Instant::now() > patience {
                // The immediate shutdown leaves recovery to the next start; it loses nothing either.
                send(&self.child, Signal::QUIT);
                let _ = self.child.wait();
                return;
            }
            thread::sleep(POLL);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.stop();
        }
    }
}

fn send(child: &Child, signal: Signal) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}
