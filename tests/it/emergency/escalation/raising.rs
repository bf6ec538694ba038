use super::Care;
use crate::support::{eventually, text};
use carehub::{
    accounts::Role,
    emergency::{model::Cause, raise},
};
use chrono::TimeDelta;
use diesel_async::AsyncConnection;
use serde_json::{Value, json};
use std::time::Duration;

#[actix_web::test]
async fn a_message_its_crisis_notice_and_its_escalation_are_one_commit() {
    let care = Care::start().await;
    let (mut ada, mut maya) = (care.live(&care.ada).await, care.live(&care.maya).await);
    let id = uuid::Uuid::now_v7().to_string();
    let send = json!({"type": "send", "id": id, "thread": care.thread, "body": "Help me", "priority": "emergency"});
    ada.send(send.clone()).await;
    let sent = ada.expect("sent").await;
    for client in [&mut ada, &mut maya] {
        let notice = client.expect_where("entry", |frame| frame["kind"] == "notice").await;
        assert_eq!(notice["seq"].as_i64(), sent["seq"].as_i64().map(|seq| seq + 1));
        assert!(text(&notice, "body").contains("988") && notice["from"].is_null(), "{notice}");
        let frame = client.expect_where("escalation", |frame| frame["state"] == "paging").await;
        assert_eq!((frame["thread"].as_str(), frame["step"].as_i64()), (Some(&*care.thread), Some(0)));
    }
    let database = &care.practice.database;
    let one = format!(
        "SELECT count(DISTINCT x) FROM (SELECT xmin::text AS x FROM entries WHERE thread_id = '{}' AND seq >= {}
        UNION ALL SELECT xmin::text FROM audit_events WHERE action = 'escalation.raised') t",
        care.thread, sent["seq"]
    );
    assert_eq!(database.query(&one).await, ["1"], "they stand and fall together");
    // The same again, on both ways, raises and says nothing twice.
    for _ in 0..3 {
        ada.send(send.clone()).await;
        let reply = json!({"id": id, "body": "Help me", "priority": "emergency"});
        care.ada.post(&format!("portal/messages/{}/reply", care.thread), reply).await.expect(200);
        assert_eq!(ada.expect("sent").await["seq"], sent["seq"]);
    }
    let counts = "SELECT concat_ws(' ', (SELECT sum(emergencies) FROM escalations),
        (SELECT count(*) FROM entries WHERE priority = 'emergency' AND kind = 'notice'))";
    assert_eq!(database.query(counts).await, ["1 1"]);
}

#[actix_web::test]
async fn crisis_phrases_raise_what_the_client_did_not_mark_and_staff_raise_by_hand_alone() {
    let care = Care::start().await;
    let reply = format!("ehr/threads/{}/reply", care.thread);
    let quoted = json!({"body": "You wrote: I want to kill myself", "priority": "emergency"});
    care.maya.post(&reply, quoted).await.expect(201);
    care.say("See you on Friday", "normal").await;
    let database = &care.practice.database;
    assert_eq!(database.query("SELECT count(*) FROM escalations").await, ["0"]);
    care.say("I want to kill myself", "normal").await;
    assert_eq!(database.query("SELECT cause FROM escalations").await, ["phrase"]);
    let found = "SELECT string_agg(DISTINCT key, ' ' ORDER BY key) || ' ' || max(detail->>'phraseId')
        FROM audit_events, jsonb_each(detail::jsonb) WHERE action = 'crisisPhrase.found'";
    assert_eq!(database.query(found).await, ["language listVersion phraseId en-kill-self"], "never the words");
    // Staff who may know whose it is read which list it was; the log says nothing of it.
    let id = care.escalation().await;
    let shown = care.maya.get(&format!("ehr/escalations/{id}")).await.expect(200);
    let finding = &shown["finding"];
    assert_eq!((finding["phraseId"].as_str(), finding["language"].as_str()), (Some("en-kill-self"), Some("en")));
    let (words, version) = (text(finding, "words"), text(finding, "listVersion"));
    assert!(words.contains("English crisis phrases") && words.contains(version), "{words}");
    let stranger = care.tom.get(&format!("ehr/escalations/{id}")).await.expect(200);
    assert!(stranger["client"].is_null() == stranger["finding"].is_null(), "{stranger}");
    let log = care.practice.hub.logged();
    assert!(!log.contains("en-kill-self") && !log.contains("kill myself"), "{log}");
    let other = care.practice.person("Bea", Role::Client).await;
    let opened = json!({"subject": "Help", "body": "Please help me now", "priority": "emergency"});
    let opened = other.post("portal/messages", opened).await.expect(201);
    let thread = text(&opened["thread"], "id").to_owned();
    let entries = other.get(&format!("portal/messages/{thread}")).await.expect(200)["entries"].clone();
    assert_eq!(entries.as_array().map(Vec::len), Some(2), "the notice is there with the first message: {entries}");
    let third = care.practice.person("Cleo", Role::Client).await;
    let thread = third.open("Work", "All is well").await;
    care.tom.post(&format!("ehr/threads/{thread}/escalate"), json!({})).await.expect(201);
    let causes = database.query("SELECT cause FROM escalations ORDER BY id").await;
    assert_eq!(causes, ["phrase", "button", "staff"]);
}

#[actix_web::test]
async fn a_further_emergency_joins_the_one_that_is_open_and_after_it_a_new_one_begins() {
    let care = Care::start().await;
    let first = care.emergency().await;
    assert_eq!(care.emergency().await, first);
    let count = format!("SELECT emergencies FROM escalations WHERE id = '{first}'");
    assert_eq!(care.practice.database.query(&count).await, ["2"]);
    let note = json!({"note": "Called her; she is with her sister."});
    care.maya.post(&format!("ehr/escalations/{first}/resolve"), note).await.expect(200);
    assert_ne!(care.emergency().await, first);
}

#[actix_web::test]
async fn nobody_in_danger_is_told_that_the_conversation_is_closed() {
    let care = Care::start().await;
    care.maya.post(&format!("ehr/threads/{}/close", care.thread), json!({})).await.expect(200);
    let reply = format!("portal/messages/{}/reply", care.thread);
    care.ada.post(&reply, json!({"body": "Hello?"})).await.refused(409, "threadClosed");
    care.emergency().await;
    care.ada.post(&reply, json!({"body": "I am at home."})).await.expect(201);
    assert!(care.told().await["state"].is_string());
}

#[actix_web::test]
async fn a_client_without_an_emergency_reads_that_there_is_none() {
    let care = Care::start().await;
    assert_eq!(care.told().await, Value::Null);
}

/// What an assessment calls: no message tells of it, and everything else is as with one.
#[actix_web::test]
async fn what_means_danger_without_a_message_calls_people_just_the_same_and_only_with_what_meant_it() {
    let care = Care::start().await;
    let mut conn = care.practice.database.connect().await;
    let now = carehub::clock::Clock::system().now();
    let (practice, ada) = (care.practice.id, care.ada.id);
    let fallen = conn
        .transaction(async |conn| {
            raise::raise_for_client(conn, practice, ada, Cause::Assessment, now).await?;
            Err::<(), _>(diesel::result::Error::RollbackTransaction)
        })
        .await;
    assert!(fallen.is_err());
    let count = "SELECT concat_ws(' ', (SELECT count(*) FROM escalations), (SELECT count(*) FROM audit_events
        WHERE action LIKE 'escalation.%'))";
    assert_eq!(care.practice.database.query(count).await, ["0 0"], "it falls with the answers that meant it");

    let raise =
        async |conn: &mut _, at| raise::raise_for_client(conn, practice, ada, Cause::Assessment, at).await.unwrap();
    let id = raise(&mut conn, now).await;
    care.settle().await;
    // Nobody is assigned where there is no thread, and nobody is on call: all clinicians, at once.
    let id_text = id.to_string();
    let all = async || (care.at(&id_text).await == "paging 3 0").then_some(());
    eventually("all clinicians to be called", Duration::from_secs(10), all).await;
    let pages = care.pages(&id_text).await;
    assert_eq!(pages, ["Maya email 3 0", "Maya inApp 3 0", "Tom email 3 0", "Tom inApp 3 0"]);
    let shown = care.tom.get(&format!("ehr/escalations/{id}")).await.expect(200);
    assert_eq!(
        (&shown["cause"], &shown["client"]["name"], &shown["thread"]),
        (&json!("assessment"), &json!("Ada"), &Value::Null)
    );
    // A further one joins it while it is open; others of hers, in a thread, are their own.
    assert_eq!(raise(&mut conn, now + TimeDelta::seconds(1)).await, id);
    assert_ne!(care.emergency().await, id_text);
    care.tom.post(&format!("ehr/escalations/{id}/acknowledge"), json!({})).await.expect(200);
    care.settle().await;
    assert_eq!(care.at(&id_text).await, "acknowledged 3 0");
    // Whoever has it is called again when another comes, and stays silent.
    raise(&mut conn, now + TimeDelta::seconds(2)).await;
    // The last one may have been raised up to two seconds from now.
    care.later(1_805).await;
    assert_eq!(care.at(&id_text).await.split(' ').next(), Some("paging"));
    let trail = care.trail(&id_text).await;
    assert_eq!(trail.iter().filter(|action| *action == "escalation.raised").count(), 3, "{trail:?}");
    let note = json!({"note": "Called her."});
    care.tom.post(&format!("ehr/escalations/{id}/resolve"), note).await.expect(200);
    assert_ne!(raise(&mut conn, now + TimeDelta::seconds(3)).await, id);
}
