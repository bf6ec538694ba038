//! G5 and G8: catching up after a break, and the window.

use crate::support::{Client, Database, Hub, eventually, number, text};
use serde_json::{Value, json};
use std::time::Duration;

/// Says so many things, and waits until all are acknowledged.
async fn say_many(client: &mut Client, thread: &str, count: usize, body: &str) {
    for _ in 0..count {
        client.say(thread, body).await;
    }
    for _ in 0..count {
        client.expect("sent").await;
    }
}

fn entry_seqs(frames: &[Value]) -> Vec<i64> {
    frames.iter().filter(|frame| frame["type"] == "entry").map(|frame| number(frame, "seq")).collect()
}

fn run(from: i64, to: i64) -> Vec<i64> {
    (from..=to).collect()
}

#[actix_web::test]
async fn a_cursor_brings_only_the_threads_that_changed_since() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let (one, two) = (hub.open_thread(&pair.client, "One").await, hub.open_thread(&pair.client, "Two").await);
    let mut client = Client::connect(&hub, &pair.client).await;
    let synced = client.sync(Value::Null, json!({})).await;
    assert_eq!(synced["threads"].as_array().unwrap().len(), 3);
    let changed = |synced: &Value| -> Vec<String> {
        synced["threads"].as_array().unwrap().iter().map(|thread| text(thread, "id").to_owned()).collect()
    };
    // Transactions of others that still run may make a cursor bring a thread once more, never once less.
    let mut cursor = synced["cursor"].clone();
    eventually("nothing changed", Duration::from_secs(10), async || {
        let synced = client.sync(cursor.clone(), json!({})).await;
        cursor = synced["cursor"].clone();
        changed(&synced).is_empty().then_some(())
    })
    .await;
    client.say_and_wait(&two, "news").await;
    let synced = client.sync(cursor.clone(), json!({})).await;
    assert_eq!(changed(&synced), std::slice::from_ref(&two));
    // A mark is a change too, and so is closing.
    hub.post(&format!("/api/v1/portal/messages/{one}/read"), &pair.client, json!({"seq": 1})).await;
    database.query(&format!("UPDATE threads SET status = 'closed', version = version + 1, changed_xid = pg_current_xact_id() WHERE id = '{two}'")).await;
    let synced = client.sync(cursor, json!({})).await;
    let mut found = changed(&synced);
    found.sort();
    let mut expected = [one, two.clone()];
    expected.sort();
    assert_eq!(found, expected);
    let closed = synced["threads"].as_array().unwrap().iter().find(|thread| thread["id"] == *two).unwrap();
    assert_eq!((&closed["status"], &closed["canReply"]), (&json!("closed"), &json!(false)));
    assert!(!text(closed, "cannotReplyBecause").is_empty());
    // Without a cursor, or with one that is not of this history: the open ones.
    for cursor in [Value::Null, json!("nonsense"), json!(format!("{}.5", uuid::Uuid::new_v4()))] {
        let synced = client.sync(cursor, json!({})).await;
        assert_eq!(changed(&synced).len(), 2);
        assert!(!changed(&synced).contains(&two));
    }
}

#[actix_web::test]
async fn who_says_what_it_has_gets_all_the_rest_under_the_window() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start_with(&database, &[("CAREHUB_WINDOW_FRAMES", "100")]).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    say_many(&mut clinician, &pair.thread, 550, "x").await;
    let mut client = Client::connect(&hub, &pair.client).await;
    let synced = client.sync(Value::Null, json!({&pair.thread: 30})).await;
    assert_eq!(synced["threads"][0]["head"], 550);
    let first = client.entries(&pair.thread, 100).await;
    assert_eq!(entry_seqs(&first), run(31, 130));
    let more = client.collect(Duration::from_millis(300)).await;
    assert_eq!(entry_seqs(&more), Vec::<i64>::new(), "the window is full");
    // Confirming one by one lets one after the other through; what is said meanwhile comes in its turn.
    clinician.say_and_wait(&pair.thread, "live").await;
    let mut seen = 130;
    for confirmed in 31..=551 {
        client.send(json!({"type": "delivered", "thread": pair.thread, "seq": confirmed})).await;
        if seen < 551 {
            let entry = client.expect("entry").await;
            seen += 1;
            assert_eq!(number(&entry, "seq"), seen);
        }
    }
    assert_eq!(seen, 551);
}

#[actix_web::test]
async fn nothing_is_lost_between_the_break_and_the_sync() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut has = 0;
    let total = 300;
    let thread = pair.thread.clone();
    let talk = async {
        for _ in 0..total {
            clinician.say_and_wait(&thread, "x").await;
        }
    };
    let listen = async {
        let mut round = 0;
        while has < total {
            let entry = client.expect("entry").await;
            assert_eq!(number(&entry, "seq"), has + 1, "each once, none missing");
            has += 1;
            if has % 40 == 0 && has < total {
                round += 1;
                drop(client);
                client = Client::connect(&hub, &pair.client).await;
                client.send(json!({"type": "sync", "have": {&pair.thread: has}})).await;
            }
        }
        assert!(round >= 7);
    };
    tokio::join!(talk, listen);
}

#[actix_web::test]
async fn what_is_said_between_connecting_and_the_sync_comes_after_what_was_missed() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    say_many(&mut clinician, &pair.thread, 3, "missed").await;
    let mut client = Client::connect(&hub, &pair.client).await;
    say_many(&mut clinician, &pair.thread, 2, "live").await;
    let resent = client.say_and_wait(&pair.thread, "own").await;
    assert_eq!(number(&resent, "seq"), 6);
    client.sync(Value::Null, json!({&pair.thread: 1})).await;
    say_many(&mut clinician, &pair.thread, 1, "later").await;
    let heard = client.collect(Duration::from_millis(400)).await;
    assert_eq!(entry_seqs(&heard), [2, 3, 4, 5, 7], "each once, in order, and the own one not");
}

#[actix_web::test]
async fn who_never_syncs_is_pushed_what_comes_from_the_connecting_on() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    say_many(&mut clinician, &pair.thread, 3, "before").await;
    let mut client = Client::connect(&hub, &pair.client).await;
    say_many(&mut clinician, &pair.thread, 2, "x").await;
    assert_eq!(entry_seqs(&client.entries(&pair.thread, 2).await), [4, 5]);
    say_many(&mut clinician, &pair.thread, 1, "x").await;
    assert_eq!(entry_seqs(&client.entries(&pair.thread, 1).await), [6]);
}

#[actix_web::test]
async fn who_forgot_gets_it_again_on_the_same_connection() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    say_many(&mut clinician, &pair.thread, 5, "x").await;
    assert_eq!(entry_seqs(&client.entries(&pair.thread, 5).await), run(1, 5));
    client.sync(Value::Null, json!({&pair.thread: 2})).await;
    assert_eq!(entry_seqs(&client.entries(&pair.thread, 3).await), run(3, 5));
}

#[actix_web::test]
async fn who_claims_to_have_more_than_there_is_misses_nothing() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    say_many(&mut clinician, &pair.thread, 2, "x").await;
    let mut client = Client::connect(&hub, &pair.client).await;
    client.sync(Value::Null, json!({&pair.thread: 1_000, "no id": 1, uuid::Uuid::now_v7().to_string(): -3})).await;
    say_many(&mut clinician, &pair.thread, 2, "x").await;
    assert_eq!(entry_seqs(&client.entries(&pair.thread, 2).await), run(3, 4));
}

#[actix_web::test]
async fn more_than_a_thousand_threads_in_have_are_refused() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::connect(&hub, &pair.client).await;
    let have = |count: usize| -> Value {
        (0..count).map(|_| (uuid::Uuid::new_v4().to_string(), json!(1))).collect::<serde_json::Map<_, _>>().into()
    };
    assert_eq!(client.sync(Value::Null, have(1_000)).await["type"], "synced");
    assert_eq!(client.sync(Value::Null, have(1_001)).await["code"], "invalid");
}

#[actix_web::test]
async fn who_never_confirms_is_pushed_the_window_and_the_rest_after_delivered() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start_with(&database, &[("CAREHUB_WINDOW_FRAMES", "20")]).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    assert_eq!(client.welcome["window"]["frames"], 20);
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    say_many(&mut clinician, &pair.thread, 90, "x").await;
    let heard = client.collect(Duration::from_millis(500)).await;
    assert_eq!(entry_seqs(&heard), run(1, 20));
    // What the client sends itself does not fill the window, and answers come all the same.
    client.say_and_wait(&pair.thread, "own").await;
    assert_eq!(client.ask(json!({"type": "ping"})).await["type"], "pong");
    client.send(json!({"type": "delivered", "thread": pair.thread, "seq": 5})).await;
    assert_eq!(entry_seqs(&client.entries(&pair.thread, 5).await), run(21, 25));
    client.send(json!({"type": "read", "thread": pair.thread, "seq": 25})).await;
    assert_eq!(entry_seqs(&client.entries(&pair.thread, 20).await), run(26, 45));
    assert_eq!(entry_seqs(&client.collect(Duration::from_millis(300)).await), Vec::<i64>::new());
    let mut rest = Vec::new();
    for _ in 0..3 {
        client.send(json!({"type": "delivered", "thread": pair.thread, "seq": 1_000})).await;
        rest.extend(client.collect(Duration::from_millis(300)).await);
    }
    assert_eq!(entry_seqs(&rest), run(46, 90), "all of it, and the own one not");
}

#[actix_web::test]
async fn a_window_that_is_full_by_bytes_costs_no_reading_until_it_opens() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start_with(&database, &[("CAREHUB_WINDOW_BYTES", "30000")]).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    say_many(&mut clinician, &pair.thread, 10, &"x".repeat(8_000)).await;
    assert_eq!(entry_seqs(&client.collect(Duration::from_millis(300)).await), run(1, 3));
    // Readings of the table of entries alone: every loop of the hub has its own small questions.
    let readings = async || -> i64 {
        let count =
            "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = 'entries'";
        database.query(count).await[0].parse().unwrap()
    };
    // What backends did is counted with a delay of a second.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let before = readings().await;
    assert!(before > 0, "readings are counted");
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let asked = readings().await - before;
    assert!(asked < 30, "{asked} readings while nothing happened");
    for confirmed in 1..=7 {
        client.send(json!({"type": "delivered", "thread": pair.thread, "seq": confirmed})).await;
        let entry = client.expect("entry").await;
        assert_eq!(number(&entry, "seq"), confirmed + 3);
    }
}

#[actix_web::test]
async fn a_client_that_falls_behind_slows_nobody() {
    let database = Database::fresh().await;
    let group = database.group(3).await;
    let hub = Hub::start_with(&database, &[("CAREHUB_WINDOW_FRAMES", "5")]).await;
    let mut writer = Client::synced(&hub, &group.participants[0]).await;
    let mut silent = Client::synced(&hub, &group.participants[1]).await;
    let mut reader = Client::synced(&hub, &group.participants[2]).await;
    for seq in 1..=60 {
        writer.say_and_wait(&group.thread, "x").await;
        assert_eq!(number(&reader.expect("entry").await, "seq"), seq);
        reader.send(json!({"type": "delivered", "thread": group.thread, "seq": seq})).await;
    }
    assert_eq!(entry_seqs(&silent.collect(Duration::from_millis(300)).await), run(1, 5));
}

#[actix_web::test]
async fn who_comes_back_with_a_cursor_is_told_who_is_there_though_their_threads_did_not_change() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let _clinician = Client::synced(&hub, &pair.clinician).await;
    let mut first = Client::connect(&hub, &pair.client).await;
    first.send(json!({"type": "sync"})).await;
    let cursor = first.expect("synced").await["cursor"].clone();
    drop(first);
    let mut again = Client::connect(&hub, &pair.client).await;
    again.send(json!({"type": "sync", "cursor": cursor})).await;
    assert_eq!(again.expect("synced").await["threads"], json!([]), "nothing changed");
    let told = again.expect("presence").await;
    assert_eq!((&told["user"], &told["state"]), (&json!(pair.clinician.id), &json!("online")));
}
