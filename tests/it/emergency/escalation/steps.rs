use super::Care;
use crate::support::eventually;
use serde_json::json;
use std::{collections::HashSet, time::Duration};

#[actix_web::test]
async fn step_by_step_and_round_by_round_everybody_is_called_and_then_it_comes_to_the_last_resort() {
    let care = Care::start().await;
    let id = care.emergency().await;
    care.settle().await;
    assert_eq!(care.at(&id).await, "paging 0 0");
    assert_eq!(care.pages(&id).await, ["Maya email 0 0", "Maya inApp 0 0"]);
    care.later(120).await;
    assert_eq!(care.at(&id).await, "paging 0 0", "not before its time");
    care.later(100).await;
    // Nobody is on call, and nobody behind them: alarms of their own, and the next at once.
    assert_eq!(care.at(&id).await, "paging 3 0");
    let trail = care.trail(&id).await;
    assert_eq!(trail.iter().filter(|action| *action == "escalation.nobodyOnDuty").count(), 2, "{trail:?}");
    for _ in 0..6 {
        care.later(601).await;
    }
    assert_eq!(care.at(&id).await.split(' ').next(), Some("exhausted"));
    let pages = care.pages(&id).await;
    let unique: HashSet<_> = pages.iter().collect();
    assert_eq!(unique.len(), pages.len(), "nobody is called twice for one step, round and channel: {pages:?}");
    assert!(pages.contains(&"Tom email 3 1".to_owned()), "{pages:?}");
    let told = care.told().await;
    assert_eq!(told["state"], "exhausted");
    let entries = care.ada.get(&format!("portal/messages/{}", care.thread)).await.expect(200);
    let last = entries["entries"].as_array().unwrap().last().unwrap()["body"].as_str().unwrap().to_owned();
    assert!(last.starts_with("Everybody at your practice was called"), "{last}");
    let listed = care.tom.get("ehr/escalations?state=open").await.expect(200);
    assert_eq!(listed["items"][0]["state"], "exhausted", "the banner of all staff shows it");
    // And somebody can still take it.
    care.tom.post(&format!("ehr/escalations/{id}/acknowledge"), json!({})).await.expect(200);
    assert_eq!(care.told().await["acknowledgedBy"]["name"], "Tom");
}

#[actix_web::test]
async fn where_nobody_can_be_called_the_last_resort_comes_at_once() {
    let care = Care::start().await;
    let database = &care.practice.database;
    database.query("UPDATE users SET status = 'disabled' WHERE role = 'clinician'").await;
    let id = care.emergency().await;
    eventually("the last resort", Duration::from_secs(5), async || {
        (care.at(&id).await.starts_with("exhausted")).then_some(())
    })
    .await;
    assert_eq!(care.told().await["state"], "exhausted");
    // A further emergency begins anew at once, and comes to the same end.
    care.emergency().await;
    eventually("the last resort again", Duration::from_secs(5), async || {
        (care.at(&id).await == "exhausted 3 1").then_some(())
    })
    .await;
}

#[actix_web::test]
async fn pages_that_are_lost_are_replaced_and_when_all_are_lost_the_next_step_comes_at_once() {
    let care = Care::start().await;
    let id = care.emergency().await;
    care.settle().await;
    let lose = "UPDATE outbox SET state = 'failed' WHERE kind = 'page' AND state = 'waiting'";
    care.practice.database.query(lose).await;
    care.settle().await;
    assert_eq!(care.at(&id).await, "paging 3 0");
    assert!(care.trail(&id).await.contains(&"escalation.pageLost".to_owned()));
}

#[actix_web::test]
async fn when_whoever_has_it_stays_silent_it_begins_anew_and_when_they_answer_it_does_not() {
    let care = Care::start().await;
    let id = care.emergency().await;
    care.settle().await;
    let acknowledge = format!("ehr/escalations/{id}/acknowledge");
    care.tom.post(&acknowledge, json!({})).await.expect(200);
    care.later(1_700).await;
    assert_eq!(care.at(&id).await, "acknowledged 0 0");
    care.later(200).await;
    assert_eq!(care.at(&id).await, "paging 0 1", "not a word in half an hour");
    care.maya.post(&acknowledge, json!({})).await.expect(200);
    let reply = format!("ehr/threads/{}/reply", care.thread);
    care.maya.post(&reply, json!({"body": "I am calling you now."})).await.expect(201);
    care.later(86_400).await;
    assert_eq!(care.at(&id).await, "acknowledged 0 1");
    // A further emergency wants a further answer.
    care.emergency().await;
    care.settle().await;
    assert_eq!(care.at(&id).await, "paging 0 2");
}

#[actix_web::test]
async fn many_engines_on_one_store_make_each_transition_once() {
    let care = Care::start().await;
    let id = care.emergency().await;
    for _ in 0..8 {
        care.clock.advance(chrono::TimeDelta::seconds(601));
        futures_util::future::join_all((0..4).map(|_| care.settle())).await;
    }
    assert_eq!(care.at(&id).await.split(' ').next(), Some("exhausted"));
    let trail = care.trail(&id).await;
    for action in ["escalation.raised", "escalation.started", "escalation.repeated", "escalation.exhausted"] {
        assert_eq!(trail.iter().filter(|made| *made == action).count(), 1, "{action}: {trail:?}");
    }
    let double = "SELECT count(*) FROM (SELECT recipient_id, channel, count(*) FROM outbox WHERE kind = 'page'
        GROUP BY 1, 2) t WHERE t.count > 4";
    assert_eq!(care.practice.database.query(double).await, ["0"]);
}
