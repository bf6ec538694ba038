use super::Care;
use crate::support::text;
use carehub::accounts::Role;
use serde_json::{Value, json};
use std::time::Duration;

#[actix_web::test]
async fn of_two_who_take_it_one_has_it_and_the_other_is_told_who_and_nobody_else_is_called() {
    let care = Care::start().await;
    let id = care.emergency().await;
    care.settle().await;
    let acknowledge = format!("ehr/escalations/{id}/acknowledge");
    let (maya, tom) =
        futures_util::future::join(care.maya.post(&acknowledge, json!({})), care.tom.post(&acknowledge, json!({})))
            .await;
    let (winner, lost) = if maya.status == 200 { (&care.maya, tom) } else { (&care.tom, maya) };
    let told = lost.refused(409, "conflict");
    assert_eq!(
        (told["acknowledgedBy"]["id"].as_str(), told["acknowledgedBy"]["name"].as_str()),
        (Some(&*winner.id.to_string()), Some(&*winner.name))
    );
    // Again by the same: nothing new.
    winner.post(&acknowledge, json!({})).await.expect(200);
    let database = &care.practice.database;
    let waiting = "SELECT count(*) FROM outbox WHERE kind = 'page' AND state = 'waiting'";
    assert_eq!(database.query(waiting).await, ["0"], "what was pending is taken back");
    care.later(600).await;
    assert_eq!(database.query(waiting).await, ["0"]);
    let trail = care.trail(&id).await;
    assert_eq!(trail.iter().filter(|action| *action == "escalation.acknowledged").count(), 1, "{trail:?}");
    assert_eq!(care.told().await["acknowledgedBy"]["name"], winner.name);
    let page = care.ada.get(&format!("portal/messages/{}", care.thread)).await.expect(200);
    let said = page["entries"].as_array().unwrap().last().unwrap()["body"].as_str().unwrap().to_owned();
    assert!(said.starts_with(&winner.name), "{said}");
}

#[actix_web::test]
async fn a_socket_takes_it_and_everybody_concerned_hears_who_has_it() {
    let care = Care::start().await;
    let id = care.emergency().await;
    let (mut ada, mut maya, mut tom) =
        (care.live(&care.ada).await, care.live(&care.maya).await, care.live(&care.tom).await);
    let taken = tom.ask(json!({"type": "acknowledge", "escalation": id})).await;
    assert_eq!((text(&taken, "type"), text(&taken, "state")), ("escalation", "acknowledged"), "{taken}");
    for client in [&mut ada, &mut maya, &mut tom] {
        let heard = client.expect_where("escalation", |frame| frame["state"] == "acknowledged").await;
        assert_eq!(heard["acknowledgedBy"]["name"], "Tom");
    }
    let late = maya.ask(json!({"type": "acknowledge", "escalation": id})).await;
    assert_eq!((text(&late, "code"), &late["acknowledgedBy"]["name"]), ("conflict", &json!("Tom")), "{late}");
    // Whoever has it reads and writes in the thread, without being its assignee.
    tom.say_and_wait(&care.thread, "I am here, Ada.").await;
    ada.expect_where("entry", |frame| frame["body"] == "I am here, Ada.").await;
}

#[actix_web::test]
async fn clients_and_other_practices_find_no_escalation() {
    let care = Care::start().await;
    let id = care.emergency().await;
    let mut ada = care.live(&care.ada).await;
    let zed = care.practice.stranger("Zed", Role::Clinician).await;
    let mut zed_live = care.live(&zed).await;
    let unknown = uuid::Uuid::now_v7().to_string();
    for client in [&mut ada, &mut zed_live] {
        for id in [id.as_str(), unknown.as_str(), "x"] {
            let answer = client.ask(json!({"type": "acknowledge", "escalation": id})).await;
            assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("notFound")));
        }
    }
    let heard = zed_live.collect(Duration::from_millis(500)).await;
    assert!(!heard.iter().any(|frame| frame["type"] == "escalation"), "{heard:?}");
    assert!(care.at(&id).await.starts_with("paging") || care.at(&id).await.starts_with("raised"));
}

#[actix_web::test]
async fn whoever_hands_it_over_keeps_it_until_the_other_has_it_and_passing_on_calls_the_next() {
    let care = Care::start().await;
    let id = care.emergency().await;
    care.settle().await;
    let at = format!("ehr/escalations/{id}");
    care.maya.post(&format!("{at}/skip"), json!({})).await.expect(200);
    care.settle().await;
    assert_eq!(care.at(&id).await, "paging 3 0", "nobody is on call: all are called");
    care.tom.post(&format!("{at}/hand-over"), json!({"to": care.maya.id})).await.refused(403, "forbidden");
    care.tom.post(&format!("{at}/acknowledge"), json!({})).await.expect(200);
    care.maya.post(&format!("{at}/skip"), json!({})).await.refused(409, "conflict");
    care.tom.post(&format!("{at}/hand-over"), json!({"to": care.ada.id})).await.refused(422, "invalid");
    let handed = care.tom.post(&format!("{at}/hand-over"), json!({"to": care.maya.id})).await.expect(200);
    assert_eq!((&handed["acknowledgedBy"]["name"], &handed["handedTo"]["name"]), (&json!("Tom"), &json!("Maya")));
    assert!(care.pages(&id).await.contains(&"Maya email 3 1".to_owned()));
    let taken = care.maya.post(&format!("{at}/acknowledge"), json!({})).await.expect(200);
    assert_eq!((&taken["acknowledgedBy"]["name"], &taken["handedTo"]), (&json!("Maya"), &Value::Null));
}

#[actix_web::test]
async fn what_is_closed_has_a_note_that_no_client_reads_and_lets_nobody_in_any_more() {
    let care = Care::start().await;
    let id = care.emergency().await;
    let at = format!("ehr/escalations/{id}");
    care.tom.post(&format!("{at}/acknowledge"), json!({})).await.expect(200);
    care.tom.get(&format!("ehr/threads/{}", care.thread)).await.expect(200);
    care.tom.post(&format!("{at}/resolve"), json!({"note": "  "})).await.refused(422, "invalid");
    care.tom.post(&format!("{at}/resolve"), json!({"note": "canary-note"})).await.expect(200);
    care.tom.post(&format!("{at}/resolve"), json!({"note": "again"})).await.refused(409, "conflict");
    care.tom.post(&format!("{at}/acknowledge"), json!({})).await.refused(409, "conflict");
    assert_eq!(care.maya.get(&at).await.expect(200)["note"], "canary-note");
    care.tom.get(&format!("ehr/threads/{}", care.thread)).await.refused(404, "notFound");
    let read = care.told().await;
    assert!(read["state"] == "resolved" && !read.to_string().contains("canary"), "{read}");
    let stored = "SELECT string_agg(query_to_xml(format('SELECT * FROM %I', tablename), false, true, '')::text, '')
        FROM pg_tables WHERE schemaname = 'public'";
    assert!(!care.practice.database.query(stored).await[0].contains("canary-note"));
    let priority = format!("SELECT priority FROM threads WHERE id = '{}'", care.thread);
    assert_eq!(care.practice.database.query(&priority).await, ["normal"]);
}

#[actix_web::test]
async fn staff_who_neither_see_the_thread_nor_were_called_read_not_whose_emergency_it_is() {
    let care = Care::start().await;
    let id = care.emergency().await;
    care.settle().await;
    assert_eq!(care.tom.get("ehr/escalations?state=open").await.expect(200)["items"][0]["client"], Value::Null);
    let shown = care.maya.get(&format!("ehr/escalations/{id}")).await.expect(200);
    assert_eq!(shown["client"]["name"], "Ada");
    assert_eq!(shown["pages"].as_array().map(Vec::len), Some(2), "{shown}");
    // Having looked, she has seen it, and the client reads so.
    assert_eq!(care.told().await["told"][0]["name"], "Maya");
}
