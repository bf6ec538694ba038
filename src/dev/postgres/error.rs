//! Everything that can keep the private cluster from starting, said so that the reader knows what to do next.

use std::{io, path::PathBuf};

/// Why the private cluster did not start. Each message names the way out.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error(
        "another carehub (process {pid}) is using {folder}; stop it first, or set CAREHUB_DATA_DIR to another folder"
    )]
    FolderInUse { folder: PathBuf, pid: String },

    #[error(
        "PostgreSQL runs as the user `{account}`, who may not enter {blocked_by}; set CAREHUB_DATA_DIR to a folder outside \
         of it, such as /var/lib/carehub (wanted: {path})"
    )]
    Unreachable { path: PathBuf, blocked_by: PathBuf, account: String },

    #[error(
        "{folder} belongs to the user with the id {owner}; run carehub as that user, or set CAREHUB_DATA_DIR to a folder \
         of your own"
    )]
    ForeignOwner { folder: PathBuf, owner: u32 },

    #[error(
        "{folder} is not empty and holds no PostgreSQL cluster; it was left alone. Move it away, or set CAREHUB_DATA_DIR \
         to another folder"
    )]
    NotACluster { folder: PathBuf },

    #[error(
        "running as root, and PostgreSQL refuses to; there is neither a user `postgres` nor `nobody` to run it as. \
         Create one (useradd --system postgres), or run carehub as an ordinary user"
    )]
    NoAccount,

    #[error(
        "{folder} holds no PostgreSQL server (wanted: the programs `postgres` and `initdb`); correct CAREHUB_PG_BIN"
    )]
    ChosenFolderEmpty { folder: PathBuf },

    #[error(
        "the data in {folder} was made by PostgreSQL {needed}, and only these versions are here: {found}. Install \
         PostgreSQL {needed} (Debian, Ubuntu: apt-get install postgresql-{needed}), or set CAREHUB_PG_BIN to the folder \
         of its programs"
    )]
    VersionMissing { folder: PathBuf, needed: u32, found: String },

    #[error("PostgreSQL is not installed and could not be fetched: {reason}\n{advice}")]
    NotInstalled { reason: String, advice: String },

    #[error("the disk of {folder} is full. Nothing was lost: free some space and start again")]
    DiskFull { folder: PathBuf },

    #[error("initdb could not make the cluster: {output}")]
    InitialisationFailed { output: String },

    #[error(
        "another PostgreSQL (process {pid}) runs on {folder}; when it is not one of yours on purpose, end it with \
         `kill -INT {pid}` and start again"
    )]
    StillRunning { folder: PathBuf, pid: u32 },

    #[error("PostgreSQL ended instead of starting; its last words:\n{output}\n(all of them: {log})")]
    Ended { output: String, log: PathBuf },

    #[error("PostgreSQL was not ready after {seconds} seconds; see {log}")]
    NotReady { seconds: u64, log: PathBuf },

    #[error("the private PostgreSQL refused its own database: {0}")]
    Database(#[from] tokio_postgres::Error),

    #[error("{doing} {path} is not permitted here; set CAREHUB_DATA_DIR to a folder of your own")]
    Denied { doing: &'static str, path: PathBuf },

    #[error("{doing} {path}: {source}")]
    Io { doing: &'static str, path: PathBuf, source: io::Error },

    #[error("the thread that owns PostgreSQL ended early; this is a defect in carehub")]
    OwnerEnded,
}

impl ClusterError {
    /// An I/O error with what was being done; a full disk and a folder of somebody else's get messages of their own.
    pub fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { folder: path },
            io::ErrorKind::PermissionDenied => Self::Denied { doing, path },
            _ => Self::Io { doing, path, source },
        }
    }
}

/// Whether what PostgreSQL's programs printed (in the C locale) says that the disk is full.
pub fn tells_disk_full(output: &str) -> bool {
    ["No space left on device", "Disk quota exceeded", "Check free disk space"].iter().any(|sign| output.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_as_one() {
        let full = ClusterError::io("writing", "/data")(io::ErrorKind::StorageFull.into());
        assert!(matches!(full, ClusterError::DiskFull { .. }));
        let other = ClusterError::io("writing", "/data")(io::ErrorKind::NotFound.into());
        assert!(matches!(other, ClusterError::Io { .. }));
        assert!(tells_disk_full(r#"FATAL:  could not write lock file "postmaster.pid": No space left on device"#));
    }
}
