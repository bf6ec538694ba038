use crate::support::practice::Practice;
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn an_export_holds_everything_about_a_client_and_nothing_of_anybody_else() {
    let practice = Practice::start().await;
    let admin = practice.person("Alma", Role::Admin).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let client = practice.person("Ada", Role::Client).await;
    let other = practice.person("Canaryother", Role::Client).await;
    other.open("Canarysubject", "Canarybody").await;
    let thread = client.open("Sleep \"quoted\" \u{1f426}", "I cannot sleep\nat all").await;
    // More than two pages of entries; copies do not open, and count all the same.
    let copies = format!(
        "INSERT INTO entries SELECT thread_id, 1 + n, gen_random_uuid(), sender_id, 'message', 'normal', sealed, NULL, now() \
         FROM entries, generate_series(1, 1200) n WHERE thread_id = '{thread}' AND seq = 1; \
         UPDATE threads SET head = 1201 WHERE id = '{thread}'"
    );
    practice.database.query(&copies).await;
    clinician.claim(&thread).await.expect(200);
    clinician.post(&format!("ehr/threads/{thread}/notes"), json!({"body": "between us"})).await.expect(201);
    client
        .put(&format!("portal/messages/{thread}/draft"), json!({"body": "not sent", "revision": 0}))
        .await
        .expect(200);
    let consents = client.get("portal/privacy/consents").await.expect(200);
    let decision =
        json!({"kind": consents["items"][0]["kind"], "version": consents["items"][0]["version"], "granted": true});
    client.post("portal/privacy/consents", decision).await.expect(201);

    let path = format!("admin/clients/{}/export", client.id);
    let full = admin.get(&path).await.expect(200);
    assert_eq!(
        (full["format"].as_str(), full["client"].as_str()),
        (Some("carehub-export/1"), Some(&*client.id.to_string()))
    );
    assert_eq!((&full["account"][0]["name"], &full["account"][0]["email"]), (&json!("Ada"), &json!(client.email)));
    assert_eq!(full["consents"].as_array().unwrap().len(), 1);
    assert_eq!(full["drafts"][0]["draft"]["body"], "not sent");
    let exported = &full["threads"][0];
    assert_eq!(exported["subject"], "Sleep \"quoted\" \u{1f426}");
    assert_eq!(exported["participants"].as_array().unwrap().len(), 2);
    let entries = exported["entries"].as_array().unwrap();
    let stored: usize =
        practice.database.query(&format!("SELECT count(*) FROM entries WHERE thread_id = '{thread}'")).await[0]
            .parse()
            .unwrap();
    assert_eq!(entries.len(), stored);
    assert!(entries.iter().zip(1..).all(|(entry, seq)| entry["seq"] == seq), "without a gap");
    assert_eq!(entries[0]["body"], "I cannot sleep\nat all");
    assert!(full.to_string().contains("between us"));
    assert!(
        full["accessLog"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["action"] == "client.exported" && row["by"] == "Alma")
    );

    let own = client.post("portal/privacy/export", json!({})).await.expect(200);
    assert!(!own.to_string().contains("between us"), "what staff wrote among themselves");
    assert_eq!(own["threads"][0]["entries"].as_array().unwrap().len(), stored, "without a gap, too");
    for document in [&full, &own] {
        assert!(!document.to_string().contains("Canary"), "something of another client");
    }
    assert_eq!(
        practice.database.query("SELECT count(*) FROM audit_events WHERE action = 'client.exported'").await,
        ["2"]
    );

    // Others, and those who have not shown lately who they are, get nothing.
    practice.stranger("Zoe", Role::Admin).await.get(&path).await.refused(404, "notFound");
    clinician.get(&path).await.refused(403, "forbidden");
    admin.get(&format!("admin/clients/{}/export", clinician.id)).await.refused(404, "notFound");
    practice.database.query("UPDATE sign_in_sessions SET reauthenticated_at = now() - interval '6 minutes'").await;
    admin.get(&path).await.refused(403, "reauthenticate");
    client.post("portal/privacy/export", json!({})).await.refused(403, "reauthenticate");
    admin.erase(&client).await.refused(403, "reauthenticate");
}

#[actix_web::test]
async fn an_export_that_cannot_be_finished_is_broken_off_and_not_taken_for_whole() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    client.open("Sleep", "I cannot sleep").await;
    // A kind of entry that no version of the hub wrote.
    practice.database.query("UPDATE entries SET kind = 'nonsense'").await;
    let request = practice.request(Method::POST, "/api/v1/portal/privacy/export").bearer_auth(&client.token);
    let body = request.send().await.unwrap().text().await;
    let whole = body.ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    assert!(whole.is_none(), "{whole:?}");
}

#[actix_web::test]
async fn an_archive_holds_every_file_of_the_record_as_it_was_and_none_that_its_reader_may_not_see() {
    let practice = Practice::start().await;
    let (ada, maya) = crate::files::pair(&practice).await;
    let bea = practice.person("Bea", Role::Client).await;
    let admin = practice.person("Alma", Role::Admin).await;
    let pdf = |words: &str| format!("%PDF-1.7\n% {words}\n%%EOF\n").into_bytes();
    // A file of several pieces, one with a name that wants to lead elsewhere, one that is not shared, one of another.
    let large = pdf(&"x".repeat(300_000));
    ada.upload("portal/documents", "Befund.pdf", large.clone()).await.expect(201);
    let sent = ada.upload("portal/messages/attachments", "../../etc/passwd", "words").await.expect(201);
    let open = json!({"subject": "See", "body": "", "attachments": [sent["id"]]});
    ada.post("portal/messages", open).await.expect(201);
    let into = format!("ehr/clients/{}/documents", ada.id);
    maya.upload(&into, "Not yours.pdf", pdf("between us")).await.expect(201);
    bea.upload("portal/documents", "Canary.pdf", pdf("another")).await.expect(201);
    // Uploaded, and named nowhere.
    ada.upload("portal/messages/attachments", "forgotten.pdf", pdf("forgotten")).await.expect(201);

    let unpack = async |who: &crate::support::practice::Caller, method: Method, path: &str| {
        let request = practice.request(method, &format!("/api/v1/{path}?format=zip")).bearer_auth(&who.token);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/zip");
        let packed = std::io::Cursor::new(response.bytes().await.unwrap());
        let mut archive = zip::ZipArchive::new(packed).unwrap();
        let mut files = Vec::new();
        for at in 0..archive.len() {
            let mut file = archive.by_index(at).unwrap();
            assert!(file.enclosed_name().is_some(), "it leads nowhere else");
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut content).unwrap();
            files.push((file.name().unwrap().into_owned(), content));
        }
        files
    };
    let own = unpack(&ada, Method::POST, "portal/privacy/export").await;
    assert_eq!(own[0].0, "export.json");
    let document: Value = serde_json::from_slice(&own[0].1).unwrap();
    assert_eq!(document["client"], ada.id.to_string());
    let names: Vec<&str> = own[1..].iter().map(|(name, _)| &name["files/".len() + 37..]).collect();
    assert_eq!(names, ["Befund.pdf", "passwd.txt"]);
    assert_eq!((&own[1].1, own[2].1.as_slice()), (&large, b"words".as_slice()));
    // Each is told of in the document, under the same id.
    for (listed, (name, _)) in document["files"].as_array().unwrap().iter().zip(&own[1..]) {
        assert_eq!(listed["id"].as_str().unwrap(), &name["files/".len()..][..36]);
    }
    let full = unpack(&admin, Method::GET, &format!("admin/clients/{}/export", ada.id)).await;
    assert_eq!(full.len(), 4);
    assert!(full.iter().any(|(_, content)| *content == pdf("between us")));

    // A file that is not there any more: whoever asks does not take the rest for whole.
    std::fs::remove_dir_all(practice.hub.outside.path().join("objects/kept")).unwrap();
    let request = practice.request(Method::POST, "/api/v1/portal/privacy/export?format=zip").bearer_auth(&ada.token);
    assert!(request.send().await.unwrap().bytes().await.is_err());
}
