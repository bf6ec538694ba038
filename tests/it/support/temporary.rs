//! Folders that go away with the test, and with the next run where the test was killed: whoever holds one has locked a
//! file in it, and a lock ends with its process. They are in memory where there is much of it: no test asks whether a
//! disk keeps what it was given, and hundreds of databases that a slow disk makes durable hold everything up.

use rustix::fs::{FlockOperation, flock};
use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Once,
    time::Duration,
};

const PREFIX: &str = "carehub-it-";
const LOCK: &str = "in-use";
/// Files that are in memory alone.
const MEMORY: &str = "/dev/shm";
/// With less room there the disk is taken.
const ROOM: u64 = 4 << 30;
/// One that is younger may be about to be locked.
const YOUNG: Duration = Duration::from_secs(60);

/// A folder of a test's own. PostgreSQL's user may reach what it is given in there.
pub struct Folder {
    folder: tempfile::TempDir,
    _held: File,
}

impl Folder {
    /// A new one; the first sweeps what killed runs left behind.
    pub fn new() -> Self {
        static SWEPT: Once = Once::new();
        // Gigabytes, sometimes: nobody waits for that.
        let parents = || [std::env::temp_dir(), MEMORY.into()];
        SWEPT.call_once(|| drop(std::thread::spawn(move || parents().iter().for_each(|parent| sweep(parent, YOUNG)))));
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent()).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let held = File::create(folder.path().join(LOCK)).unwrap();
        flock(&held, FlockOperation::NonBlockingLockExclusive).unwrap();
        Self { folder, _held: held }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn is_in_memory(&self) -> bool {
        self.folder.path().starts_with(MEMORY)
    }

    /// Removes it when this process ends, however it ends: a static is not dropped, and memory is not to be held until the
    /// next run.
    pub fn removed_at_the_end(&self) {
        let script = "trap '' INT TERM; cat; while [ -e \"$0\" ]; do rm -rf \"$0\"; sleep 0.2; done";
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(self.path()).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // What it reads is a pipe that nobody writes to, and that ends with this process.
        std::mem::forget(shell.spawn().unwrap());
    }
}

fn parent() -> PathBuf {
    let roomy = rustix::fs::statvfs(MEMORY).is_ok_and(|there| there.f_bavail * there.f_frsize >= ROOM);
    if roomy { MEMORY.into() } else { std::env::temp_dir() }
}

/// Removes folders of this kind that nobody holds and no server works in. Whatever cannot be removed now is left to the
/// next run.
fn sweep(parent: &Path, young: Duration) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let is_ours = path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(PREFIX));
        let age = fs::metadata(&path).and_then(|found| found.modified()).ok().and_then(|at| at.elapsed().ok());
        if is_ours && age.is_some_and(|age| age >= young) && !is_held(&path) && !has_server(&path) {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

fn is_held(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_err())
}

/// A server ends with its test, but not in the same moment.
fn has_server(folder: &Path) -> bool {
    let file = fs::read_to_string(folder.join("data/postgres/data/postmaster.pid"));
    let pid = file.ok().and_then(|text| text.lines().next().map(str::to_owned));
    pid.is_some_and(|pid| Path::new("/proc").join(pid).exists())
}

#[test]
fn what_a_killed_run_left_is_swept_and_what_somebody_uses_stays() {
    let parent = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let folder = parent.path().join(name);
        fs::create_dir_all(folder.join("data/postgres/data")).unwrap();
        File::create(folder.join(LOCK)).unwrap()
    };
    let (_dead, used, _foreign) = (make("carehub-it-dead"), make("carehub-it-used"), make("somebody-elses"));
    flock(&used, FlockOperation::NonBlockingLockExclusive).unwrap();
    make("carehub-it-serving");
    let server = parent.path().join("carehub-it-serving/data/postgres/data/postmaster.pid");
    fs::write(server, format!("{}\n", std::process::id())).unwrap();
    let left = || {
        let mut names: Vec<_> = fs::read_dir(parent.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    sweep(parent.path(), YOUNG);
    assert_eq!(left().len(), 4, "they are young");
    sweep(parent.path(), Duration::ZERO);
    assert_eq!(left(), ["carehub-it-serving", "carehub-it-used", "somebody-elses"]);
    drop(used);
    sweep(parent.path(), Duration::ZERO);
    assert_eq!(left(), ["carehub-it-serving", "somebody-elses"]);
}
