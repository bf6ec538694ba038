use crate::support::{Client, practice::Practice};
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn of_many_who_claim_a_thread_one_gets_it_and_the_others_are_told_who() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let mut clinicians = Vec::new();
    for n in 0..6 {
        clinicians.push(practice.person(&format!("Clinician {n}"), Role::Clinician).await);
    }
    let thread = client.open("Sleep", "I cannot sleep").await;
    let claims = futures_util::future::join_all(clinicians.iter().map(|clinician| clinician.claim(&thread))).await;
    let won: Vec<usize> = (0..claims.len()).filter(|n| claims[*n].status == 200).collect();
    assert_eq!(won.len(), 1, "{claims:?}");
    let winner = format!("Clinician {}", won[0]);
    for lost in claims.into_iter().filter(|claim| claim.status != 200) {
        assert_eq!(lost.refused(409, "conflict")["assignee"]["name"], winner);
    }
    // Again by the same: nothing new.
    clinicians[won[0]].claim(&thread).await.expect(200);
    let entries = client.get(&format!("portal/messages/{thread}")).await.expect(200)["entries"].clone();
    assert_eq!(entries.as_array().unwrap().len(), 2, "{entries}");
    assert_eq!((&entries[1]["kind"], &entries[1]["from"]), (&json!("notice"), &Value::Null));
    assert!(entries[1]["body"].as_str().unwrap().contains(&winner));
}

#[actix_web::test]
async fn whoever_claims_a_thread_writes_into_it_at_once() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    for n in 0..10 {
        let thread = client.open("Sleep", "I cannot sleep").await;
        let reply = format!("ehr/threads/{thread}/reply");
        clinician.post(&reply, json!({"body": "Hello"})).await.refused(403, "forbidden");
        clinician.claim(&thread).await.expect(200);
        assert_eq!(clinician.post(&reply, json!({"body": "Hello"})).await.expect(201)["seq"], 3, "thread {n}");
    }
}

#[actix_web::test]
async fn handing_over_tells_the_client_and_shuts_the_former_assignee_out() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let tom = practice.person("Tom", Role::Clinician).await;
    let stranger = practice.stranger("Zoe", Role::Clinician).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    maya.claim(&thread).await.expect(200);
    let mut live = Client::synced(&practice.hub, &client.someone()).await;
    let hand_over = format!("ehr/threads/{thread}/hand-over");
    for nobody in [stranger.id, client.id, maya.id] {
        let problem = maya.post(&hand_over, json!({"to": nobody})).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/to");
    }
    let summary = maya.post(&hand_over, json!({"to": tom.id, "note": "She sleeps badly."})).await.expect(200);
    assert_eq!((&summary["assignee"]["name"], &summary["canReply"]), (&json!("Tom"), &json!(false)));
    maya.get(&format!("ehr/threads/{thread}")).await.refused(404, "notFound");
    maya.post(&format!("ehr/threads/{thread}/reply"), json!({"body": "x"})).await.refused(404, "notFound");
    let told = live.expect_where("entry", |entry| entry["seq"] == 4).await;
    assert!(told["body"].as_str().unwrap().starts_with("Maya handed this conversation over to Tom"));
    let shown = tom.get(&format!("ehr/threads/{thread}")).await.expect(200);
    assert_eq!(
        (&shown["entries"][2]["kind"], &shown["entries"][2]["body"]),
        (&json!("note"), &json!("She sleeps badly."))
    );
    assert_eq!(shown["thread"]["canReply"], true);
    let seen = client.get(&format!("portal/messages/{thread}")).await.expect(200);
    assert!(!seen.to_string().contains("sleeps badly"));
    tom.post(&format!("ehr/threads/{thread}/reply"), json!({"body": "Hello"})).await.expect(201);
}

#[actix_web::test]
async fn staff_assign_and_an_assignee_gives_back() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let sid = practice.person("Sid", Role::Staff).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    let assign = format!("ehr/threads/{thread}/assign");
    maya.post(&assign, json!({"assignee": maya.id})).await.refused(403, "forbidden");
    let problem = sid.post(&assign, json!({})).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/assignee");
    assert_eq!(sid.post(&assign, json!({"assignee": maya.id})).await.expect(200)["assignee"]["name"], "Maya");
    sid.get(&format!("ehr/threads/{thread}")).await.refused(404, "notFound");
    assert_eq!(maya.get("ehr/inbox?filter=mine").await.expect(200)["counts"]["mine"], 1);
    assert_eq!(maya.post(&assign, json!({"assignee": null})).await.expect(200)["assignee"], Value::Null);
    assert_eq!(sid.get("ehr/inbox?filter=unassigned").await.expect(200)["counts"]["unassigned"], 1);
}

#[actix_web::test]
async fn a_closed_thread_takes_no_message_until_it_is_reopened() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    let (close, reopen) = (format!("ehr/threads/{thread}/close"), format!("ehr/threads/{thread}/reopen"));
    maya.post(&close, json!({})).await.refused(403, "forbidden");
    maya.claim(&thread).await.expect(200);
    assert_eq!(maya.post(&close, json!({"note": "All well."})).await.expect(200)["status"], "closed");
    assert_eq!(maya.call(Method::POST, &close, None).await.expect(200)["head"], 4);
    let reply = format!("portal/messages/{thread}/reply");
    client.post(&reply, json!({"body": "Wait"})).await.refused(409, "threadClosed");
    let shown = client.get(&format!("portal/messages/{thread}")).await.expect(200);
    assert_eq!(shown["thread"]["canReply"], false);
    assert!(shown["thread"]["cannotReplyBecause"].is_string());
    assert_eq!(maya.call(Method::POST, &reopen, None).await.expect(200)["status"], "open");
    client.post(&reply, json!({"body": "Wait"})).await.expect(201);
}
