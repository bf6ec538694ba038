//! PostgreSQL commits, and the answer never arrives: what is stored must reach everybody all the same.

use super::{
    lock::Lock,
    must_bite,
    proxy::{Proxy, Way},
};
use crate::support::{Client, Database, Hub, eventually, number};
use serde_json::json;
use std::{sync::atomic::Ordering, time::Duration};

#[tokio::test]
async fn an_entry_whose_commit_was_not_heard_of_is_acknowledged_and_shown_without_further_traffic() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let (proxy, through) = Proxy::to(&database).await;
    let hub = Hub::start(&through).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    client.say_and_wait(&pair.thread, "before").await;
    clinician.expect("entry").await;

    let id = client.say_unheard(&proxy, &database, &pair.thread).await;
    proxy.set(Way::Cut);
    tokio::time::sleep(Duration::from_millis(200)).await;
    proxy.set(Way::Open);
    // The hub tries the same entry again, and finds it stored.
    assert_eq!(number(&client.expect("sent").await, "seq"), 2);
    let entry = clinician.expect("entry").await;
    assert_eq!((&entry["seq"], &entry["id"]), (&json!(2), &json!(id)));
    assert_eq!(database.query("SELECT count(*) FROM entries").await, ["2"]);
}

#[tokio::test]
async fn an_entry_that_was_given_up_but_is_stored_is_shown_to_everybody_and_the_hub_is_ready_again_by_itself() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let (proxy, through) = Proxy::to(&database).await;
    let hub = Hub::start_with(&through, &[("CAREHUB_JOURNAL_PATIENCE_SECONDS", "2")]).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    client.say_and_wait(&pair.thread, "before").await;
    clinician.expect("entry").await;

    let id = client.say_unheard(&proxy, &database, &pair.thread).await;
    proxy.set(Way::Cut);
    let refused = client.expect("error").await;
    assert_eq!((&refused["code"], &refused["id"]), (&json!("busy"), &json!(id)));
    // Well after the last try.
    tokio::time::sleep(Duration::from_secs(1)).await;
    proxy.set(Way::Open);

    // Nobody says anything, and yet:
    let ready = async || (reqwest::get(hub.url("/readyz")).await.ok()?.status() == 200).then_some(());
    eventually("/readyz to say yes", Duration::from_secs(5), ready).await;
    let shown = tokio::time::timeout(Duration::from_secs(3), clinician.expect("entry")).await;
    let shown = shown.expect("the clinician was not shown what is stored");
    assert_eq!((&shown["seq"], &shown["id"]), (&json!(2), &json!(id)));
    // The author sends again, as told, and learns that it is stored.
    client.send(json!({"type": "send", "id": id, "thread": pair.thread, "body": "unheard of"})).await;
    assert_eq!(number(&client.expect("sent").await, "seq"), 2);
    assert_eq!(database.query("SELECT count(*) FROM entries").await, ["2"]);
}

#[tokio::test]
async fn connections_on_which_an_answer_was_lost_are_given_up_and_reading_goes_on() {
    let database = Database::fresh().await;
    let pairs = database.pairs(8).await;
    let (proxy, through) = Proxy::to(&database).await;
    let hub = Hub::start(&through).await;
    let mut readers = Vec::new();
    for pair in &pairs {
        readers.push((Client::synced(&hub, &pair.client).await, &pair.thread));
    }
    proxy.set(Way::AnswersLost);
    let fetch = |thread: &str| json!({"type": "fetch", "thread": thread});
    for (client, thread) in &mut readers {
        client.send(fetch(thread)).await;
    }
    // As many as there are connections wait in vain on each of them.
    tokio::time::sleep(Duration::from_secs(1)).await;
    must_bite("bytes of lost answers", proxy.swallowed.load(Ordering::Relaxed), 4);
    // Within ten seconds of the question everybody has an answer, also those who wait behind the first.
    for (client, _) in &mut readers {
        assert_eq!(client.expect("error").await["code"], "busy");
    }
    proxy.set(Way::Open);
    for (client, thread) in &mut readers {
        client.send(fetch(thread)).await;
        let page = tokio::time::timeout(Duration::from_secs(4), client.expect("page")).await;
        page.expect("reading did not go on");
    }
}

impl Client {
    /// Says something whose commit goes through and is not heard of; returns its id once it is stored.
    async fn say_unheard(&mut self, proxy: &Proxy, database: &Database, thread: &str) -> String {
        // Held up inside its transaction, so that the questions before it still get their answers.
        let lock = Lock::on_threads(database).await;
        let id = self.say(thread, "unheard of").await;
        lock.until_the_journal_waits(database).await;
        proxy.set(Way::AnswersLost);
        lock.release().await;
        let stored = async || (database.query("SELECT count(*) FROM entries").await == ["2"]).then_some(());
        eventually("the entry in the store", Duration::from_secs(5), stored).await;
        // The answer comes right after the commit.
        let lost = async || (proxy.swallowed.load(Ordering::Relaxed) > 0).then_some(());
        eventually("the answer to be lost", Duration::from_secs(5), lost).await;
        id
    }
}
