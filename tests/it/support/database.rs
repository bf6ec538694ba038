//! A database of its own for each test, copied from one that was migrated once.

use crate::dev::{Place, query};
use carehub::dev::postgres::Cluster;
use secrecy::SecretString;
use std::sync::{
    Arc, LazyLock, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

struct Shared {
    cluster: Cluster,
    is_in_memory: bool,
    _place: Place,
}

/// Ends with the process, and so does its folder: statics are not dropped.
static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let place = Place::new();
    place.folder.removed_at_the_end();
    let cluster = place.start().expect("PostgreSQL for the tests");
    let shared = Shared { cluster, is_in_memory: place.folder.is_in_memory(), _place: place };
    carehub::db::migrate(&SecretString::from(shared.cluster.url("carehub"))).expect("migrations");
    shared
});

/// PostgreSQL copies a template for one at a time.
static COPYING: Mutex<()> = Mutex::new(());
static NEXT: AtomicU32 = AtomicU32::new(1);

/// A fresh, migrated database.
#[derive(Clone)]
pub struct Database {
    /// Its owner's, who may do everything: for what a test does behind the hub's back.
    pub url: String,
    _copy: Option<Arc<Copy>>,
}

/// A database that its last user drops: on a machine whose memory holds them there is no room for all of them. On a disk
/// they stay until the end, for dropping one there makes every file of all others durable first.
struct Copy {
    name: String,
}

impl Drop for Copy {
    fn drop(&mut self) {
        if SHARED.is_in_memory {
            let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
            // Nobody waits for it, and the test's runtime may be on its way out already.
            std::thread::spawn(move || drop(command(&statement)));
        }
    }
}

/// Says something to the server that all tests share.
fn command(statement: &str) -> Result<Vec<String>, tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(query(&SHARED.cluster.url("postgres"), statement))
}

impl Database {
    /// Somebody else's, who keeps it.
    pub fn at(url: String) -> Self {
        Self { url, _copy: None }
    }

    /// The same, reached another way.
    pub fn reached_by(&self, url: String) -> Self {
        Self { url, ..self.clone() }
    }

    /// In the cluster that all tests share.
    pub async fn fresh() -> Self {
        tokio::task::spawn_blocking(|| {
            let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
            let _one = COPYING.lock().unwrap_or_else(PoisonError::into_inner);
            // What is quicker depends on what a checkpoint costs there.
            let how = if SHARED.is_in_memory { "file_copy" } else { "wal_log" };
            command(&format!("CREATE DATABASE {name} TEMPLATE carehub STRATEGY {how}")).unwrap();
            Self { url: SHARED.cluster.url(&name), _copy: Some(Arc::new(Copy { name })) }
        })
        .await
        .unwrap()
    }

    /// An empty one beside it.
    pub async fn empty() -> Self {
        tokio::task::spawn_blocking(|| {
            let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
            command(&format!("CREATE DATABASE {name} TEMPLATE template0 OWNER carehub")).unwrap();
            Self { url: SHARED.cluster.url(&name), _copy: Some(Arc::new(Copy { name })) }
        })
        .await
        .unwrap()
    }

    /// The hub's own connection string, with the hub's own rights.
    pub fn service_url(&self) -> String {
        self.url.replace("user=carehub ", "user=carehub_service ")
    }

    /// Runs statements; the first column of the last one's rows.
    pub async fn query(&self, statements: &str) -> Vec<String> {
        query(&self.url, statements).await.unwrap()
    }

    /// A connection for the crate's own functions.
    pub async fn connect(&self) -> diesel_async::AsyncPgConnection {
        carehub::db::connect(&SecretString::from(self.url.clone())).await.unwrap()
    }
}

/// A cluster of the test's own, to be killed, frozen and filled.
pub struct OwnCluster {
    pub place: Place,
    pub cluster: Option<Cluster>,
    pub database: Database,
}

impl OwnCluster {
    /// Started and migrated.
    pub async fn start() -> Self {
        tokio::task::spawn_blocking(|| {
            let place = Place::new();
            let cluster = place.start().expect("PostgreSQL of its own");
            let url = cluster.url("carehub");
            carehub::db::migrate(&SecretString::from(url.clone())).expect("migrations");
            Self { place, cluster: Some(cluster), database: Database::at(url) }
        })
        .await
        .unwrap()
    }

    /// Stops it in order, and starts it again with what was set meanwhile.
    pub async fn restart(&mut self) {
        let (place, old) = (self.place.data(), self.cluster.take());
        let started = tokio::task::spawn_blocking(move || {
            drop(old);
            let programs = std::env::var_os("CAREHUB_PG_BIN").map(Into::into);
            let options =
                carehub::dev::postgres::ClusterOptions { folder: place, programs, may_install: false, notice: |_| {} };
            Cluster::start(&options).expect("PostgreSQL of its own, again")
        });
        self.cluster = Some(started.await.unwrap());
    }

    /// Sends a signal to the postmaster (and only to it).
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.place.server_pid()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }
}
