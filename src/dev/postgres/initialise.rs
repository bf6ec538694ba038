//! Making a new cluster, whole or not at all: `initdb` works in a folder of another name, which is renamed at the end.
//!
//! A folder that holds a cluster is never touched; of what an interrupted run left, only our own draft is removed.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use rustix::process::Signal;

use super::{
    error::{ClusterError, tells_disk_full},
    process::Programs,
};

/// The superuser of the private cluster, reachable only through its socket.
pub const SUPERUSER: &str = "carehub";

/// Text sorts by code point, the fastest order there is, and letters of every language know their upper case.
const LETTERS: &str = if cfg!(target_os = "macos") { "UTF-8" } else { "C.UTF-8" };

/// The cluster's folder below PostgreSQL's home.
pub fn cluster_folder(home: &Path) -> PathBuf {
    home.join("data")
}

/// The major version that made the cluster in `folder`; `None` where there is none yet.
pub fn version_of(folder: &Path) -> Result<Option<u32>, ClusterError> {
    match fs::read_to_string(folder.join("PG_VERSION")) {
        Ok(version) => match version.trim().parse() {
            Ok(major) => Ok(Some(major)),
            Err(_) => Err(ClusterError::NotACluster { folder: folder.to_owned() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::read_dir(folder) {
            Ok(mut entries) => match entries.next() {
                None => Ok(None),
                Some(_) => Err(ClusterError::NotACluster { folder: folder.to_owned() }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ClusterError::io("reading", folder)(error)),
        },
        Err(error) => Err(ClusterError::io("reading", folder)(error)),
    }
}

/// Makes the cluster below `home`. Call it from the thread that will own the server.
pub fn initialise(programs: &Programs, home: &Path) -> Result<(), ClusterError> {
    let cluster = cluster_folder(home);
    let draft = home.join("data.new");
    remove_draft(&draft)?;
    let output = programs
        .command("initdb", home, Signal::KILL)
        .args(["--pgdata", "data.new", "--username", SUPERUSER, "--auth", "trust"])
        .args(["--encoding", "UTF8", "--locale", "C", "--lc-ctype", LETTERS])
        .args(["--data-checksums", "--no-instructions"])
        .output()
        .map_err(ClusterError::io("starting", programs.binaries.folder.join("initdb")))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
        remove_draft(&draft)?;
        return Err(if tells_disk_full(&complaint) {
            ClusterError::DiskFull { folder: home.to_owned() }
        } else {
            ClusterError::InitialisationFailed { output: complaint }
        });
    }
    // Renaming onto an empty folder is allowed, onto one with anything in it is not.
    fs::rename(&draft, &cluster).map_err(ClusterError::io("naming", &cluster))?;
    let synced = fs::File::open(home).and_then(|folder| folder.sync_all());
    synced.map_err(ClusterError::io("syncing", home))
}

fn remove_draft(draft: &Path) -> Result<(), ClusterError> {
    // A killed run's last child may still be writing, for a moment.
    let mut attempts = 0;
    loop {
        match fs::remove_dir_all(draft) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(_) if attempts < 20 => thread::sleep(Duration::from_millis(50)),
            Err(error) => return Err(ClusterError::io("removing", draft)(error)),
        }
        attempts += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_told_from_nothing_and_from_something_else() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("data");
        assert_eq!(version_of(&folder).unwrap(), None, "missing");
        fs::create_dir(&folder).unwrap();
        assert_eq!(version_of(&folder).unwrap(), None, "empty");
        fs::write(folder.join("letter.txt"), "dear").unwrap();
        assert!(matches!(version_of(&folder), Err(ClusterError::NotACluster { .. })));
        fs::write(folder.join("PG_VERSION"), "15\n").unwrap();
        assert_eq!(version_of(&folder).unwrap(), Some(15));
    }
}
