//! The private cluster from the outside: start it, connect to it, stop it.
//!
//! One thread owns the server from its birth to its end, because a server that is tied to its parent's life is tied to
//! the thread that forked it. The same thread starts it again should it end unasked.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{
    account::{self, Account},
    database,
    error::ClusterError,
    find::{self, ServerBinaries},
    initialise, install,
    process::Programs,
    server::{Server, ServerPlace},
    socket,
};
use crate::{
    db::role,
    dev::folder::{DataFolder, FolderLock, LockError},
};

/// How often the owner looks whether the server still lives.
const WATCH: Duration = Duration::from_millis(250);
/// How long it waits before it starts a server that ended again.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// What a private cluster needs to know.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    pub folder: DataFolder,
    /// The folder of `postgres` and `initdb`, where the user chose one.
    pub programs: Option<PathBuf>,
    /// Whether a missing PostgreSQL may be fetched.
    pub may_install: bool,
    /// Where to say what takes long and what changes the machine.
    pub notice: fn(&str),
}

/// A running private cluster. It ends when this is dropped, and when the process ends, even by `kill -9`.
#[derive(Debug)]
pub struct Cluster {
    socket: PathBuf,
    stop: Option<mpsc::Sender<()>>,
    owner: Option<JoinHandle<()>>,
}

impl Cluster {
    /// Starts the cluster in the folder, making it first where there is none. It blocks; call it outside of any async
    /// runtime.
    pub fn start(options: &ClusterOptions) -> Result<Self, ClusterError> {
        let (started, has_started) = mpsc::sync_channel(1);
        let (stop, stopped) = mpsc::channel();
        let options = options.clone();
        let owner = thread::Builder::new()
            .name("postgres-owner".into())
            .spawn(move || match Owner::start(&options) {
                Ok(owner) => {
                    let _ = started.send(Ok(owner.place.socket.clone()));
                    owner.watch(&stopped);
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                }
            })
            .map_err(ClusterError::io("starting a thread for", "PostgreSQL"))?;
        let socket = has_started.recv().map_err(|_| ClusterError::OwnerEnded)??;
        Ok(Self { socket, stop: Some(stop), owner: Some(owner) })
    }

    /// The owner's connection string for a database of the cluster.
    pub fn url(&self, database: &str) -> String {
        database::url(&self.socket, database)
    }

    /// The owner's connection string for Carehub's own database: for migrations.
    pub fn carehub_url(&self) -> String {
        self.url(database::DATABASE)
    }

    /// The hub's own connection string, once migrations have made its role.
    pub fn service_url(&self) -> String {
        database::url_of(role::SERVICE, &self.socket, database::DATABASE)
    }

    /// Stops the cluster and waits until it has ended.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(owner) = self.owner.take() {
            let _ = owner.join();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the owning thread holds. Dropped in this order: the server ends before the folder is given back.
struct Owner {
    server: Server,
    programs: Programs,
    place: ServerPlace,
    notice: fn(&str),
    _lock: FolderLock,
}

impl Owner {
    fn start(options: &ClusterOptions) -> Result<Self, ClusterError> {
        let folder = &options.folder;
        folder.create().map_err(ClusterError::io("making", folder.path()))?;
        let lock = folder.lock().map_err(|error| match error {
            LockError::Held(pid) => ClusterError::FolderInUse { folder: folder.path().to_owned(), pid },
            LockError::Io(error) => ClusterError::io("locking", folder.path())(error),
        })?;
        let home = folder.postgres();
        let cluster = initialise::cluster_folder(&home);
        let made_by = initialise::version_of(&cluster)?;
        let binaries = binaries(options, made_by, &cluster)?;
        // Only now: installing PostgreSQL brings the user `postgres`.
        let account = account::server_account(&cluster)?;
        make_home(&home, &binaries, account.as_ref())?;
        let place =
            ServerPlace { socket: socket::make_folder(&home, account.as_ref())?, home, log: folder.postgres_log() };
        let programs = Programs { binaries, account };
        if made_by.is_none() {
            initialise::initialise(&programs, &place.home)?;
        }
        let server = Server::start(&programs, &place, options.notice)?;
        database::ensure(&place.socket)?;
        Ok(Self { server, programs, place, notice: options.notice, _lock: lock })
    }

    /// Keeps the server alive until it is told to stop.
    fn watch(mut self, stopped: &mpsc::Receiver<()>) {
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(WATCH) {
            let Some(status) = self.server.ended() else {
                continue;
            };
            tracing::error!(%status, last_words = self.server.last_words(), "PostgreSQL ended unasked; starting it again");
            match Server::start(&self.programs, &self.place, self.notice) {
                Ok(server) => self.server = server,
                Err(error) => {
                    tracing::error!(%error, "PostgreSQL did not come back; trying again");
                    thread::sleep(RESTART_AFTER);
                }
            }
        }
        self.server.stop();
    }
}

/// The programs to use: what is there, else what can be fetched.
fn binaries(options: &ClusterOptions, made_by: Option<u32>, cluster: &Path) -> Result<ServerBinaries, ClusterError> {
    let private = options.folder.private_programs();
    let look = || find::select(find::find_servers(options.programs.as_deref(), &private)?, made_by, cluster);
    if let Some(found) = look()? {
        return Ok(found);
    }
    if !options.may_install {
        return Err(install::not_installed("fetching it was not allowed"));
    }
    install::install(made_by, &private, options.notice)?;
    look()?.ok_or_else(|| install::not_installed("the package came without a server that carehub can use"))
}

/// Makes PostgreSQL's own folder, which nobody but its user may enter.
fn make_home(home: &Path, binaries: &ServerBinaries, account: Option<&Account>) -> Result<(), ClusterError> {
    if let Some(account) = account {
        account.must_reach(home)?;
        account.must_reach(&binaries.folder.join("postgres"))?;
    }
    fs::create_dir_all(home).map_err(ClusterError::io("making", home))?;
    let found = fs::metadata(home).map_err(ClusterError::io("looking at", home))?;
    if let Some(account) = account.filter(|account| account.uid != found.uid()) {
        chown(home, Some(account.uid), Some(account.gid)).map_err(ClusterError::io("handing over", home))?;
    }
    if found.mode() & 0o777 != 0o700 {
        fs::set_permissions(home, fs::Permissions::from_mode(0o700)).map_err(ClusterError::io("closing", home))?;
    }
    Ok(())
}
