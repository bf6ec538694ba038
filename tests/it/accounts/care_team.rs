use crate::support::{
    Client, Hub,
    practice::{Caller, Practice},
};
use carehub::accounts::Role;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

fn team(client: &Caller) -> String {
    format!("ehr/clients/{}/care-team", client.id)
}

#[actix_web::test]
async fn a_clinician_sees_their_own_clients_and_searches_the_others_only_by_name() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada Lund", Role::Client).await;
    let bea = practice.person("Bea Lund", Role::Client).await;
    practice.person("Cleo Lund", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let sid = practice.person("Sid", Role::Staff).await;
    practice.cares(&maya, &ada).await;
    let thread = bea.open("Sleep", "I cannot sleep").await;
    maya.claim(&thread).await.expect(200);
    assert_eq!(names(&maya.get("ehr/clients").await.expect(200)), ["Ada Lund", "Bea Lund"]);
    let refused = maya.get("ehr/clients?scope=practice").await.refused(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/q");
    let found = maya.get("ehr/clients?scope=practice&q=lund").await.expect(200);
    assert_eq!(names(&found), ["Ada Lund", "Bea Lund", "Cleo Lund"]);
    assert_eq!((&found["items"][1]["own"], &found["items"][2]["own"]), (&json!(true), &json!(false)));
    // The front desk serves everybody.
    assert_eq!(names(&sid.get("ehr/clients").await.expect(200)), ["Ada Lund", "Bea Lund", "Cleo Lund"]);
}

#[actix_web::test]
async fn the_care_team_reads_what_a_colleague_looks_after_but_writes_nothing_into_it() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let tom = practice.person("Tom", Role::Clinician).await;
    let thread = ada.open("Sleep", "I cannot sleep").await;
    maya.claim(&thread).await.expect(200);
    let show = format!("ehr/threads/{thread}");
    tom.get(&show).await.refused(404, "notFound");
    practice.cares(&tom, &ada).await;
    let shown = tom.get(&show).await.expect(200);
    assert_eq!((&shown["entries"][0]["body"], &shown["thread"]["canReply"]), (&json!("I cannot sleep"), &json!(false)));
    let listed = tom.get(&format!("ehr/inbox?client={}", ada.id)).await.expect(200);
    assert_eq!(listed["items"][0]["id"], json!(thread));
    assert_eq!(tom.get("ehr/inbox").await.expect(200)["items"], json!([]), "it is not for them to do");
    tom.post(&format!("{show}/reply"), json!({"body": "x"})).await.refused(403, "forbidden");
    tom.post(&format!("{show}/notes"), json!({"body": "x"})).await.refused(403, "forbidden");
    let mut live = Client::synced(&practice.hub, &tom.someone()).await;
    assert_eq!(live.ask(json!({"type": "fetch", "thread": thread})).await["entries"][0]["body"], "I cannot sleep");
    assert_eq!(live.ask(json!({"type": "typing", "thread": thread, "on": true})).await["code"], "notFound");
}

/// Z5.
#[actix_web::test]
async fn who_leaves_a_care_team_sees_nothing_more_from_that_moment_on() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let sid = practice.person("Sid", Role::Staff).await;
    practice.cares(&maya, &ada).await;
    let (claimed, other) = (ada.open("Sleep", "before").await, ada.open("Work", "before").await);
    maya.claim(&claimed).await.expect(200);
    let second = Hub::start(&practice.database).await;
    let mut live = Client::synced(&practice.hub, &maya.someone()).await;
    let mut elsewhere = Client::synced(&second, &maya.someone()).await;
    maya.get(&format!("ehr/threads/{other}")).await.expect(200);
    let tom = practice.person("Tom", Role::Clinician).await;
    tom.claim(&other).await.expect(200);

    let out = Instant::now();
    sid.delete(&format!("{}/{}", team(&ada), maya.id)).await.expect(204);
    for live in [&mut live, &mut elsewhere] {
        assert_eq!(live.ask(json!({"type": "fetch", "thread": other})).await["code"], "notFound");
    }
    assert!(out.elapsed() < Duration::from_secs(1), "{:?}", out.elapsed());
    // What she looked after went back into the pool, and from there to somebody else.
    tom.claim(&claimed).await.expect(200);
    for thread in [&claimed, &other] {
        ada.post(&format!("portal/messages/{thread}/reply"), json!({"body": "after"})).await.expect(201);
        let reply = format!("/api/v1/portal/messages/{thread}/reply");
        second.post(&reply, &ada.someone(), json!({"body": "after"})).await;
        assert_eq!(elsewhere.ask(json!({"type": "fetch", "thread": thread})).await["code"], "notFound");
        assert_eq!(live.ask(json!({"type": "fetch", "thread": thread})).await["code"], "notFound");
        maya.get(&format!("ehr/threads/{thread}")).await.refused(404, "notFound");
    }
    for live in [&mut live, &mut elsewhere] {
        let heard = live.collect(Duration::from_millis(300)).await;
        assert!(!heard.iter().any(|frame| frame["body"] == "after"), "{heard:?}");
    }
}

#[actix_web::test]
async fn a_team_is_changed_by_itself_and_by_the_front_desk_and_by_nobody_else() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let tom = practice.person("Tom", Role::Clinician).await;
    let sid = practice.person("Sid", Role::Staff).await;
    let stranger = practice.stranger("Zoe", Role::Admin).await;
    tom.post(&team(&ada), json!({"user": tom.id})).await.refused(404, "notFound");
    stranger.post(&team(&ada), json!({"user": stranger.id})).await.refused(404, "notFound");
    sid.post(&team(&ada), json!({"user": maya.id})).await.expect(204);
    for nobody in [ada.id, stranger.id] {
        let refused = maya.post(&team(&ada), json!({"user": nobody})).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/user");
    }
    maya.post(&team(&ada), json!({"user": tom.id})).await.expect(204);
    tom.post(&team(&ada), json!({"user": tom.id})).await.expect(204);
    assert_eq!(names(&tom.get(&team(&ada)).await.expect(200)), ["Maya", "Tom"]);
    maya.delete(&format!("{}/{}", team(&ada), maya.id)).await.expect(204);
    maya.get(&team(&ada)).await.refused(404, "notFound");
    let rows =
        "SELECT action || ' ' || count(*) FROM audit_events WHERE action LIKE 'careTeam.%' GROUP BY action ORDER BY 1";
    assert_eq!(practice.database.query(rows).await, ["careTeam.joined 2", "careTeam.left 1", "careTeam.viewed 1"]);
}
