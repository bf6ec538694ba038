//! C6: who is erased is erased everywhere, and stays so.

use crate::support::{
    Client, Database, Hub,
    practice::{Caller, PASSWORD, Practice, answer},
};
use carehub::{accounts::Role, privacy::certificate::Certificate};
use serde_json::{Value, json};
use std::time::Duration;

/// Every hub forgets within so long.
const FORGOTTEN: Duration = Duration::from_secs(5);
const WORDS: [&str; 4] = ["Canarysubject", "Canarybody", "Canaryanswer", "Canarydraft"];

/// What a call on another hub is answered with.
async fn get(hub: &Hub, who: &Caller, path: &str) -> (u16, String) {
    let call = reqwest::Client::new().get(hub.url(&format!("/api/v1/{path}"))).bearer_auth(&who.token);
    let response = call.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// A client with words in a thread, in the memory of two hubs, and a client beside.
struct Scene {
    practice: Practice,
    second: Hub,
    folders: [tempfile::TempDir; 2],
    admin: Caller,
    clinician: Caller,
    client: Caller,
    other: Caller,
    thread: String,
    other_thread: String,
}

impl Scene {
    async fn start() -> Self {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let practice = Practice::start_with(&[("CAREHUB_TOMBSTONES", folders[0].path().to_str().unwrap())]).await;
        let settings = [("CAREHUB_TOMBSTONES", folders[1].path().to_str().unwrap())];
        let second = Hub::start_with(&practice.database, &settings).await;
        let admin = practice.person("Alma", Role::Admin).await;
        let clinician = practice.person("Maya", Role::Clinician).await;
        let client = practice.person("Canaryname", Role::Client).await;
        let other = practice.person("Bea", Role::Client).await;
        let thread = client.open("Canarysubject", "Canarybody").await;
        let other_thread = other.open("Beside", "still here").await;
        clinician.claim(&thread).await.expect(200);
        clinician.claim(&other_thread).await.expect(200);
        clinician.post(&format!("ehr/threads/{thread}/reply"), json!({"body": "Canaryanswer"})).await.expect(201);
        let draft = json!({"body": "Canarydraft", "revision": 0});
        client.put(&format!("portal/messages/{thread}/draft"), draft).await.expect(200);
        Self { practice, second, folders, admin, clinician, client, other, thread, other_thread }
    }
}

#[actix_web::test]
async fn an_erased_client_is_gone_from_every_hub_within_seconds_and_all_others_are_as_before() {
    let scene = Scene::start().await;
    let Scene { practice, second, admin, clinician, client, thread, .. } = &scene;
    // Both hubs hold the key: a mailbox of the thread lives on each.
    let mut sockets = Vec::new();
    for hub in [&practice.hub, second] {
        let mut socket = Client::synced(hub, &client.someone()).await;
        socket.say_and_wait(thread, "Canarybody").await;
        sockets.push(socket);
    }
    let mut watching = Client::synced(second, &clinician.someone()).await;
    let page = format!("ehr/threads/{thread}");
    assert!(get(second, clinician, &page).await.1.contains("Canaryanswer"));
    admin
        .post(&format!("admin/clients/{}/erasure", client.id), json!({"reason": "x", "confirm": "another@example.org"}))
        .await
        .refused(422, "invalid");

    let erased = admin.erase(client).await.expect(201);
    let certificate: Certificate = serde_json::from_value(erased["certificate"].clone()).unwrap();
    let statement = certificate.verify().unwrap();
    assert_eq!((statement.client, statement.threads, statement.entries), (client.id, 1, 5));
    assert_eq!(statement.data_keys.len(), 1);
    assert_eq!(erased["reason"], "asked for it in writing");
    let id = erased["id"].as_str().unwrap();
    assert_eq!(admin.get(&format!("admin/erasures/{id}")).await.expect(200), erased);
    assert_eq!(admin.get("admin/erasures").await.expect(200)["items"], json!([erased]));
    assert_eq!(
        admin
            .post(
                &format!("admin/clients/{}/erasure", client.id),
                json!({"reason": "again", "confirm": format!("erased-{}@erased.invalid", client.id)})
            )
            .await
            .expect(201)["id"],
        erased["id"]
    );

    for mut socket in sockets {
        assert_eq!(tokio::time::timeout(FORGOTTEN, socket.closed()).await.expect("closed in time"), Some(4401));
    }
    let heard = watching.collect(Duration::from_secs(1)).await;
    assert!(heard.iter().all(|frame| !frame.to_string().contains("Canaryb")), "{heard:?}");
    for frame in [
        json!({"type": "fetch", "thread": thread}),
        json!({"type": "send", "thread": thread, "id": uuid::Uuid::now_v7(), "body": "anybody there?"}),
    ] {
        assert_eq!(watching.ask(frame).await["code"], "notFound");
    }
    for hub in [&practice.hub, second] {
        assert_eq!(get(hub, clinician, &page).await.0, 404);
        assert_eq!(get(hub, client, "auth/me").await.0, 401);
        let (_, inbox) = get(hub, clinician, "ehr/inbox").await;
        assert!(inbox.contains("Beside") && !inbox.contains("Canary"), "{inbox}");
        let (_, found) = get(hub, clinician, "ehr/clients").await;
        assert!(found.contains("Bea") && !found.contains("Canaryname"), "{found}");
        let (_, beside) = get(hub, clinician, &format!("ehr/threads/{}", scene.other_thread)).await;
        assert!(beside.contains("still here"));
    }
    for email in [client.email.clone(), format!("erased-{}@erased.invalid", client.id)] {
        answer(practice.sign_in("portal", &email, PASSWORD).await).await.refused(401, "invalidCredentials");
    }

    // A hand in the database that brings everybody back into the thread brings back no word: the keys are gone from the
    // memory of both hubs, also from the mailboxes that held them.
    practice
        .database
        .query(&format!(
            "UPDATE participants SET left_at = NULL WHERE thread_id = '{thread}'; \
         UPDATE threads SET status = 'open', version = version + 1, assignee_id = '{}' WHERE id = '{thread}'; \
         UPDATE users SET status = 'active' WHERE id = '{}'",
            clinician.id, client.id
        ))
        .await;
    for hub in [&practice.hub, second] {
        let (status, shown) = get(hub, clinician, &page).await;
        assert!(status >= 400 && !shown.contains("Canary"), "{status} {shown}");
        let mut socket = Client::connect(hub, &clinician.someone()).await;
        let synced = socket.sync(Value::Null, json!({thread: 0})).await;
        assert!(!synced.to_string().contains("Canary"), "{synced}");
    }
    let dump = practice.database.dump();
    for word in WORDS.iter().chain(&["Canaryname", &*client.email]) {
        assert!(!dump.contains(word), "{word} is in the store");
    }
}

#[actix_web::test]
async fn a_backup_that_is_restored_stays_without_those_who_were_erased_since() {
    let mut scene = Scene::start().await;
    let backup = scene.folders[0].path().join("backup");
    scene.practice.database.back_up(&backup);
    let erased = scene.admin.erase(&scene.client).await.expect(201);
    // Written down by the hub that did it at once, by the other a moment later.
    let written = |folder: &tempfile::TempDir| std::fs::read_to_string(folder.path().join("erasures.jsonl")).unwrap();
    assert_eq!(written(&scene.folders[0]).lines().count(), 1);
    let second = &scene.folders[1];
    crate::support::eventually("the other hub to write it down", FORGOTTEN, async || {
        (written(second) == written(&scene.folders[0])).then_some(())
    })
    .await;
    scene.second.kill();

    let restored = Database::empty().await;
    restored.restore(&backup);
    // What the backup holds is readable for a hub that does not know better.
    let naive = Hub::start(&restored).await;
    assert!(get(&naive, &scene.clinician, &format!("ehr/threads/{}", scene.thread)).await.1.contains("Canaryanswer"));
    drop(naive);
    let settings = [("CAREHUB_TOMBSTONES", second.path().to_str().unwrap())];
    let hub = Hub::start_with(&restored, &settings).await;
    assert_eq!(get(&hub, &scene.clinician, &format!("ehr/threads/{}", scene.thread)).await.0, 404);
    assert_eq!(get(&hub, &scene.client, "auth/me").await.0, 401);
    let (_, beside) = get(&hub, &scene.clinician, &format!("ehr/threads/{}", scene.other_thread)).await;
    assert!(beside.contains("still here"), "{beside}");
    assert_eq!(get(&hub, &scene.other, "auth/me").await.0, 200);
    let (_, record) = get(&hub, &scene.admin, &format!("admin/erasures/{}", erased["id"].as_str().unwrap())).await;
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["certificate"], erased["certificate"], "the certificate of then");
    assert_eq!(restored.query("SELECT count(*) FROM audit_events WHERE action = 'client.erasedAgain'").await, ["1"]);
    let dump = restored.dump();
    for word in WORDS.iter().chain(&["Canaryname", &*scene.client.email]) {
        assert!(!dump.contains(word), "{word} is in the restored store");
    }
}

#[actix_web::test]
async fn a_hub_that_cannot_write_an_erasure_down_erases_nobody() {
    let practice = Practice::start().await;
    let admin = practice.person("Alma", Role::Admin).await;
    let client = practice.person("Ada", Role::Client).await;
    client.open("Sleep", "I cannot sleep").await;
    let refused = admin.erase(&client).await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("CAREHUB_TOMBSTONES"));
    // A file that is taken away meanwhile: the transaction is undone.
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("tombstones");
    let settings = [("CAREHUB_TOMBSTONES", place.to_str().unwrap())];
    let hub = Hub::start_with(&practice.database, &settings).await;
    std::fs::remove_dir_all(&place).unwrap();
    let body = json!({"reason": "x", "confirm": client.email});
    let path = format!("/api/v1/admin/clients/{}/erasure", client.id);
    let (status, _) = hub.call(reqwest::Method::POST, &path, &admin.someone(), Some(body)).await;
    assert_eq!(status, 500);
    assert_eq!(practice.database.query("SELECT count(*) FROM data_keys WHERE erased_at IS NOT NULL").await, ["0"]);
    client.get("portal/messages").await.expect(200);
}
