//! G2, G3, G3b, G4: once, one order, in the sender's order, without a gap.

use crate::support::{Client, Database, Hub, number, text};
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};

fn seqs(entries: &[Value]) -> Vec<i64> {
    entries.iter().map(|entry| number(entry, "seq")).collect()
}

#[actix_web::test]
async fn pipelined_sends_keep_their_order_and_time_never_falls() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let count = 400;
    let mut ids = Vec::new();
    for number in 0..count {
        let id = uuid::Uuid::new_v4().to_string();
        let priority = if number % 7 == 3 { "urgent" } else { "normal" };
        let body = number.to_string();
        client.send(json!({"type": "send", "id": id, "thread": pair.thread, "body": body, "priority": priority})).await;
        ids.push(id);
    }
    let mut at = String::new();
    for (before, id) in ids.iter().enumerate() {
        let sent = client.expect("sent").await;
        assert_eq!((text(&sent, "id"), number(&sent, "seq")), (id.as_str(), before as i64 + 1));
        assert!(text(&sent, "at") >= at.as_str(), "time falls");
        at = text(&sent, "at").to_owned();
    }
    let entries = clinician.entries(&pair.thread, count).await;
    assert_eq!(seqs(&entries), (1..=count as i64).collect::<Vec<_>>());
    let heard: Vec<&str> = entries.iter().map(|entry| text(entry, "id")).collect();
    assert_eq!(heard, ids);
    let falls = "SELECT count(*) FROM (SELECT at < lag(at) OVER (ORDER BY seq) AS falls FROM entries) e WHERE falls";
    assert_eq!(database.query(falls).await, ["0"]);
}

#[actix_web::test]
async fn several_writers_at_once_make_one_log_that_all_see_alike() {
    let database = Database::fresh().await;
    let group = database.group(5).await;
    let hub = Hub::start(&database).await;
    let each = 60;
    let mut writers = Vec::new();
    for who in &group.participants {
        writers.push((Client::synced(&hub, who).await, Vec::new()));
    }
    let mut watcher = Client::synced(&hub, &group.participants[0]).await;
    for _ in 0..each {
        for (writer, ids) in &mut writers {
            ids.push(writer.say(&group.thread, "x").await);
        }
    }
    let total = each * group.participants.len();
    let log = watcher.entries(&group.thread, total).await;
    assert_eq!(seqs(&log), (1..=total as i64).collect::<Vec<_>>());
    let order: Vec<&str> = log.iter().map(|entry| text(entry, "id")).collect();
    for (writer, ids) in &mut writers {
        let mut own = Vec::new();
        let mut heard = Vec::new();
        while own.len() + heard.len() < total {
            let frame = writer.next_frame().await.unwrap();
            match text(&frame, "type") {
                "sent" => own.push((number(&frame, "seq"), text(&frame, "id").to_owned())),
                "entry" => heard.push((number(&frame, "seq"), text(&frame, "id").to_owned())),
                _ => {}
            }
        }
        assert!(heard.windows(2).all(|two| two[1].0 > two[0].0), "ascending");
        assert_eq!(own.iter().map(|(_, id)| id.clone()).collect::<Vec<_>>(), *ids, "in the sender's order");
        own.extend(heard);
        own.sort();
        assert_eq!(own.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>(), order, "one log");
    }
}

#[actix_web::test]
async fn an_own_send_is_an_entry_for_ones_other_connection_only() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut here = Client::synced(&hub, &pair.client).await;
    let mut there = Client::synced(&hub, &pair.client).await;
    let first = here.say_and_wait(&pair.thread, "from here").await;
    let second = there.say_and_wait(&pair.thread, "from there").await;
    assert_eq!(there.expect("entry").await["id"], first["id"]);
    assert_eq!(here.expect("entry").await["id"], second["id"]);
    for own in [&mut here, &mut there] {
        let rest = own.collect(Duration::from_millis(200)).await;
        assert!(!rest.iter().any(|frame| frame["type"] == "entry"), "{rest:?}");
    }
}

#[actix_web::test]
async fn the_same_id_over_another_connection_and_by_rest_is_the_same_entry() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let mut hub = Hub::start(&database).await;
    let mut here = Client::synced(&hub, &pair.client).await;
    let mut there = Client::synced(&hub, &pair.client).await;
    let first = here.say_and_wait(&pair.thread, "once").await;
    let again = json!({"type": "send", "id": first["id"], "thread": pair.thread, "body": "once"});
    let place = |sent: &Value| (sent["id"].clone(), sent["thread"].clone(), sent["seq"].clone(), sent["at"].clone());
    assert_eq!(place(&there.ask(again.clone()).await), place(&first));
    let path = format!("/api/v1/portal/messages/{}/reply", pair.thread);
    let by_rest = hub.post(&path, &pair.client, json!({"id": first["id"], "body": "once"})).await;
    assert_eq!(place(&by_rest), place(&first));
    hub.kill();
    hub.start_again().await;
    let mut later = Client::synced(&hub, &pair.client).await;
    assert_eq!(place(&later.ask(again).await), place(&first));
    assert_eq!(database.query("SELECT count(*) FROM entries").await, ["1"]);
}

#[actix_web::test]
async fn the_same_id_by_two_connections_at_once_is_one_entry_that_both_are_told_of() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut here = Client::synced(&hub, &pair.client).await;
    let mut there = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let count = 50;
    for _ in 0..count {
        let send = json!({"type": "send", "id": uuid::Uuid::new_v4(), "thread": pair.thread, "body": "x"});
        // Each of them twice, too.
        tokio::join!(here.send(send.clone()), there.send(send.clone()));
        tokio::join!(there.send(send.clone()), here.send(send));
    }
    // In which order repetitions are answered is open; each send has its answer, and all of an id the same.
    let mut told = HashMap::new();
    for own in [&mut here, &mut there] {
        for _ in 0..count * 2 {
            let sent = own.expect("sent").await;
            let place = (sent["seq"].clone(), sent["at"].clone());
            let (first, times) = told.entry(sent["id"].to_string()).or_insert((place.clone(), 0));
            assert_eq!(*first, place);
            *times += 1;
        }
    }
    assert_eq!(told.len(), count);
    assert!(told.values().all(|(_, times)| *times == 4), "{told:?}");
    assert_eq!(seqs(&clinician.entries(&pair.thread, count).await), (1..=count as i64).collect::<Vec<_>>());
    for own in [&mut here, &mut there] {
        let rest = own.collect(Duration::from_millis(200)).await;
        assert!(!rest.iter().any(|frame| frame["type"] == "sent" || frame["type"] == "error"), "{rest:?}");
        let mut entries = seqs(&rest.into_iter().filter(|frame| frame["type"] == "entry").collect::<Vec<_>>());
        entries.dedup();
        assert!(entries.windows(2).all(|two| two[1] > two[0]), "none twice: {entries:?}");
    }
    assert_eq!(database.query("SELECT count(*) FROM entries").await, [count.to_string()]);
}

#[actix_web::test]
async fn the_same_id_in_another_thread_is_a_conflict_and_by_another_person_a_message_of_its_own() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let other = hub.open_thread(&pair.client, "Another").await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let first = client.say_and_wait(&pair.thread, "once").await;
    let elsewhere = client.ask(json!({"type": "send", "id": first["id"], "thread": other, "body": "once"})).await;
    assert_eq!((text(&elsewhere, "type"), &elsewhere["code"]), ("error", &json!("conflict")));
    assert_eq!(elsewhere["id"], first["id"]);
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let own = clinician.ask(json!({"type": "send", "id": first["id"], "thread": pair.thread, "body": "mine"})).await;
    assert_eq!((text(&own, "type"), number(&own, "seq")), ("sent", 2), "ids are the sender's");
}
