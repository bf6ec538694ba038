//! The data folder: where it is, what lies where in it, and the lock that lets one Carehub at a time use it.
//!
//! It creates folders and its own lock file and never removes anything.

use std::{
    ffi::OsString,
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// The data folder of one demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFolder {
    path: PathBuf,
}

/// Proof that no other Carehub uses the folder. The kernel gives it back when the process ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    file: File,
}

impl Drop for FolderLock {
    /// By hand, because a child that is just being started has a copy of the file, which would keep the lock.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Why the folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("in use by process {0}")]
    Held(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// No folder was named and none can be derived.
#[derive(Debug, thiserror::Error)]
#[error("no folder for the data: neither XDG_STATE_HOME nor HOME is set. Set CAREHUB_DATA_DIR to a folder of your own")]
pub struct NoDataFolder;

impl DataFolder {
    /// The folder at `path`, made absolute.
    pub fn at(path: &Path) -> io::Result<Self> {
        Ok(Self { path: std::path::absolute(path)? })
    }

    /// Where the data goes when nobody said: `/var/lib/carehub` for root, the user's state folder else.
    pub fn default_path() -> Result<PathBuf, NoDataFolder> {
        default_path(rustix::process::geteuid().is_root(), |name| std::env::var_os(name))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that belongs to PostgreSQL's user and holds the cluster.
    pub fn postgres(&self) -> PathBuf {
        self.path.join("postgres")
    }

    /// PostgreSQL's log. It lies outside of PostgreSQL's folder, because root may be the one who writes it.
    pub fn postgres_log(&self) -> PathBuf {
        self.path.join("postgres.log")
    }

    /// Server programs that were fetched for this folder alone.
    pub fn private_programs(&self) -> PathBuf {
        self.path.join("postgresql")
    }

    /// What a running demo says about itself.
    pub fn running(&self) -> PathBuf {
        self.path.join("running.json")
    }

    /// The demo's master key.
    pub fn master_key(&self) -> PathBuf {
        self.path.join("master.key")
    }

    /// The audit log's checkpoints, outside of the database.
    pub fn audit_checkpoints(&self) -> PathBuf {
        self.path.join("audit")
    }

    fn lock_file(&self) -> PathBuf {
        self.path.join("carehub.lock")
    }

    /// Makes the folder where it is missing. Root's folder lets PostgreSQL's user pass through, and nobody list it.
    pub fn create(&self) -> io::Result<()> {
        let mode = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
        if let Some(parent) = self.path.parent() {
            fs::create_dir_all(parent)?;
        }
        match fs::DirBuilder::new().mode(mode).create(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.path.is_dir() => Ok(()),
            made => made,
        }
    }

    /// Takes the folder for this process.
    pub fn lock(&self) -> Result<FolderLock, LockError> {
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(self.lock_file())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held(read_holder(&mut file))),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        file.set_len(0)?;
        file.rewind()?;
        write!(file, "{}", std::process::id())?;
        Ok(FolderLock { file })
    }

    /// The process that uses the folder now, if any. It asks the lock, so that a file left by a dead process is not
    /// believed.
    pub fn holder(&self) -> io::Result<Option<String>> {
        let mut file = match File::open(self.lock_file()) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(read_holder(&mut file))),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn read_holder(file: &mut File) -> String {
    let mut holder = String::new();
    match file.take(20).read_to_string(&mut holder) {
        Ok(_) if !holder.is_empty() => holder,
        _ => "unknown".to_owned(),
    }
}

fn default_path(root: bool, variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, NoDataFolder> {
    if root {
        return Ok(PathBuf::from("/var/lib/carehub"));
    }
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_STATE_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".local/state")))
        .map(|state| state.join("carehub"))
        .ok_or(NoDataFolder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_folder_follows_the_user() {
        let both = |name: &str| match name {
            "XDG_STATE_HOME" => Some("/state".into()),
            "HOME" => Some("/home/ann".into()),
            _ => None,
        };
        let home_only = |name: &str| both(name).filter(|_| name == "HOME");
        let relative = |name: &str| (name == "XDG_STATE_HOME").then(|| "state".into());
        assert_eq!(default_path(true, both).unwrap(), Path::new("/var/lib/carehub"));
        assert_eq!(default_path(false, both).unwrap(), Path::new("/state/carehub"));
        assert_eq!(default_path(false, home_only).unwrap(), Path::new("/home/ann/.local/state/carehub"));
        assert!(default_path(false, relative).is_err());
    }

    #[test]
    fn the_folder_is_held_by_one_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::at(&place.path().join("data")).unwrap();
        folder.create().unwrap();
        folder.create().unwrap();
        assert_eq!(folder.holder().unwrap(), None);

        let lock = folder.lock().unwrap();
        let me = std::process::id().to_string();
        assert_eq!(folder.holder().unwrap(), Some(me.clone()));
        assert!(matches!(folder.lock(), Err(LockError::Held(pid)) if pid == me));

        drop(lock);
        assert_eq!(folder.holder().unwrap(), None, "what a dead holder wrote is not believed");
        folder.lock().unwrap();
    }
}
