//! The private cluster keeps what was committed, whatever happens to its processes and files.

use std::{
    fs,
    time::{Duration, Instant},
};

use carehub::dev::postgres::ClusterError;
use rustix::process::{Pid, Signal, kill_process};

use super::{Place, query};

fn kill(pid: i32) {
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}

#[tokio::test]
async fn a_fresh_folder_gets_a_durable_cluster_without_a_port_that_keeps_its_data() {
    let place = Place::new();
    let cluster = place.start().unwrap();
    let url = cluster.carehub_url();
    let settings = "SELECT current_setting(name) FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit',
        'data_checksums', 'listen_addresses', 'server_encoding']) WITH ORDINALITY AS s(name, n) ORDER BY n";
    assert_eq!(query(&url, settings).await.unwrap(), ["on", "on", "on", "on", "", "UTF8"]);
    assert_eq!(query(&url, "SELECT upper('ärger')").await.unwrap(), ["ÄRGER"], "letters of every language");
    query(&url, "CREATE TABLE kept AS SELECT 42 AS n").await.unwrap();
    cluster.stop();
    assert!(query(&url, "SELECT 1").await.is_err(), "stopped");

    let started = Instant::now();
    let cluster = place.start().unwrap();
    assert!(started.elapsed() < Duration::from_secs(3), "took {:?}", started.elapsed());
    assert_eq!(query(&cluster.carehub_url(), "SELECT n FROM kept").await.unwrap(), ["42"]);
}

#[tokio::test]
async fn a_server_that_was_killed_comes_back_with_everything_committed() {
    let place = Place::new();
    let cluster = place.start().unwrap();
    let url = cluster.carehub_url();
    query(&url, "CREATE TABLE kept AS SELECT 42 AS n").await.unwrap();

    let killed = place.server_pid();
    kill(killed);
    let patience = Instant::now() + Duration::from_secs(20);
    let kept = loop {
        match query(&url, "SELECT n FROM kept").await {
            Ok(kept) if place.server_pid() != killed => break kept,
            _ if Instant::now() > patience => panic!("the server did not come back"),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    assert_eq!(kept, ["42"]);
}

#[test]
fn one_folder_serves_one_owner_at_a_time() {
    let place = Place::new();
    let first = place.start().unwrap();
    let second = place.start().unwrap_err();
    assert!(matches!(&second, ClusterError::FolderInUse { pid, .. } if *pid == std::process::id().to_string()));
    drop(first);
    place.start().unwrap();
}

#[tokio::test]
async fn a_cluster_that_was_left_half_made_is_made_again() {
    let place = Place::new();
    place.data().create().unwrap();
    let draft = place.data().postgres().join("data.new");
    fs::create_dir_all(&draft).unwrap();
    fs::write(draft.join("PG_VERSION"), "15\n").unwrap();

    let cluster = place.start().unwrap();
    assert_eq!(query(&cluster.carehub_url(), "SELECT 1").await.unwrap(), ["1"]);
    assert!(!draft.exists());
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let place = Place::new();
    let cluster = place.data().postgres().join("data");
    fs::create_dir_all(&cluster).unwrap();
    fs::write(cluster.join("letter.txt"), "dear").unwrap();
    assert!(matches!(place.start(), Err(ClusterError::NotACluster { .. })));
    assert_eq!(fs::read_to_string(cluster.join("letter.txt")).unwrap(), "dear");
}

#[test]
fn data_of_another_version_names_the_version_to_install() {
    let place = Place::new();
    let cluster = place.data().postgres().join("data");
    fs::create_dir_all(&cluster).unwrap();
    fs::write(cluster.join("PG_VERSION"), "9\n").unwrap();
    let error = place.start().unwrap_err();
    assert!(matches!(error, ClusterError::VersionMissing { needed: 9, .. }), "{error}");
}

#[test]
fn a_lock_file_from_before_a_restart_of_the_machine_is_no_obstacle() {
    let place = Place::new();
    place.start().unwrap().stop();
    // Its number belongs to somebody else now: to this test.
    let file = place.data().postgres().join("data/postmaster.pid");
    let stale = format!("{}\n/data\n1700000000\n5432\n/socket\n\n  1 1\nready   \n", std::process::id());
    fs::write(&file, stale).unwrap();
    place.start().unwrap();
}
