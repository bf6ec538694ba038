//! C5: the master key is replaced while hubs run.

use super::{carehub, command, fresh_key, id};
use crate::support::{Database, Hub, Pair, eventually, hub::MASTER_KEY};
use carehub::{
    crypto::{MasterKey, WrappedKey},
    ids::DataKeyId,
    schema::data_keys,
};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::SecretString;
use serde_json::Value;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

fn write_keys(file: &Path, keys: &[&str]) {
    let draft = file.with_extension("new");
    fs::write(&draft, keys.join("\n")).unwrap();
    fs::set_permissions(&draft, Permissions::from_mode(0o600)).unwrap();
    fs::rename(&draft, file).unwrap();
}

async fn read(http: &reqwest::Client, hub: &str, pair: &Pair) -> bool {
    let url = format!("{hub}/api/v1/portal/messages/{}", pair.thread);
    let Ok(response) = http.get(url).bearer_auth(&pair.client.token).send().await else { return false };
    let page: Value = response.json().await.unwrap_or_default();
    page["entries"][0]["body"] == "said before" && page["thread"]["subject"] == "Load generation"
}

/// How many data keys are wrapped by this master key: by its id, and by trying it.
async fn wrapped_by(database: &Database, key: &str) -> (usize, usize) {
    use diesel::prelude::*;
    use diesel_async::RunQueryDsl;
    let master = MasterKey::parse(&SecretString::from(key)).unwrap();
    let rows: Vec<(DataKeyId, Vec<u8>, String)> = data_keys::table
        .select((data_keys::id, data_keys::wrapped, data_keys::master_key_id))
        .load(&mut database.connect().await)
        .await
        .unwrap();
    let named = rows.iter().filter(|(_, _, by)| by == master.id()).count();
    let opened = rows
        .into_iter()
        .filter(|(id, wrapped, _)| master.unwrap(&WrappedKey { id: *id, wrapped: wrapped.clone() }).is_ok());
    (named, opened.count())
}

#[actix_web::test]
async fn the_master_key_is_rotated_under_load_and_a_rotation_that_was_killed_goes_on_where_it_was() {
    const PAIRS: usize = 700;
    let database = Database::fresh().await;
    let pairs = Arc::new(database.pairs(PAIRS).await);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let (old, new) = (MASTER_KEY, fresh_key());
    write_keys(&file, &[old]);
    let from_file = [("CAREHUB_MASTER_KEY", ""), ("CAREHUB_MASTER_KEY_FILE", file.to_str().unwrap())];
    let hub = Hub::start_with(&database, &from_file).await;
    for pair in pairs.iter().step_by(20) {
        let mut client = crate::support::Client::synced(&hub, &pair.client).await;
        client.say_and_wait(&pair.thread, "said before").await;
    }
    let settings = [("CAREHUB_MASTER_KEY", new.as_str()), ("CAREHUB_MASTER_KEYS_OLD", old)];

    let (rotated, said) = carehub(&database, &["keys", "rotate"], &settings).await;
    assert!(!rotated && said.contains("do not hold the master key"), "a hub could not have read on: {said}");
    let (all, opened) = wrapped_by(&database, old).await;
    // Those of the clients, and the hub's own.
    assert!(all == opened && all >= PAIRS, "{all} {opened}");

    let (reads, failed, over) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let load: Vec<_> = (0..4)
        .map(|reader| {
            let (pairs, base, reads, failed, over) =
                (pairs.clone(), hub.url(""), reads.clone(), failed.clone(), over.clone());
            actix_web::rt::spawn(async move {
                let http = reqwest::Client::new();
                for pair in pairs.iter().step_by(20).cycle().skip(reader * 7) {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    reads.fetch_add(1, Ordering::Relaxed);
                    if !read(&http, &base, pair).await {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();

    write_keys(&file, &[&new, old]);
    let knows = format!("SELECT 1 FROM key_holders WHERE '{}' = ANY (master_key_ids)", id(&new));
    eventually("the hub to read its file again", Duration::from_secs(10), async || {
        (!database.query(&knows).await.is_empty()).then_some(())
    })
    .await;

    // Held up at the last key, killed there, and gone on from there.
    let (lock, connection) = tokio_postgres::connect(&database.url, tokio_postgres::NoTls).await.unwrap();
    actix_web::rt::spawn(connection);
    let last = "SELECT FROM data_keys WHERE id = (SELECT id FROM data_keys ORDER BY id DESC LIMIT 1) FOR UPDATE";
    lock.batch_execute(&format!("BEGIN; {last}")).await.unwrap();
    let mut child = command(&database, &["keys", "rotate"], &settings).spawn().unwrap();
    let half = eventually("the rotation to be in its middle", Duration::from_secs(20), async || {
        let (done, left) = (wrapped_by(&database, &new).await.0, wrapped_by(&database, old).await.0);
        (done > 0 && left > 0).then_some(done)
    })
    .await;
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    lock.batch_execute("COMMIT").await.unwrap();
    assert!(half < all, "{half}");
    let (done, left) = (wrapped_by(&database, &new).await, wrapped_by(&database, old).await);
    assert_eq!(done.0 + left.0, all);
    assert_eq!((done.0, left.0), (done.1, left.1), "every key is whole");

    let (rotated, said) = carehub(&database, &["keys", "rotate"], &settings).await;
    assert!(rotated && said.contains(&format!("{} data keys were wrapped anew", left.0)), "{said}");
    assert_eq!((wrapped_by(&database, old).await, wrapped_by(&database, &new).await), ((0, 0), (all, all)));
    let (state, audited) = (
        "SELECT md5(string_agg(d::text, '' ORDER BY id)) FROM data_keys d",
        "SELECT count(*) FROM audit_events WHERE action = 'dataKeys.rewrapped'",
    );
    let before = (database.query(state).await, database.query(audited).await);
    let (rotated, said) = carehub(&database, &["keys", "rotate"], &settings).await;
    assert!(rotated && said.contains("All data keys are wrapped"), "{said}");
    assert_eq!((database.query(state).await, database.query(audited).await), before, "a second run does nothing");

    tokio::time::sleep(Duration::from_millis(500)).await;
    over.store(true, Ordering::Relaxed);
    for task in load {
        task.await.unwrap();
    }
    let (reads, failed) = (reads.load(Ordering::Relaxed), failed.load(Ordering::Relaxed));
    println!("{reads} reads, {failed} failed");
    assert!(reads > 100, "only {reads} reads");
    assert_eq!(failed, 0);

    // The old key is needed no more, for anything.
    drop(hub);
    write_keys(&file, &[&new]);
    let hub = Hub::start_with(&database, &from_file).await;
    let page = format!("SELECT count(*) FROM entries WHERE thread_id = '{}'", pairs[0].thread);
    assert_eq!(database.query(&page).await, ["1"]);
    let opened = keyring_reads(&database, &new, &pairs[0]).await;
    assert_eq!(opened, "Load generation");
    drop(hub);
}

/// The subject, opened with this master key alone.
async fn keyring_reads(database: &Database, key: &str, pair: &Pair) -> String {
    use carehub::{
        crypto::{Keyring, Place},
        schema::threads,
    };
    use diesel::prelude::*;
    use diesel_async::RunQueryDsl;
    let (key_id, sealed, wrapped): (DataKeyId, Vec<u8>, Vec<u8>) = threads::table
        .inner_join(data_keys::table)
        .filter(threads::id.eq(pair.thread.parse::<carehub::ids::ThreadId>().unwrap()))
        .select((data_keys::id, threads::subject_sealed, data_keys::wrapped))
        .first(&mut database.connect().await)
        .await
        .unwrap();
    let keyring = Keyring::new(MasterKey::parse(&SecretString::from(key)).unwrap());
    let key = keyring.unwrap(&WrappedKey { id: key_id, wrapped }).unwrap();
    key.open(Place::Subject { thread: pair.thread.parse().unwrap() }, &sealed).unwrap()
}
