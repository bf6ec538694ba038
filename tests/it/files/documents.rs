use super::{kept, pair, pdf};
use crate::support::practice::{Caller, Practice};
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// Adds a document to a client's record, and tells its id.
pub async fn add(caller: &Caller, client: &Caller, name: &str, query: &str) -> String {
    let path = match caller.role {
        Role::Client => format!("portal/documents?{query}"),
        _ => format!("ehr/clients/{}/documents?{query}", client.id),
    };
    let made = caller.upload(&path, name, pdf(name)).await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

fn titles(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect()
}

async fn actions(practice: &Practice, document: &str) -> Vec<String> {
    let rows =
        format!("SELECT action FROM audit_events WHERE object_id = '{document}' AND outcome = 'done' ORDER BY at, id");
    practice.database.query(&rows).await
}

#[actix_web::test]
async fn a_client_sees_what_is_shared_and_nothing_else() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let hidden = add(&maya, &ada, "Hypothesis.pdf", "category=treatment").await;
    let shared = add(&maya, &ada, "Plan.pdf", "category=treatment&share=true").await;
    assert_eq!(titles(&ada.get("portal/documents").await.expect(200)), ["Plan"]);
    for path in ["", "/download"] {
        ada.get(&format!("portal/documents/{hidden}{path}")).await.refused(404, "notFound");
    }
    maya.post(&format!("ehr/documents/{hidden}/share"), json!({})).await.expect(200);
    assert_eq!(titles(&ada.get("portal/documents").await.expect(200)), ["Plan", "Hypothesis"]);
    maya.post(&format!("ehr/documents/{shared}/unshare"), json!({})).await.expect(200);
    assert_eq!(titles(&ada.get("portal/documents").await.expect(200)), ["Hypothesis"]);
    ada.get(&format!("portal/documents/{shared}")).await.refused(404, "notFound");
    assert_eq!(
        titles(&maya.get(&format!("ehr/clients/{}/documents", ada.id)).await.expect(200)),
        ["Plan", "Hypothesis"]
    );
    let told = "SELECT kind FROM notifications WHERE cancelled_at IS NULL ORDER BY id";
    assert_eq!(practice.database.query(told).await, ["documentShared"], "what was taken back is told no more");
    assert_eq!(actions(&practice, &shared).await, ["file.stored", "document.added", "document.unshared"]);
}

#[actix_web::test]
async fn documents_are_found_by_category_and_words_and_leafed_through() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    for (name, category) in
        [("Évaluation initiale.pdf", "intake"), ("Insurance card.pdf", "insurance"), ("診断書.pdf", "result")]
    {
        add(&maya, &ada, name, &format!("share=true&category={category}")).await;
    }
    let find = async |query: &str| ada.get(&format!("portal/documents?{query}")).await.expect(200);
    assert_eq!(titles(&find("q=evaluation").await), ["Évaluation initiale"]);
    assert_eq!(titles(&find("q=CARD").await), ["Insurance card"]);
    assert_eq!(titles(&find("q=%E8%A8%BA%E6%96%B7").await), Vec::<&str>::new());
    assert_eq!(titles(&find("q=%E8%A8%BA%E6%96%AD").await), ["診断書"]);
    assert_eq!(titles(&find("category=insurance").await), ["Insurance card"]);
    assert_eq!(titles(&find("category=insurance&q=evaluation").await), Vec::<&str>::new());
    let first = find("limit=2").await;
    assert_eq!(titles(&first), ["診断書", "Insurance card"]);
    let second = find(&format!("limit=2&cursor={}", first["next"].as_str().unwrap())).await;
    assert_eq!((titles(&second), &second["next"]), (vec!["Évaluation initiale"], &Value::Null));
    ada.get("portal/documents?limit=201").await.refused(422, "invalid");
    ada.get("portal/documents?category=everything").await.refused(400, "badRequest");
}

#[actix_web::test]
async fn what_a_client_hands_in_the_care_team_is_told_of_and_cannot_take_from_them() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let document = add(&ada, &ada, "Insurance card.pdf", "category=insurance").await;
    let told = format!("SELECT kind || ' ' || about FROM notifications WHERE user_id = '{}'", maya.id);
    assert_eq!(practice.database.query(&told).await, [format!("documentReceived {document}")]);
    let seen = maya.get(&format!("ehr/documents/{document}")).await.expect(200);
    assert_eq!((&seen["title"], &seen["addedBy"]["name"]), (&json!("Insurance card"), &json!("Ada")));
    maya.post(&format!("ehr/documents/{document}/unshare"), json!({})).await.refused(409, "conflict");
    assert_eq!(titles(&ada.get("portal/documents").await.expect(200)), ["Insurance card"]);
}

#[actix_web::test]
async fn a_version_follows_the_others_and_all_of_them_stay() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let document = add(&maya, &ada, "Plan.pdf", "share=true").await;
    let id = Uuid::now_v7();
    let versions = format!("ehr/documents/{document}/versions");
    let second = maya.upload_as(id, &versions, "Plan 2.pdf", pdf("second")).await.expect(201);
    assert_eq!(second["version"], 2);
    assert_eq!(maya.upload_as(id, &versions, "Plan 2.pdf", pdf("second")).await.expect(200)["version"], 2);
    let shown = ada.get(&format!("portal/documents/{document}")).await.expect(200);
    let names: Vec<_> =
        shown["versions"].as_array().unwrap().iter().map(|version| version["file"]["name"].clone()).collect();
    assert_eq!(names, ["Plan 2.pdf", "Plan.pdf"]);
    for (query, content) in [("", pdf("second")), ("?version=1", pdf("Plan.pdf")), ("?version=2", pdf("second"))] {
        let link = ada.get(&format!("portal/documents/{document}/download{query}")).await.expect(200);
        assert_eq!(ada.fetch(link["url"].as_str().unwrap()).await.bytes().await.unwrap(), content);
    }
    ada.get(&format!("portal/documents/{document}/download?version=3")).await.refused(404, "notFound");
    ada.upload(&versions, "x.pdf", pdf("x")).await.refused(403, "forbidden");
    let change = json!({"title": "  Our plan ", "category": "consent"});
    let changed = maya.call(Method::PATCH, &format!("ehr/documents/{document}"), Some(change)).await.expect(200);
    assert_eq!((&changed["title"], &changed["category"]), (&json!("Our plan"), &json!("consent")));
    for title in ["", " \n ", "two\nlines"] {
        let problem =
            maya.call(Method::PATCH, &format!("ehr/documents/{document}"), Some(json!({"title": title}))).await;
        assert_eq!(problem.refused(422, "invalid")["errors"][0]["pointer"], "/title");
    }
}

#[actix_web::test]
async fn sending_a_document_again_adds_nothing_twice() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let id = Uuid::now_v7();
    let path = format!("ehr/clients/{}/documents?share=true", ada.id);
    let first = maya.upload_as(id, &path, "Plan.pdf", pdf("plan")).await.expect(201);
    let again = maya.upload_as(id, &path, "Plan.pdf", pdf("plan")).await.expect(200);
    assert_eq!(first, again);
    maya.upload_as(id, &path, "Plan.pdf", pdf("another")).await.refused(409, "conflict");
    assert_eq!(practice.database.query("SELECT count(*) FROM documents").await, ["1"]);
    assert_eq!(practice.database.query("SELECT count(*) FROM notifications").await, ["1"]);
}

#[actix_web::test]
async fn whoever_broke_the_glass_reads_and_changes_nothing() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let tom = practice.person("Tom", Role::Clinician).await;
    let document = add(&maya, &ada, "Plan.pdf", "").await;
    let at = format!("ehr/documents/{document}");
    tom.get(&at).await.refused(404, "notFound");
    let reason = json!({"reason": "Covering for a colleague tonight."});
    tom.post(&format!("ehr/clients/{}/break-glass", ada.id), reason).await.expect(201);
    tom.get(&at).await.expect(200);
    for act in ["share", "unshare", "request-signature"] {
        tom.post(&format!("{at}/{act}"), json!({})).await.refused(403, "forbidden");
    }
    tom.upload(&format!("ehr/clients/{}/documents", ada.id), "x.pdf", pdf("x")).await.refused(403, "forbidden");
    let marked = format!(
        "SELECT DISTINCT emergency FROM audit_events WHERE actor_id = '{}' AND action = 'document.viewed'",
        tom.id
    );
    assert_eq!(practice.database.query(&marked).await, ["t"]);
}

#[actix_web::test]
async fn erasing_a_client_takes_their_files_from_the_store() {
    let tombstones = tempfile::tempdir().unwrap();
    let practice = Practice::start_with(&[("CAREHUB_TOMBSTONES", tombstones.path().to_str().unwrap())]).await;
    let (ada, maya) = pair(&practice).await;
    let document = add(&maya, &ada, "Plan.pdf", "share=true").await;
    maya.post(&format!("ehr/documents/{document}/request-signature"), json!({})).await.expect(200);
    let sign = json!({"version": 1, "name": "Ada", "agree": true});
    ada.post(&format!("portal/documents/{document}/sign"), sign).await.expect(200);
    let thread = ada.open("Sleep", "x").await;
    let file = ada.upload("portal/messages/attachments", "a.pdf", pdf("a")).await.expect(201);
    let send = json!({"body": "x", "attachments": [file["id"]]});
    ada.post(&format!("portal/messages/{thread}/reply"), send).await.expect(201);
    assert_eq!(kept(&practice).len(), 2);
    let zoe = practice.person("Zoe", Role::Admin).await;
    let erase = json!({"reason": "Asked for.", "confirm": ada.email});
    zoe.post(&format!("admin/clients/{}/erasure", ada.id), erase).await.expect(201);
    for table in ["objects", "attachments", "documents", "document_versions", "document_signatures"] {
        assert_eq!(practice.database.query(&format!("SELECT count(*) FROM {table}")).await, ["0"], "{table}");
    }
    // The loop comes by once a minute; here it is asked to.
    sweep(&practice).await;
    assert!(kept(&practice).is_empty());
    assert_eq!(practice.database.query("SELECT count(*) FROM object_removals").await, ["0"]);
}

/// What the hub does once a minute, at once.
pub async fn sweep(practice: &Practice) -> usize {
    sweep_later(practice, chrono::TimeDelta::zero()).await
}

/// The same as if so much time had passed.
pub async fn sweep_later(practice: &Practice, later: chrono::TimeDelta) -> usize {
    let folder = practice.hub.outside.path().join("objects");
    let folder = folder.to_str().unwrap().to_owned();
    let find = move |name: &str| (name == "CAREHUB_OBJECTS").then(|| folder.clone());
    let config = carehub::config::Config::from_sources(find, "").unwrap();
    let objects = carehub::objects::Objects::new(&config.files, None).unwrap();
    let mut conn = practice.database.connect().await;
    carehub::objects::sweep::sweep(&mut conn, &objects, carehub::clock::Clock::system().now() + later).await.unwrap()
}

#[actix_web::test]
async fn what_was_begun_and_not_finished_and_what_nobody_used_is_swept() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    add(&maya, &ada, "Plan.pdf", "share=true").await;
    ada.upload("portal/messages/attachments", "never-sent.pdf", pdf("x")).await.expect(201);
    assert_eq!(kept(&practice).len(), 2);
    assert_eq!(sweep(&practice).await, 0);
    practice.database.query("UPDATE objects SET state = 'uploading' WHERE used_at IS NULL").await;
    assert_eq!(sweep_later(&practice, chrono::TimeDelta::minutes(59)).await, 0);
    practice.database.query("UPDATE objects SET state = 'stored' WHERE used_at IS NULL").await;
    assert_eq!(sweep_later(&practice, chrono::TimeDelta::hours(23)).await, 0);
    assert_eq!(sweep_later(&practice, chrono::TimeDelta::hours(25)).await, 1);
    assert_eq!(kept(&practice).len(), 1, "what a document consists of stays");
}
