use super::rota::{put, without_holes};
use crate::support::{
    eventually,
    practice::{Caller, Practice},
};
use carehub::{accounts::Role, clock::Clock};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::time::Duration;

async fn report(caller: &Caller) -> Value {
    let now = Clock::system().now();
    let time = |hours| (now + TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%SZ");
    caller.get(&format!("ehr/escalations/report?from={}&to={}", time(-1), time(1))).await.expect(200)
}

#[actix_web::test]
async fn a_drill_calls_people_says_everywhere_that_it_is_one_and_is_reported_apart() {
    let (practice, mail) = Practice::with_mail().await;
    let alma = practice.person("Alma", Role::Admin).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let dale = practice.person("Dale", Role::Staff).await;
    let ada = practice.person("Ada", Role::Client).await;
    let thread = ada.open("Sleep", "I cannot sleep").await;
    put(&alma, 0, without_holes(&maya, &alma)).await;

    let drill = dale.post("ehr/escalations/drill", json!({})).await.expect(201);
    assert_eq!((&drill["drill"], &drill["client"], &drill["thread"]), (&json!(true), &json!(null), &json!(null)));
    let id = drill["id"].as_str().unwrap().to_owned();
    let twice = maya.post("ehr/escalations/drill", json!({})).await.refused(409, "conflict");
    assert_eq!(twice["escalation"], json!(id), "one at a time");

    // Nobody is assigned, so whoever is on call is called at once; the e-mail says what it is.
    let letter = mail.nth(&maya.email, 1).await;
    assert!(letter.header("Subject").contains("DRILL") && letter.text.contains("DRILL"), "{}", letter.text);
    assert_eq!(mail.arrived(&alma.email).len(), 0, "the backup is not due yet");

    let sent = "SELECT count(*) FROM pages p JOIN outbox o ON o.id = ANY (p.outbox_ids) WHERE o.sent_at IS NOT NULL";
    eventually("the page to be noted as sent", Duration::from_secs(10), async || {
        (practice.database.query(sent).await == ["1"]).then_some(())
    })
    .await;
    maya.post(&format!("ehr/escalations/{id}/acknowledge"), json!({})).await.expect(200);
    let report = report(&dale).await;
    assert_eq!(report["emergencies"]["count"], 0);
    let drills = &report["drills"];
    assert_eq!((&drills["count"], &drills["acknowledged"], &drills["missedSteps"]), (&json!(1), &json!(1), &json!(0)));
    let (page, taken) =
        (drills["firstPage"]["median"].as_f64().unwrap(), drills["acknowledgement"]["max"].as_f64().unwrap());
    assert!(0.0 <= page && page <= taken && taken < 60.0, "{drills}");
    assert_eq!((&report["items"][0]["id"], &report["items"][0]["state"]), (&json!(id), &json!("acknowledged")));

    // No client reads of it, and every row about it says what it is.
    let read = ada.get(&format!("portal/messages/{thread}")).await.expect(200);
    assert!(!read.to_string().contains(&id) && !read.to_string().to_lowercase().contains("drill"), "{read}");
    let entries = practice.database.query("SELECT count(*) FROM entries WHERE priority = 'emergency'").await;
    assert_eq!(entries, ["0"]);
    let marked = "SELECT bool_and(drill AND client_id IS NULL AND thread_id IS NULL)::text FROM escalations";
    assert_eq!(practice.database.query(marked).await, ["true"]);
    let kinds = "SELECT DISTINCT o.kind FROM pages p JOIN outbox o ON o.id = ANY (p.outbox_ids)";
    assert_eq!(practice.database.query(kinds).await, ["drill"]);
    let audited = "SELECT DISTINCT client_id IS NULL FROM audit_events WHERE object_kind = 'escalation'";
    assert_eq!(practice.database.query(audited).await, ["t"]);

    maya.post(&format!("ehr/escalations/{id}/resolve"), json!({"note": "It works."})).await.expect(200);
    dale.post("ehr/escalations/drill", json!({})).await.expect(201);
}

#[actix_web::test]
async fn a_report_is_of_at_most_a_year_and_of_ones_own_practice() {
    let practice = Practice::start().await;
    let dale = practice.person("Dale", Role::Staff).await;
    let zed = practice.stranger("Zed", Role::Clinician).await;
    dale.post("ehr/escalations/drill", json!({})).await.expect(201);
    assert_eq!(report(&dale).await["drills"]["count"], 1);
    let theirs = report(&zed).await;
    assert_eq!((&theirs["drills"]["count"], &theirs["items"]), (&json!(0), &json!([])));
    for (from, to) in [("2026-01-02", "2026-01-01"), ("2026-01-01", "2026-01-01"), ("2024-01-01", "2026-01-01")] {
        let call = format!("ehr/escalations/report?from={from}T00:00:00Z&to={to}T00:00:00Z");
        dale.get(&call).await.refused(422, "invalid");
    }
    // The last 30 days, where none are named.
    assert_eq!(dale.get("ehr/escalations/report").await.expect(200)["drills"]["count"], 1);
}
