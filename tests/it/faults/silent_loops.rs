//! Every loop on which a page depends, stopped for real or ended without a word: an alarm within a minute, another one in
//! its place, and whoever is needed is called (F28).

use super::{alone, must_bite, one_thread};
use crate::{
    notify::office::Office,
    support::{Client, eventually},
};
use carehub::accounts::Role;
use serde_json::json;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

const LOOPS: [&str; 5] = ["escalation", "herald", "relay-email", "relay-sms", "relay-push"];
const MAYA: &str = "+15125550123";
/// The subject of a page.
const CALL: &str = "Somebody needs you now";
const MINUTE: Duration = Duration::from_secs(60);

/// Stops them all, calls for help, and sees how it is noticed and goes on. `stop` keeps them stopped by what it gives.
async fn survives<T>(stop: impl Fn(u32, &str) -> Option<T>) {
    let office = Office::open().await;
    let hub = &office.practice.hub;
    let ada = office.practice.person("Ada", Role::Client).await;
    let maya = office.person("Maya", Role::Clinician, MAYA).await;
    let thread = ada.open("Sleep", "I cannot sleep").await;
    maya.claim(&thread).await.expect(200);
    let mut live = Client::synced(hub, &maya.someone()).await;

    let since = Instant::now();
    let stopped: Option<Vec<T>> = LOOPS.iter().map(|name| stop(hub.pid(), name)).collect();
    let Some(stopped) = stopped else {
        println!("skipped: this machine lets nobody stop a thread");
        return;
    };
    let said = json!({"body": "I am not safe", "priority": "emergency"});
    ada.post(&format!("portal/messages/{thread}/reply"), said).await.expect(201);
    let pages = "SELECT count(*) FROM pages";
    assert_eq!(office.practice.database.query(pages).await, ["0"], "vacuous: somebody calls");

    let mut silent = BTreeSet::new();
    let mut staff_saw = false;
    while silent.len() < LOOPS.len() || !staff_saw {
        assert!(since.elapsed() < MINUTE, "no alarm but for {silent:?}; seen by staff: {staff_saw}");
        let ready = reqwest::get(hub.url("/readyz")).await.unwrap().text().await.unwrap();
        silent.extend(LOOPS.into_iter().filter(|name| ready.contains(&format!("{name}: silent"))));
        let alarms = maya.get("ehr/alarms").await.expect(200);
        staff_saw |= alarms["items"].as_array().unwrap().iter().any(|alarm| alarm["kind"] == "loopSilent");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("the alarms came within {:?}", since.elapsed());
    let restarts = hub.logged().matches("this loop hangs or died; starting it anew").count();
    must_bite("loops started anew", restarts, LOOPS.len());

    live.expect_where("escalation", |frame| frame["state"] == "paging").await;
    office.twilio.nth(MAYA, 2).await;
    office.mail.about(&maya.email, CALL, 1).await;
    assert!(since.elapsed() < MINUTE, "{:?}", since.elapsed());
    let over = async || maya.get("ehr/alarms").await.body["items"].as_array()?.is_empty().then_some(());
    eventually("the end of the alarm", Duration::from_secs(10), over).await;

    // Those that wake up find others in their place, and end; nobody was called twice.
    drop(stopped);
    let alone = async || LOOPS.iter().all(|name| one_thread::threads(hub.pid(), name).len() == 1).then_some(());
    eventually("one loop of each", Duration::from_secs(30), alone).await;
    assert_eq!(office.twilio.texts(MAYA).len(), 2, "the code and one page");
    let calls = office.mail.arrived(&maya.email).into_iter().filter(|mail| mail.header("Subject") == CALL);
    assert_eq!(calls.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loops_whose_threads_are_stopped_are_missed_within_a_minute_and_others_take_their_place() {
    let _alone = alone().await;
    survives(one_thread::freeze).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loops_whose_threads_end_without_a_word_are_missed_within_a_minute_and_others_take_their_place() {
    let _alone = alone().await;
    survives(one_thread::end).await;
}
