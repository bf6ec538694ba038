//! Somebody who may do everything in the database tampers with the log, and is found out.

use crate::support::{Database, people::master_key};
use carehub::{
    audit::{
        Actor, Event,
        chain::{
            block::Block,
            checkpoint::{self, Checkpoint, Folder},
            seal::seal,
            signer::{self, Signer, Trusted},
            verify::{Report, verify},
        },
        record,
    },
    crypto::{Keyring, MasterKey},
    db, epoch,
    ids::UserId,
};
use diesel_async::AsyncPgConnection;
use secrecy::SecretString;
use std::{collections::HashSet, time::Instant};
use uuid::Uuid;

const MOST: i64 = 20_000;

/// A log with a sealer of its own.
struct Log {
    database: Database,
    conn: AsyncPgConnection,
    keyring: Keyring,
    signer: Signer,
    epoch: Uuid,
    outside: tempfile::TempDir,
}

impl Log {
    async fn new() -> Self {
        let database = Database::fresh().await;
        let mut conn = service(&database).await;
        let keyring = Keyring::new(master_key());
        let signer = signer::find_or_make(&mut conn, &keyring).await.unwrap();
        let epoch = epoch::read_or_renew(&mut conn).await.unwrap();
        Self { database, conn, keyring, signer, epoch, outside: tempfile::tempdir().unwrap() }
    }

    async fn write(&mut self, count: usize) {
        for _ in 0..count {
            let actor = Actor { user: Some(UserId::new()), role: Some("clinician"), ..Actor::default() };
            record(&mut self.conn, Event::new(&actor, "thread.viewed").on("thread", Uuid::now_v7())).await.unwrap();
        }
    }

    async fn say(&self, thread: Uuid, seq: i64) {
        self.database
            .query(&format!(
                "INSERT INTO entries (thread_id, seq, id, sender_id, kind, priority, sealed, at) VALUES ('{thread}', {seq},
                gen_random_uuid(), gen_random_uuid(), 'message', 'normal', '\\x0102', now())"
            ))
            .await;
    }

    /// Seals everything, with a checkpoint. Other tests' transactions on the same server may have to end first.
    async fn seal(&mut self) -> Block {
        let over =
            "SELECT 1 FROM store_identity WHERE pg_snapshot_xmin(pg_current_snapshot())::text::bigint + tick_offset
            > GREATEST((SELECT max(tick) FROM audit_events), (SELECT max(tick) FROM entries))";
        let patience = std::time::Duration::from_secs(20);
        let over = async || self.database.query(over).await.pop();
        crate::support::eventually("older transactions to end", patience, over).await;
        let block = seal(&mut self.conn, &self.signer, self.epoch, MOST).await.unwrap().expect("something to seal");
        Folder::open(self.outside.path()).unwrap().append(&Checkpoint::of(&block, &self.signer)).unwrap();
        block
    }

    async fn verify(&self) -> Report {
        let (checkpoints, unreadable) = checkpoint::read(self.outside.path()).unwrap();
        assert_eq!(unreadable, Vec::<String>::new());
        let mut conn = service(&self.database).await;
        let trusted = Trusted::ours(&mut conn, &self.keyring).await.unwrap();
        verify(&mut conn, &trusted, checkpoints).await.unwrap()
    }

    async fn fault(&self) -> String {
        self.verify().await.fault.map(|fault| fault.to_string()).unwrap_or_default()
    }

    /// Keeps everything as it is, for [`Log::restore`].
    async fn keep(&self) {
        self.database
            .query(
                "CREATE SCHEMA kept; CREATE TABLE kept.e AS TABLE audit_events; CREATE TABLE kept.n AS TABLE entries;
                CREATE TABLE kept.b AS TABLE audit_blocks",
            )
            .await;
    }

    async fn restore(&self) {
        self.database
            .query(
                "TRUNCATE audit_events, entries, audit_blocks; INSERT INTO audit_events SELECT * FROM kept.e;
                INSERT INTO entries SELECT * FROM kept.n; INSERT INTO audit_blocks SELECT * FROM kept.b",
            )
            .await;
        assert_eq!(self.fault().await, "");
    }
}

async fn service(database: &Database) -> AsyncPgConnection {
    db::connect(&SecretString::from(database.service_url())).await.unwrap()
}

/// Three blocks over twelve events and three entries; the thread of the entries.
async fn whole() -> (Log, Uuid, Vec<String>) {
    let mut log = Log::new().await;
    let thread = Uuid::now_v7();
    for seq in 1..=3 {
        log.write(4).await;
        log.say(thread, seq).await;
        log.seal().await;
    }
    let ids = log.database.query("SELECT id FROM audit_events ORDER BY tick, id").await;
    let report = log.verify().await;
    assert_eq!((report.blocks, report.events, report.entries, report.checkpoints), (3, 12, 3, 3));
    assert_eq!(report.fault, None);
    (log, thread, ids)
}

#[tokio::test]
async fn verify_names_the_first_row_that_was_changed_removed_swapped_or_slipped_in() {
    let (log, thread, ids) = whole().await;
    log.keep().await;
    let (five, six, seven) = (&ids[5], &ids[6], &ids[7]);
    let attacks = [
        (format!("UPDATE audit_events SET user_agent = 'x' WHERE id = '{five}'"), format!("audit event {five}"), "changed"),
        (
            format!("UPDATE audit_events SET at = at - interval '1 microsecond' WHERE id = '{five}'"),
            format!("audit event {five}"),
            "changed",
        ),
        (format!("DELETE FROM audit_events WHERE id = '{five}'"), format!("1 audit event(s) before audit event {six}"), "removed"),
        (
            format!("DELETE FROM audit_events WHERE id IN ('{five}', '{six}')"),
            format!("2 audit event(s) before audit event {seven}"),
            "removed",
        ),
        (
            format!("DELETE FROM audit_events WHERE id IN ('{}', '{}')", ids[10], ids[11]),
            "2 audit event(s) at the end".to_owned(),
            "removed",
        ),
        (
            format!(
                "UPDATE audit_events a SET actor_id = b.actor_id, object_id = b.object_id, at = b.at FROM audit_events b
                WHERE (a.id = '{five}' AND b.id = '{six}') OR (a.id = '{six}' AND b.id = '{five}')"
            ),
            format!("audit event {five}"),
            "changed",
        ),
        (
            format!(
                "INSERT INTO audit_events (id, action, outcome, tick) SELECT '00000000-0000-7000-8000-000000000000', 'x',
                'done', tick FROM audit_events WHERE id = '{five}'"
            ),
            "audit event 00000000-0000-7000-8000-000000000000".to_owned(),
            "slipped in",
        ),
        ("UPDATE entries SET sealed = '\\x0103' WHERE seq = 2".to_owned(), format!("entry 2 of thread {thread}"), "changed"),
        ("UPDATE entries SET sender_id = NULL WHERE seq = 2".to_owned(), format!("entry 2 of thread {thread}"), "changed"),
        ("DELETE FROM entries WHERE seq = 2".to_owned(), "1 entry(s)".to_owned(), "removed"),
        (
            "UPDATE audit_blocks SET events = set_byte(events, 3, get_byte(events, 3) # 1) WHERE position = 2".to_owned(),
            "block 2".to_owned(),
            "changed",
        ),
        ("UPDATE audit_blocks SET sealed_at = now() WHERE position = 2".to_owned(), "block 2".to_owned(), "changed"),
        ("DELETE FROM audit_blocks WHERE position = 2".to_owned(), "block 2".to_owned(), "removed"),
        (
            "UPDATE audit_blocks SET signature = set_byte(signature, 3, get_byte(signature, 3) # 1) WHERE position = 2"
                .to_owned(),
            "block 2".to_owned(),
            "signed",
        ),
    ];
    for (attack, named, how) in attacks {
        log.database.query(&attack).await;
        let fault = log.fault().await;
        assert!(fault.contains(&named) && fault.contains(how), "{attack}\n{fault}");
        log.restore().await;
    }
}

#[tokio::test]
async fn verify_misses_the_newest_rows_also_when_their_blocks_are_gone_and_others_took_their_place() {
    let (mut log, _, _) = whole().await;
    // All that the third block covers, and the block.
    let cut = "DELETE FROM audit_events WHERE tick >= (SELECT from_tick FROM audit_blocks WHERE position = 3);
        DELETE FROM entries WHERE tick >= (SELECT from_tick FROM audit_blocks WHERE position = 3);
        DELETE FROM audit_blocks WHERE position = 3";
    log.database.query(cut).await;
    let fault = log.fault().await;
    assert!(fault.contains("cut off") && fault.contains("tells of block 3"), "{fault}");
    // The hub goes on, and seals over what is left.
    log.write(1).await;
    assert_eq!(log.seal().await.position, 3);
    let fault = log.fault().await;
    assert!(fault.contains("block 3 is not the one"), "{fault}");
    // Nobody without the checkpoints would have noticed: that is what they are for.
    std::fs::remove_dir_all(log.outside.path()).unwrap();
    std::fs::create_dir(log.outside.path()).unwrap();
    assert_eq!(log.fault().await, "");
}

#[tokio::test]
async fn nobody_without_the_master_key_can_put_a_chain_of_their_own_in_its_place() {
    let (mut log, _, _) = whole().await;
    let stranger = Keyring::new(MasterKey::parse(&MasterKey::generate().unwrap()).unwrap());
    let replace = "DELETE FROM audit_blocks; DELETE FROM audit_keys; DELETE FROM data_keys WHERE owner_id = $$NIL$$";
    log.database.query(&replace.replace("NIL", &Uuid::nil().to_string())).await;
    log.signer = signer::find_or_make(&mut log.conn, &stranger).await.unwrap();
    log.seal().await;
    std::fs::remove_dir_all(log.outside.path()).unwrap();
    std::fs::create_dir(log.outside.path()).unwrap();
    let fault = log.fault().await;
    assert!(fault.contains("block 1 is signed by a key that is not"), "{fault}");
}

#[tokio::test]
async fn a_checkpoint_that_was_altered_is_found() {
    let (log, _, _) = whole().await;
    let file = std::fs::read_dir(log.outside.path()).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"position\":3", "\"position\":2")).unwrap();
    assert!(log.fault().await.contains("checkpoint of block 2 was altered"), "{}", log.fault().await);
    std::fs::write(&file, text.replace("\"position\"", "\"positron\"")).unwrap();
    let (found, unreadable) = checkpoint::read(log.outside.path()).unwrap();
    assert_eq!((found.len(), unreadable.len()), (0, 3));
    // A line that was never finished is no alteration.
    std::fs::write(&file, format!("{text}{{\"at\":")).unwrap();
    assert_eq!(log.fault().await, "");
}

#[tokio::test]
async fn a_store_that_was_restored_goes_on_in_one_order_and_tells_what_an_older_backup_did_not_have() {
    let (mut log, _, _) = whole().await;
    // The server that it is restored under is younger: its transaction ids are behind.
    let older = "UPDATE audit_events SET tick = tick + 1000000000000 WHERE tick >= (
            SELECT from_tick FROM audit_blocks WHERE position = 3);
        DELETE FROM entries WHERE seq = 3; DELETE FROM audit_blocks WHERE position = 3;
        UPDATE store_identity SET system_identifier = 'another'";
    log.database.query(older).await;
    let before = log.epoch;
    log.epoch = epoch::read_or_renew(&mut log.conn).await.unwrap();
    assert_ne!(log.epoch, before);
    log.write(2).await;
    assert_eq!(log.seal().await.position, 3);
    let report = log.verify().await;
    assert_eq!((report.fault, report.events, report.unsealed), (None, 14, 0));
    assert_eq!(report.lost_by_restore, Some((3, 3)));
    // What began after is cut off no more than what was there before.
    log.write(1).await;
    log.seal().await;
    log.database.query("DELETE FROM audit_blocks WHERE position = 4").await;
    assert!(log.fault().await.contains("cut off"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_writers_and_two_sealers_make_one_chain_without_a_fork_and_without_a_gap() {
    const WRITERS: usize = 16;
    const ROWS: usize = 640;
    let mut log = Log::new().await;
    let started = Instant::now();
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        let mut conn = service(&log.database).await;
        writers.push(tokio::spawn(async move {
            for _ in 0..ROWS {
                record(&mut conn, Event::new(&Actor::hub(), "load.written")).await.unwrap();
            }
        }));
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut sealers = Vec::new();
    for _ in 0..2 {
        let mut conn = service(&log.database).await;
        let signer = signer::find_or_make(&mut conn, &log.keyring).await.unwrap();
        let (epoch, stopped) = (log.epoch, stopped.clone());
        sealers.push(tokio::spawn(async move {
            let mut positions = Vec::new();
            while !*stopped.borrow() {
                positions.extend(seal(&mut conn, &signer, epoch, 100).await.unwrap().map(|block| block.position));
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            positions
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    println!("{} rows in {:?}", WRITERS * ROWS, started.elapsed());
    stop.send(true).unwrap();
    let mut positions = Vec::new();
    for sealer in sealers {
        positions.push(sealer.await.unwrap());
    }
    assert!(positions.iter().all(|of_one| !of_one.is_empty()), "both sealed: {positions:?}");
    let sealed: HashSet<i64> = positions.concat().into_iter().collect();
    assert_eq!(sealed.len(), positions.concat().len(), "no place was taken twice");
    while log.verify().await.unsealed > 0 {
        seal(&mut log.conn, &log.signer, log.epoch, 100).await.unwrap();
    }
    let report = log.verify().await;
    assert_eq!((report.fault, report.events), (None, (WRITERS * ROWS) as u64));
    assert!(report.blocks > 10, "{} blocks", report.blocks);
}
