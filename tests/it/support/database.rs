//! A database of its own for each test, copied from one that was migrated once.

use crate::dev::{Place, query};
use carehub::dev::postgres::Cluster;
use secrecy::SecretString;
use std::sync::{
    LazyLock, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

struct Shared {
    cluster: Cluster,
    _place: Place,
}

/// Ends with the process, and its folder is swept by the next run: statics are not dropped.
static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let place = Place::new();
    let cluster = place.start().expect("PostgreSQL for the tests");
    let shared = Shared { cluster, _place: place };
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
}

impl Database {
    /// In the cluster that all tests share.
    pub async fn fresh() -> Self {
        tokio::task::spawn_blocking(|| {
            let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
            let _one = COPYING.lock().unwrap_or_else(PoisonError::into_inner);
            let create = format!("CREATE DATABASE {name} TEMPLATE carehub");
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(query(&SHARED.cluster.url("postgres"), &create)).unwrap();
            Self { url: SHARED.cluster.url(&name) }
        })
        .await
        .unwrap()
    }

    /// An empty one beside it.
    pub async fn empty() -> Self {
        tokio::task::spawn_blocking(|| {
            let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
            let create = format!("CREATE DATABASE {name} TEMPLATE template0 OWNER carehub");
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(query(&SHARED.cluster.url("postgres"), &create)).unwrap();
            Self { url: SHARED.cluster.url(&name) }
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
            Self { place, cluster: Some(cluster), database: Database { url } }
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
