//! The server that came before: one that a killed run left behind, still ending, or only its lock file.
//!
//! It removes a lock file only when its process is alive and does not work in the cluster's folder.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Pid;

use super::error::ClusterError;

/// What the server says about itself in its lock file.
#[derive(Debug, PartialEq, Eq)]
pub struct PostmasterFile {
    pub pid: u32,
    pub ready: bool,
}

impl PostmasterFile {
    pub fn read(cluster: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(cluster.join("postmaster.pid")).ok()?)
    }

    /// The first line is the process, the eighth its state.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim);
        let pid = lines.next()?.parse().ok()?;
        Some(Self { pid, ready: lines.nth(6) == Some("ready") })
    }
}

/// Waits for a server that a killed run left behind, and forgets a lock file whose process is none of PostgreSQL's.
pub fn wait_for(cluster: &Path, patience: Instant) -> Result<(), ClusterError> {
    while let Some(file) = PostmasterFile::read(cluster) {
        match what_is(file.pid, cluster) {
            // The server sees for itself that the process is gone.
            Process::Gone => return Ok(()),
            Process::Other => {
                let path = cluster.join("postmaster.pid");
                return fs::remove_file(&path).map_err(ClusterError::io("removing the stale", &path));
            }
            Process::Server if Instant::now() > patience => {
                return Err(ClusterError::StillRunning { folder: cluster.to_owned(), pid: file.pid });
            }
            Process::Server => thread::sleep(Duration::from_millis(20)),
        }
    }
    Ok(())
}

enum Process {
    Gone,
    Server,
    /// The number was given to somebody else, after a restart of the machine for example.
    Other,
}

/// A server works inside its cluster's folder. Where that cannot be seen, the process is taken for the server.
fn what_is(pid: u32, cluster: &Path) -> Process {
    let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return Process::Gone;
    };
    if rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH) {
        return Process::Gone;
    }
    let works_in = fs::read_link(format!("/proc/{pid}/cwd"));
    match (works_in, fs::canonicalize(cluster)) {
        (Ok(folder), Ok(cluster)) if folder != cluster => Process::Other,
        _ => Process::Server,
    }
}

/// Whether the server gave up because of one that came before it.
pub fn is_blamed(output: &str) -> bool {
    ["postmaster.pid\" already exists", "pre-existing shared memory block"].iter().any(|sign| output.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = "4711\n/data\n1700000000\n5432\n/socket\n\n  12345   678\nready   \n";

    #[test]
    fn the_lock_file_tells_process_and_state() {
        assert_eq!(PostmasterFile::parse(READY), Some(PostmasterFile { pid: 4711, ready: true }));
        let starting = READY.replace("ready   ", "starting");
        assert_eq!(PostmasterFile::parse(&starting), Some(PostmasterFile { pid: 4711, ready: false }));
        assert_eq!(PostmasterFile::parse("4711\n/data\n"), Some(PostmasterFile { pid: 4711, ready: false }));
        assert_eq!(PostmasterFile::parse(""), None, "being written");
    }

    #[test]
    fn the_lock_file_of_somebody_elses_process_is_forgotten() {
        let cluster = tempfile::tempdir().unwrap();
        let file = cluster.path().join("postmaster.pid");
        let soon = Instant::now() + Duration::from_millis(100);

        // Ourselves: alive, and not at work in that folder.
        fs::write(&file, READY.replace("4711", &std::process::id().to_string())).unwrap();
        wait_for(cluster.path(), soon).unwrap();
        assert!(!file.exists());

        // A process that works in the folder is waited for, and then named.
        let mut sleeper = std::process::Command::new("sleep").arg("60").current_dir(cluster.path()).spawn().unwrap();
        fs::write(&file, READY.replace("4711", &sleeper.id().to_string())).unwrap();
        let error = wait_for(cluster.path(), soon).unwrap_err();
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
        assert!(matches!(error, ClusterError::StillRunning { pid, .. } if pid == sleeper.id()));
        assert!(file.exists());

        // And once it is gone, the server is left to judge.
        wait_for(cluster.path(), soon).unwrap();
    }
}
