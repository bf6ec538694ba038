//! Hubs that are killed while a provider has a page in its hands, and at every other point of an emergency's course (F27).
//! Two hubs share a store; the one with the emergency in its hands is killed, the other carries it on. Every course ends
//! with somebody who has it, or with the last resort. A page reaches its person at least once, and once more only for a
//! kill between the provider's taking it and the record of that: text messages have no key against doubles.

use super::{alone, held::Held, must_bite, one_thread, processes};
use crate::{
    emergency::last_resort::go_by,
    notify::office::Office,
    support::{Hub, eventually, practice::Caller, twilio::Instead},
};
use carehub::accounts::Role;
use rustix::process::Signal;
use serde_json::json;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::Notify;

const MAYA: &str = "+15125550123";
/// The practice's own telephone.
const DESK: &str = "+15125550199";
/// Pages that a relay took, and that nothing is noted of.
const TAKEN: &str = "SELECT count(*) FROM outbox WHERE channel = 'sms' AND state = 'waiting' AND attempts = 1";
const PATIENCE: Duration = Duration::from_secs(30);

/// Two hubs that send text messages, a client with a clinician, and a policy of two steps.
struct Chain {
    office: Office,
    second: Hub,
    ada: Caller,
    maya: Caller,
    thread: String,
}

impl Chain {
    async fn start() -> Self {
        let office = Office::open().await;
        let second = office.second_hub().await;
        let ada = office.practice.person("Ada", Role::Client).await;
        let maya = office.person("Maya", Role::Clinician, MAYA).await;
        let thread = ada.open("Sleep", "I cannot sleep").await;
        maya.claim(&thread).await.expect(200);
        let step =
            |target: &str| json!({"target": target, "channels": ["inApp", "sms"], "acknowledgeWithinSeconds": 600});
        let plan = json!({"steps": [step("assigned"), step("allClinicians")], "rounds": 1, "silenceSeconds": 900,
            "lastResort": {"phone": DESK}});
        go_by(&office.practice, &plan).await;
        Self { office, second, ada, maya, thread }
    }

    async fn query(&self, statement: &str) -> Vec<String> {
        self.office.practice.database.query(statement).await
    }

    async fn table(&self, table: &'static str) -> Held {
        Held::table(&self.office.practice.database, table).await
    }

    /// Only the first hub works.
    fn first_alone(&self) {
        processes::signal(self.second.pid() as i32, Signal::STOP);
    }

    /// `kill -9` of the first hub; the second takes over, and the first comes back.
    async fn kill(&mut self) {
        self.office.practice.hub.kill();
        processes::signal(self.second.pid() as i32, Signal::CONT);
        self.office.practice.hub.start_again().await;
    }

    /// Ada presses the button; the emergency's id.
    async fn emergency(&self) -> String {
        let said = json!({"body": "I am not safe", "priority": "emergency"});
        self.ada.post(&format!("portal/messages/{}/reply", self.thread), said).await.expect(201);
        self.query("SELECT id FROM escalations ORDER BY raised_at DESC LIMIT 1").await.remove(0)
    }

    async fn becomes(&self, id: &str, state: &str) {
        let at = format!("SELECT concat_ws(' ', state, step) FROM escalations WHERE id = '{id}'");
        let is_there = async || self.query(&at).await[0].starts_with(state).then_some(());
        eventually(&format!("an emergency that is {state}"), PATIENCE, is_there).await;
    }

    /// So many of its messages were taken by the provider, and that is recorded.
    async fn recorded(&self, id: &str, count: usize) {
        let sent = format!(
            "SELECT count(*) FROM outbox o JOIN escalations e ON e.id = '{id}' WHERE o.state = 'sent' AND o.channel = 'sms'
            AND (o.id = ANY (e.last_resort_ids)
                OR o.id IN (SELECT unnest(outbox_ids) FROM pages WHERE escalation_id = e.id))"
        );
        let recorded = async || (self.query(&sent).await == [count.to_string()]).then_some(());
        eventually(&format!("{count} messages recorded"), Duration::from_secs(40), recorded).await;
    }

    async fn written(&self, id: &str) {
        let pages = format!("SELECT 1 FROM pages WHERE escalation_id = '{id}' AND channel = 'sms'");
        let written = async || (!self.query(&pages).await.is_empty()).then_some(());
        eventually("a page", PATIENCE, written).await;
    }

    /// As if the lease of whoever died were over.
    async fn lease_is_over(&self) {
        self.query("UPDATE outbox SET due_at = now() WHERE state = 'waiting' AND channel = 'sms'").await;
    }

    /// As if nobody had answered the step in time.
    async fn step_is_over(&self, id: &str) {
        self.query(&format!("UPDATE escalations SET due_at = now() WHERE id = '{id}' AND state = 'paging'")).await;
    }

    async fn take(&self, id: &str) {
        self.maya.post(&format!("ehr/escalations/{id}/acknowledge"), json!({})).await.expect(200);
    }

    async fn close(&self, id: &str) {
        let note = json!({"note": "Called her."});
        self.maya.post(&format!("ehr/escalations/{id}/resolve"), note).await.expect(200);
    }

    /// Calls everybody in vain.
    async fn exhaust(&self, id: &str) {
        for state in ["paging 1", "exhausted"] {
            self.step_is_over(id).await;
            self.becomes(id, state).await;
        }
    }

    /// How often each message came, by its link: each page has one of its own, whichever hub sends it.
    fn came(&self, to: &str) -> HashMap<String, usize> {
        let mut came = HashMap::new();
        for text in self.office.twilio.texts(to) {
            let link = text.body.find("http").and_then(|at| text.body[at..].parse::<url::Url>().ok());
            *came.entry(link.map_or(text.body, |link| link.path().to_owned())).or_default() += 1;
        }
        came
    }

    /// Waits for the provider to have `count` messages for this number, of `distinct` pages; no more come.
    async fn provider_has(&self, to: &str, count: usize, distinct: usize) {
        self.office.twilio.nth(to, count).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        let came = self.came(to);
        assert_eq!((came.values().sum::<usize>(), came.len()), (count, distinct), "{came:?}");
    }
}

/// The provider took it and has not answered; it answered and nothing is recorded; it is recorded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_around_the_providers_answer_a_page_comes_once_and_once_more_at_most() {
    let _alone = alone().await;
    let mut chain = Chain::start().await;
    // Her code, before.
    let (mut came, mut distinct) = (1, 1);
    let mut doubled = 0;

    // The lease of this one runs out by itself, and not before.
    chain.first_alone();
    chain.office.twilio.once(Instead::Hang);
    let id = chain.emergency().await;
    chain.office.twilio.nth(MAYA, came + 1).await;
    chain.kill().await;
    chain.recorded(&id, 1).await;
    (came, distinct, doubled) = (came + 2, distinct + 1, doubled + 1);
    chain.provider_has(MAYA, came, distinct).await;
    chain.take(&id).await;
    chain.close(&id).await;

    for _ in 0..2 {
        chain.first_alone();
        let gate = Arc::new(Notify::new());
        chain.office.twilio.once(Instead::Hold(gate.clone()));
        let id = chain.emergency().await;
        chain.office.twilio.nth(MAYA, came + 1).await;
        let Some(frozen) = one_thread::freeze(chain.office.practice.hub.pid(), "relay-sms") else {
            println!("skipped: this machine lets nobody stop a thread");
            return;
        };
        gate.notify_one();
        // The answer lies with the hub, which does not come to reading it.
        tokio::time::sleep(Duration::from_millis(200)).await;
        processes::signal(chain.office.practice.hub.pid() as i32, Signal::KILL);
        drop(frozen);
        chain.kill().await;
        chain.lease_is_over().await;
        chain.recorded(&id, 1).await;
        (came, distinct, doubled) = (came + 2, distinct + 1, doubled + 1);
        chain.provider_has(MAYA, came, distinct).await;
        chain.take(&id).await;
        chain.close(&id).await;

        chain.first_alone();
        let id = chain.emergency().await;
        chain.recorded(&id, 1).await;
        chain.kill().await;
        chain.lease_is_over().await;
        (came, distinct) = (came + 1, distinct + 1);
        chain.provider_has(MAYA, came, distinct).await;
        chain.take(&id).await;
        chain.close(&id).await;
    }
    must_bite("kills between the provider's taking it and the record", doubled, 3);
    assert!(chain.came(MAYA).values().all(|times| *times <= 2), "{:?}", chain.came(MAYA));
}

/// The page is written and nobody sends it yet; somebody took it to send, and did not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_the_provider_is_asked_a_page_comes_exactly_once() {
    let _alone = alone().await;
    let mut chain = Chain::start().await;
    for round in 1..=2 {
        chain.first_alone();
        let Some(frozen) = one_thread::freeze(chain.office.practice.hub.pid(), "relay-sms") else {
            println!("skipped: this machine lets nobody stop a thread");
            return;
        };
        let id = chain.emergency().await;
        chain.written(&id).await;
        assert_eq!(chain.came(MAYA).len(), round, "vacuous: it was sent");
        if round == 1 {
            // Before it is let go of: it does nothing more.
            processes::signal(chain.office.practice.hub.pid() as i32, Signal::KILL);
            drop(frozen);
        } else {
            // It takes the page, and waits for the number.
            let held = Held::from_readers(&chain.office.practice.database, "contact_points").await;
            drop(frozen);
            let taken = async || (chain.query(TAKEN).await == ["1"]).then_some(());
            eventually("the page to be taken", PATIENCE, taken).await;
            held.until_somebody_waits().await;
            chain.office.practice.hub.kill();
            held.release().await;
        }
        chain.kill().await;
        chain.lease_is_over().await;
        chain.recorded(&id, 1).await;
        chain.provider_has(MAYA, round + 1, round + 1).await;
        chain.take(&id).await;
        chain.close(&id).await;
    }
}

/// In the middle of an acknowledgement, and right after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_somebody_takes_it_nobody_or_they_have_it_and_nobody_else_is_called_after_that() {
    let _alone = alone().await;
    let mut chain = Chain::start().await;
    for round in 1..=2 {
        chain.first_alone();
        let id = chain.emergency().await;
        chain.recorded(&id, 1).await;
        if round == 1 {
            let held = chain.table("pages").await;
            let url = chain.office.practice.hub.url(&format!("/api/v1/ehr/escalations/{id}/acknowledge"));
            let taking = reqwest::Client::new().post(url).bearer_auth(&chain.maya.token).json(&json!({})).send();
            let taking = tokio::spawn(taking);
            held.until_somebody_waits().await;
            chain.office.practice.hub.kill();
            held.release().await;
            assert!(taking.await.unwrap().is_err(), "vacuous: it was answered");
            chain.kill().await;
            chain.becomes(&id, "paging 0").await;
            chain.step_is_over(&id).await;
            chain.recorded(&id, 2).await;
            chain.take(&id).await;
        } else {
            chain.take(&id).await;
            chain.kill().await;
            // Told again: they have it.
            chain.take(&id).await;
        }
        chain.lease_is_over().await;
        chain.step_is_over(&id).await;
        chain.becomes(&id, "acknowledged").await;
        chain.provider_has(MAYA, round + 2, round + 2).await;
        chain.close(&id).await;
    }
    assert!(chain.came(DESK).is_empty());
}

/// In the middle of the last resort, and while the provider has the practice's own message.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_the_way_to_the_last_resort_it_is_reached_and_the_practice_is_told_once() {
    let _alone = alone().await;
    let mut chain = Chain::start().await;

    chain.first_alone();
    let id = chain.emergency().await;
    chain.recorded(&id, 1).await;
    chain.step_is_over(&id).await;
    chain.becomes(&id, "paging 1").await;
    chain.recorded(&id, 2).await;
    let held = chain.table("entries").await;
    chain.step_is_over(&id).await;
    held.until_somebody_waits().await;
    chain.office.practice.hub.kill();
    held.release().await;
    assert_eq!(chain.query(&format!("SELECT state FROM escalations WHERE id = '{id}'")).await, ["paging"]);
    chain.kill().await;
    chain.becomes(&id, "exhausted").await;
    chain.recorded(&id, 3).await;
    chain.provider_has(DESK, 1, 1).await;
    chain.take(&id).await;
    chain.close(&id).await;

    // The provider has it, and that is not recorded: once more at most.
    chain.first_alone();
    let id = chain.emergency().await;
    chain.recorded(&id, 1).await;
    chain.step_is_over(&id).await;
    chain.recorded(&id, 2).await;
    chain.office.twilio.once(Instead::Hang);
    chain.step_is_over(&id).await;
    chain.office.twilio.nth(DESK, 2).await;
    chain.kill().await;
    chain.lease_is_over().await;
    chain.recorded(&id, 3).await;
    chain.becomes(&id, "exhausted").await;
    chain.provider_has(DESK, 3, 1).await;
    assert_eq!(chain.came(MAYA).values().max(), Some(&1));

    // Two hubs, many times over: the practice is told once for each.
    let before = chain.office.twilio.texts(DESK).len();
    chain.take(&id).await;
    chain.close(&id).await;
    for _ in 0..5 {
        let id = chain.emergency().await;
        chain.recorded(&id, 1).await;
        chain.exhaust(&id).await;
        chain.recorded(&id, 3).await;
        chain.take(&id).await;
        chain.close(&id).await;
    }
    assert_eq!(chain.office.twilio.texts(DESK).len(), before + 5);
}

/// F22: what the provider could not deliver is replaced by another way at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_could_not_be_delivered_is_replaced_by_the_persons_other_ways_at_once() {
    let chain = Chain::start().await;
    let id = chain.emergency().await;
    chain.recorded(&id, 1).await;
    let call = "Somebody needs you now";
    let mails = chain.office.mail.arrived(&chain.maya.email);
    assert!(mails.iter().all(|mail| mail.header("Subject") != call), "this policy sends none");
    assert_eq!(chain.office.twilio.nth(MAYA, 2).await.report("undelivered", Some(30008)).await, 204);
    chain.office.mail.about(&chain.maya.email, call, 1).await;
    chain.becomes(&id, "paging 0").await;
    chain.take(&id).await;
}
