//! Emergencies while hubs are killed, stopped and held up at every point of their way (F27, F28, F29). Two hubs share a
//! store. They are held at a point by a lock on the table that they write next.

use super::{
    alone, check_pages,
    held::Held,
    history::{Dump, Emergency, History},
    processes,
};
use crate::support::{
    Database, Hub, eventually,
    practice::{Caller, Practice},
};
use carehub::accounts::Role;
use rustix::process::Signal;
use serde_json::json;
use std::time::{Duration, Instant};

/// Rounds of each fault.
const ROUNDS: usize = 3;

/// Two hubs on one store, and a client with a clinician and a colleague.
struct Pair {
    practice: Practice,
    second: Hub,
    ada: Caller,
    maya: Caller,
    thread: String,
}

impl Pair {
    async fn start() -> Self {
        let practice = Practice::start().await;
        let second = Hub::start(&practice.database).await;
        let ada = practice.person("Ada", Role::Client).await;
        let maya = practice.person("Maya", Role::Clinician).await;
        let thread = ada.open("Sleep", "I cannot sleep").await;
        maya.claim(&thread).await.expect(200);
        Self { practice, second, ada, maya, thread }
    }

    fn database(&self) -> &Database {
        &self.practice.database
    }

    async fn emergency(&self) -> String {
        let said = json!({"body": "I am not safe", "priority": "emergency"});
        self.ada.post(&format!("portal/messages/{}/reply", self.thread), said).await.expect(201);
        self.newest().await
    }

    async fn newest(&self) -> String {
        self.database().query("SELECT id FROM escalations ORDER BY id DESC LIMIT 1").await.remove(0)
    }

    /// How many people were called.
    async fn called(&self, id: &str, within: Duration) -> Duration {
        let since = Instant::now();
        let pages = format!("SELECT 1 FROM pages WHERE escalation_id = '{id}' AND channel = 'email'");
        eventually("a page", within, async || (!self.database().query(&pages).await.is_empty()).then_some(())).await;
        since.elapsed()
    }

    /// Both take it at once, each through the hub that is left to it; one has it.
    async fn take(&self, id: &str) {
        self.maya.post(&format!("ehr/escalations/{id}/acknowledge"), json!({})).await.expect(200);
        let note = json!({"note": "Called her."});
        self.maya.post(&format!("ehr/escalations/{id}/resolve"), note).await.expect(200);
    }

    /// Everything was as promised.
    async fn must_be_in_order(&self, away: Duration) {
        let emergencies = Emergency::read_all(self.database()).await;
        assert!(!emergencies.is_empty());
        let history = History { store: Dump { emergencies, ..Dump::default() }, ..History::default() };
        let mut found = Vec::new();
        check_pages::violations(&history, away.as_millis() as i64, &mut found);
        assert!(found.is_empty(), "{found:#?}");
        let twice = "SELECT count(*) FROM (SELECT unnest(outbox_ids) AS id FROM pages) t
            GROUP BY t.id HAVING count(*) > 1";
        assert!(self.database().query(twice).await.is_empty());
        let without = "SELECT count(*) FROM outbox o WHERE o.kind = 'page'
            AND NOT EXISTS (SELECT FROM pages p WHERE o.id = ANY (p.outbox_ids))";
        assert_eq!(self.database().query(without).await, ["0"], "a message that no page knows");
    }
}

/// F27: before the claim (the escalation is stored, nobody has looked), after it (its people are found out, and nothing of
/// them is written), between their pages, their links and their messages. After the provider: see `notify`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_point_of_a_transition_the_other_hub_carries_it_on_and_nobody_is_called_twice() {
    let _alone = alone().await;
    let mut pair = Pair::start().await;
    for table in ["", "pages", "ack_links", "outbox"] {
        for _ in 0..ROUNDS {
            // The first hub alone has it in its hands, and is killed with it.
            processes::signal(pair.second.pid() as i32, Signal::STOP);
            if table.is_empty() {
                // Nobody has looked yet.
                pair.emergency().await;
                pair.practice.hub.kill();
            } else {
                let held = Held::table(pair.database(), table).await;
                pair.emergency().await;
                held.until_somebody_waits().await;
                pair.practice.hub.kill();
                held.release().await;
            }
            let id = pair.newest().await;
            processes::signal(pair.second.pid() as i32, Signal::CONT);
            let took = pair.called(&id, Duration::from_secs(5)).await;
            println!("{table}: called {took:?} after the kill");
            pair.practice.hub.start_again().await;
            pair.take(&id).await;
        }
    }
    pair.must_be_in_order(Duration::ZERO).await;
}

/// F29: nobody is left when the emergency is stored; whichever hub comes next calls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_the_commit_and_the_first_page_any_hub_that_comes_calls_at_once() {
    let _alone = alone().await;
    let mut pair = Pair::start().await;
    let mut away = Duration::ZERO;
    for round in 0..ROUNDS {
        pair.second.kill();
        let held = Held::table(pair.database(), "pages").await;
        let id = pair.emergency().await;
        pair.practice.hub.kill();
        held.release().await;
        let gone = Instant::now();
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(
            pair.database()
                .query(
                    "SELECT 1 FROM pages p JOIN escalations e ON e.id = p.escalation_id
            WHERE e.state = 'raised'"
                )
                .await
                .is_empty()
        );
        if round % 2 == 0 {
            pair.practice.hub.start_again().await
        } else {
            pair.second.start_again().await
        }
        away = away.max(gone.elapsed());
        let took = pair.called(&id, Duration::from_secs(35)).await;
        println!("called {took:?} after the start");
        assert!(took < Duration::from_secs(5));
        if round % 2 == 0 {
            pair.second.start_again().await
        } else {
            pair.practice.hub.start_again().await
        }
        pair.take(&id).await;
    }
    pair.must_be_in_order(away).await;
}

/// F28: one hub hangs as a whole; the other calls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_one_hub_hangs_the_other_calls() {
    let _alone = alone().await;
    let pair = Pair::start().await;
    processes::signal(pair.second.pid() as i32, Signal::STOP);
    let id = pair.emergency().await;
    let took = pair.called(&id, Duration::from_secs(5)).await;
    processes::signal(pair.second.pid() as i32, Signal::CONT);
    assert!(took < Duration::from_secs(5), "{took:?}");
    pair.take(&id).await;
    pair.must_be_in_order(Duration::ZERO).await;
}

/// F28: the engine is held up on every hub; within a minute everybody can see that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_gets_nothing_done_is_an_alarm_within_a_minute_and_goes_on_afterwards() {
    let _alone = alone().await;
    let pair = Pair::start().await;
    let held = Held::from_readers(pair.database(), "pages").await;
    let since = Instant::now();
    let id = pair.emergency().await;
    let silent = async || {
        let alarms = pair.maya.get("ehr/alarms").await;
        alarms.body["items"].as_array()?.iter().any(|alarm| alarm["kind"] == "loopSilent").then_some(())
    };
    eventually("the alarm", Duration::from_secs(60), silent).await;
    println!("the alarm came after {:?}", since.elapsed());
    let ready = reqwest::get(pair.practice.hub.url("/readyz")).await.unwrap().text().await.unwrap();
    assert!(ready.contains("escalation: silent"), "{ready}");
    assert!(pair.practice.hub.logged().contains("this loop is silent"));
    held.release().await;
    pair.called(&id, Duration::from_secs(30)).await;
    let over = async || pair.maya.get("ehr/alarms").await.body["items"].as_array()?.is_empty().then_some(());
    eventually("the end of the alarm", Duration::from_secs(30), over).await;
    pair.take(&id).await;
}

/// Double acknowledgement through two hubs: one has it, both are told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_take_it_through_two_hubs_one_has_it() {
    let pair = Pair::start().await;
    let tom = pair.practice.person("Tom", Role::Clinician).await;
    for _ in 0..10 {
        let id = pair.emergency().await;
        let path = format!("ehr/escalations/{id}/acknowledge");
        let http = reqwest::Client::new();
        let elsewhere = http.post(pair.second.url(&format!("/api/v1/{path}"))).bearer_auth(&tom.token);
        let elsewhere = elsewhere.json(&json!({})).send();
        let (here, there) = futures_util::future::join(pair.maya.post(&path, json!({})), elsewhere).await;
        let statuses = [here.status, there.unwrap().status().as_u16()];
        assert!(statuses == [200, 409] || statuses == [409, 200], "{statuses:?}");
        let note = json!({"note": "Called her."});
        pair.maya.post(&format!("ehr/escalations/{id}/resolve"), note).await.expect(200);
    }
    pair.must_be_in_order(Duration::ZERO).await;
}
