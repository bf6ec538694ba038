//! What people see and choose: the calls, and the socket.

use crate::support::{
    Client, Hub, eventually, keys,
    practice::{Caller, PASSWORD, Practice},
    text,
};
use carehub::accounts::Role;
use serde_json::{Value, json};
use std::time::Duration;

/// Waits until the list has so many.
async fn told(who: &Caller, count: usize) -> Vec<Value> {
    let list = format!("{}/notifications", who.door());
    eventually(&format!("{count} notifications"), Duration::from_secs(10), async || {
        let items = who.get(&list).await.expect(200)["items"].as_array().unwrap().clone();
        (items.len() == count).then_some(items)
    })
    .await
}

#[actix_web::test]
async fn a_thread_that_was_handed_over_is_told_and_read() {
    let practice = Practice::start().await;
    let (ada, maya, tom) = (
        practice.person("Ada", Role::Client).await,
        practice.person("Maya", Role::Clinician).await,
        practice.person("Tom", Role::Clinician).await,
    );
    let thread = ada.open("Sleep", "I sleep badly.").await;
    maya.claim(&thread).await.expect(200);
    maya.post(&format!("ehr/threads/{thread}/hand-over"), json!({"to": tom.id, "note": "Please."})).await.expect(200);
    let items = told(&tom, 1).await;
    assert_eq!(keys(&items[0]), ["at", "id", "kind", "link", "read", "title"]);
    assert_eq!(text(&items[0], "kind"), "threadHandedOver");
    assert_eq!(text(&items[0], "title"), "A conversation was handed over to you");
    assert_eq!(text(&items[0], "link"), format!("/ehr/threads/{thread}"));
    assert_eq!(tom.get("ehr/notifications/unread-count").await.expect(200), json!({"unread": 1}));
    let read = format!("ehr/notifications/{}/read", text(&items[0], "id"));
    // Nobody else's.
    maya.call(reqwest::Method::POST, &read, None).await.refused(404, "notFound");
    assert_eq!(tom.get("ehr/notifications/unread-count").await.expect(200), json!({"unread": 1}));
    for _ in 0..2 {
        tom.call(reqwest::Method::POST, &read, None).await.expect(204);
    }
    assert_eq!(tom.get("ehr/notifications/unread-count").await.expect(200), json!({"unread": 0}));
    assert!(told(&maya, 0).await.is_empty(), "whoever did it is not told");
}

#[actix_web::test]
async fn a_password_that_was_changed_is_told_to_every_connection_on_every_node_and_listed_in_pages() {
    let practice = Practice::start().await;
    let other = Hub::start(&practice.database).await;
    let ada = practice.person("Ada", Role::Client).await;
    let mut here = Client::connect(&practice.hub, &ada.someone()).await;
    let mut there = Client::connect(&other, &ada.someone()).await;
    let change = |old: &str, new: &str| json!({"currentPassword": old, "newPassword": new, "endOtherSessions": false});
    let path = "portal/auth/change-password";
    ada.post(path, change(PASSWORD, "quiet orchard kettle")).await.expect(204);
    ada.post(path, change("quiet orchard kettle", PASSWORD)).await.expect(204);
    for client in [&mut here, &mut there] {
        let frame = client.expect("notification").await;
        assert_eq!(text(&frame, "kind"), "security");
        assert_eq!(text(&frame, "title"), "Your password was changed");
        assert_eq!(text(&frame, "link"), "/portal/account/security");
    }
    let all = told(&ada, 2).await;
    let first = ada.get("portal/notifications?limit=1").await.expect(200);
    assert_eq!(first["items"], json!([all[0]]));
    let next = ada.get(&format!("portal/notifications?limit=1&cursor={}", text(&first, "next"))).await.expect(200);
    assert_eq!((&next["items"], &next["next"]), (&json!([all[1]]), &Value::Null));
    ada.call(reqwest::Method::POST, "portal/notifications/read-all", None).await.expect(204);
    assert_eq!(ada.get("portal/notifications/unread-count").await.expect(200), json!({"unread": 0}));
}

#[actix_web::test]
async fn what_somebody_chooses_is_kept_and_what_they_cannot_choose_is_named() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada", Role::Client).await;
    let path = "portal/account/notifications";
    let before = ada.get(path).await.expect(200);
    assert_eq!(before["quietHours"], Value::Null);
    assert!(before["kinds"].as_array().unwrap().iter().all(|kind| kind["kind"] != "threadAssigned"));
    let chosen = json!({
        "timeZone": "Europe/Madrid", "language": "es",
        "quietHours": {"from": "21:30", "until": "07:00"},
        "digest": {"at": "08:00", "days": ["monday"], "kinds": ["billIssued"]},
        "channels": {"newMessage": ["sms"]},
    });
    let after = ada.put(path, chosen.clone()).await.expect(200);
    assert_eq!(after, ada.get(path).await.expect(200));
    for key in ["timeZone", "language", "quietHours", "digest"] {
        assert_eq!(after[key], chosen[key]);
    }
    let message = after["kinds"].as_array().unwrap().iter().find(|kind| kind["kind"] == "newMessage").unwrap();
    assert_eq!(message["channels"], json!(["sms"]));
    assert_eq!(after["reachable"], json!({"email": false, "sms": false, "push": false}));
    for (wrong, pointer) in [
        (json!({"timeZone": "Mars/Olympus"}), "/timeZone"),
        (json!({"language": "xx"}), "/language"),
        (json!({"channels": {"threadAssigned": []}}), "/channels/threadAssigned"),
        (json!({"channels": {"security": ["email"]}}), "/channels/security"),
        (json!({"quietHours": {"from": "9", "until": "07:00"}}), "/quietHours/from"),
    ] {
        let problem = ada.put(path, wrong).await;
        assert!(matches!(problem.status, 400 | 422), "{problem:?}");
        assert_eq!(text(&problem.body["errors"][0], "pointer"), pointer, "{problem:?}");
    }
    assert_eq!(after, ada.get(path).await.expect(200), "nothing of that was kept");
}

#[actix_web::test]
async fn a_confirmation_that_means_nothing_is_answered_like_one_that_does() {
    let practice = Practice::start().await;
    practice.post("push-confirmations", json!({"token": "x"})).await.expect(204);
}
