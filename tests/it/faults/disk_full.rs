//! The database's disk is full, again and again.

use super::{
    alone,
    storm::{Size, Storm, seed},
};
use crate::{
    dev::Place,
    support::{Client, Database, Hub, database::OwnCluster, eventually},
};
use serde_json::json;
use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// A small disk of its own, as long as this lives.
pub(super) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where mounting is not allowed.
    pub(super) fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=160m,mode=0711", "tmpfs"]).arg(&at).output();
        mounted.is_ok_and(|mount| mount.status.success()).then_some(Self(at))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn fill(&self) {
        let mut ballast = fs::File::create(self.0.join("ballast")).unwrap();
        for block in [65_536, 4_096, 512] {
            let zeros = vec![0; block];
            let full = loop {
                if let Err(error) = ballast.write_all(&zeros) {
                    break error;
                }
            };
            assert_eq!(full.kind(), ErrorKind::StorageFull, "{full}");
        }
    }

    pub(super) fn free(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

pub(super) fn free_bytes(path: &Path) -> u64 {
    let stat = rustix::fs::statvfs(path).unwrap();
    stat.f_bavail * stat.f_frsize
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_acknowledgements_and_nothing_else_and_loses_nothing() {
    let _alone = alone().await;
    let place = Place::new();
    let Some(disk) = SmallDisk::mount(place.path().join("data")) else {
        println!("skipped: mounting a small disk needs root");
        return;
    };
    let seed = seed();
    let own = tokio::task::spawn_blocking(move || {
        let cluster = place.start().expect("PostgreSQL on a small disk");
        let url = cluster.url("carehub");
        carehub::db::migrate(&secrecy::SecretString::from(url.clone())).expect("migrations");
        OwnCluster { place, cluster: Some(cluster), database: Database::at(url) }
    });
    let own = own.await.unwrap();
    let pair = own.database.pair().await;
    let hub = Hub::start(&own.database).await;
    let mut reader = Client::synced(&hub, &pair.client).await;
    reader.say_and_wait(&pair.thread, "to be read").await;
    let storm = Storm::start(hub.address, &own.database, Size::default(), seed).await;
    storm.acked(200, Duration::from_secs(20)).await;
    let (mut slowest, mut reads) = (Duration::ZERO, 0);
    for _ in 0..3 {
        disk.fill();
        // Some commits still find room in files that are there already: how many seconds, depends on the machine.
        let mut acked = storm.weather.acked();
        let quiet = async || {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let before = std::mem::replace(&mut acked, storm.weather.acked());
            (acked == before).then_some(())
        };
        eventually("a second without an acknowledgement", Duration::from_secs(30), quiet).await;
        reader.send(json!({"type": "fetch", "thread": pair.thread})).await;
        let frame = reader.expect_where("page", |_| true).await;
        reads += frame["entries"].as_array().unwrap().len();
        println!("{} bytes free, {acked} acknowledged", free_bytes(&disk.0));
        disk.free();
        let freed = Instant::now();
        storm.acked(1, Duration::from_secs(10)).await;
        slowest = slowest.max(freed.elapsed());
        storm.acked(100, Duration::from_secs(10)).await;
    }
    let weather = storm.weather.clone();
    storm.must_have_kept_every_promise(&own.database, Duration::from_secs(10)).await;
    println!("slowest first acknowledgement {slowest:?} after there was room again");
    assert_eq!(reads, 3, "reading goes on");
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
    assert_eq!(weather.broken(), 0, "{:?}", weather.breaks.lock().unwrap());
}
