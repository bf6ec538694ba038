use super::{pair, pdf};
use crate::support::{Client, Database, Hub, practice::Practice, text};
use carehub::accounts::Role;
use serde_json::{Value, json};
use uuid::Uuid;

const INTO: &str = "portal/messages/attachments";

fn content(file: &Value) -> String {
    format!("/api/v1/portal/messages/attachments/{}", file["id"].as_str().unwrap())
}

#[actix_web::test]
async fn a_message_carries_its_files_to_everybody_in_the_thread_live_and_read_later() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let thread = ada.open("Sleep", "I cannot sleep").await;
    maya.claim(&thread).await.expect(200);
    let mut watching = Client::synced(&practice.hub, &maya.someone()).await;
    let mut sending = Client::synced(&practice.hub, &ada.someone()).await;
    let one = ada.upload(INTO, "Überweisung.pdf", pdf("one")).await.expect(201);
    let two = ada.upload(INTO, "notes.txt", "words").await.expect(201);

    let id = Uuid::now_v7();
    let send =
        json!({"type": "send", "id": id, "thread": thread, "body": "See these", "attachments": [one["id"], two["id"]]});
    let sent = sending.ask(send.clone()).await;
    assert_eq!(sent["type"], "sent", "{sent}");
    let entry = watching.expect("entry").await;
    assert_eq!(entry["attachments"], json!([one, two]));
    assert_eq!(text(&one, "name"), "Überweisung.pdf");
    // Sent again, it is the same message.
    assert_eq!(sending.ask(send).await["seq"], sent["seq"]);

    let shown = maya.get(&format!("ehr/threads/{thread}")).await.expect(200);
    assert_eq!(shown["entries"].as_array().unwrap().last().unwrap()["attachments"], json!([one, two]));
    let fetched = maya.fetch(&content(&one).replace("portal", "ehr")).await;
    let header = |name: &str| fetched.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"_berweisung.pdf\"; filename*=UTF-8''%C3%9Cberweisung.pdf"
    );
    assert_eq!(
        (header("content-type"), header("x-content-type-options")),
        ("application/pdf".into(), "nosniff".into())
    );
    assert!(header("content-security-policy").ends_with("sandbox") && header("cache-control") == "no-store");
    assert_eq!(fetched.bytes().await.unwrap(), pdf("one"));

    // By REST, with nothing but a file; the words that follow stand after it.
    let three = ada.upload(INTO, "three.pdf", pdf("three")).await.expect(201);
    let reply = format!("portal/messages/{thread}/reply");
    let again = json!({"id": Uuid::now_v7(), "body": "", "attachments": [three["id"]]});
    let first = ada.post(&reply, again.clone()).await.expect(201);
    assert_eq!(ada.post(&reply, again).await.expect(200), first);
    ada.post(&reply, json!({"body": "That was all"})).await.expect(201);
    assert_eq!(watching.expect("entry").await["attachments"], json!([three]));
    assert_eq!(watching.expect("entry").await["body"], "That was all");
    assert_eq!(sending.expect("entry").await["attachments"], json!([three]));
}

#[actix_web::test]
async fn a_file_is_sent_once_by_whoever_handed_it_in_and_to_the_client_it_was_handed_in_for() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let (bea, tom) = pair(&practice).await;
    let (thread, theirs) = (ada.open("Sleep", "x").await, bea.open("Work", "x").await);
    maya.claim(&thread).await.expect(200);
    tom.claim(&theirs).await.expect(200);
    let file = ada.upload(INTO, "a.pdf", pdf("a")).await.expect(201);
    let reply = |door: &str, thread: &str| format!("{door}/{thread}/reply");
    let with = |file: &Value| json!({"body": "x", "attachments": [file["id"]]});

    // Another's upload, and one that does not exist, are the same to everybody.
    let unknown = json!({"id": Uuid::now_v7()});
    let mut refused = Vec::new();
    for file in [&file, &unknown] {
        refused.push(bea.post(&reply("portal/messages", &theirs), with(file)).await.refused(422, "invalid"));
        refused.push(maya.post(&reply("ehr/threads", &thread), with(file)).await.refused(422, "invalid"));
    }
    assert!(refused.iter().all(|problem| problem["errors"][0]["pointer"] == "/attachments"));
    assert_eq!(refused[0]["errors"], refused[2]["errors"]);
    ada.post(&reply("portal/messages", &thread), json!({"body": "x", "attachments": [file["id"], file["id"]]}))
        .await
        .refused(422, "invalid");
    ada.post(&reply("portal/messages", &thread), with(&file)).await.expect(201);
    ada.post(&reply("portal/messages", &thread), with(&file)).await.refused(422, "invalid");
    let many = json!({"body": "x", "attachments": vec![Uuid::now_v7(); 11]});
    ada.post(&reply("portal/messages", &thread), many).await.refused(422, "invalid");

    // Staff hand in for one thread's client.
    let for_ada =
        maya.upload(&format!("ehr/messages/attachments?thread={thread}"), "m.pdf", pdf("m")).await.expect(201);
    tom.upload(&format!("ehr/messages/attachments?thread={thread}"), "t.pdf", pdf("t")).await.refused(404, "notFound");
    let hers = bea.open("More", "x").await;
    maya.claim(&hers).await.expect(200);
    maya.post(&reply("ehr/threads", &hers), with(&for_ada)).await.refused(422, "invalid");
    maya.post(&reply("ehr/threads", &thread), with(&for_ada)).await.expect(201);
    // What was refused left nothing behind.
    let entries = practice.database.query(&format!("SELECT count(*) FROM entries WHERE thread_id = '{thread}'")).await;
    assert_eq!(entries, ["4"], "opened, claimed, sent by each");
}

#[actix_web::test]
async fn a_file_is_seen_by_those_who_see_the_thread_and_each_download_is_written_down() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let bea = practice.person("Bea", Role::Client).await;
    let tom = practice.person("Tom", Role::Clinician).await;
    let thread = ada.open("Sleep", "x").await;
    maya.claim(&thread).await.expect(200);
    let file = ada.upload(INTO, "a.pdf", pdf("a")).await.expect(201);
    let (path, ehr) = (content(&file), content(&file).replace("portal", "ehr"));
    assert_eq!(ada.fetch(&path).await.status(), 404, "before it is sent, it is nobody's to fetch");
    ada.post(&format!("portal/messages/{thread}/reply"), json!({"body": "x", "attachments": [file["id"]]}))
        .await
        .expect(201);
    assert_eq!(ada.fetch(&path).await.status(), 200);
    assert_eq!(maya.fetch(&ehr).await.status(), 200);
    let unknown = content(&json!({"id": Uuid::now_v7()}));
    let bodies = [
        bea.fetch(&path).await.text().await.unwrap(),
        bea.fetch(&unknown).await.text().await.unwrap(),
        tom.fetch(&ehr).await.text().await.unwrap(),
    ];
    let without_trace = |body: &String| serde_json::from_str::<Value>(body).unwrap()["code"].clone();
    assert!(bodies.iter().all(|body| without_trace(body) == "notFound"), "{bodies:?}");
    let rows = "SELECT action || ' ' || outcome || ' ' || actor_id FROM audit_events
        WHERE action IN ('file.stored', 'attachment.downloaded') AND client_id IS NOT NULL ORDER BY at, id";
    assert_eq!(
        practice.database.query(rows).await,
        [
            format!("file.stored done {}", ada.id),
            format!("attachment.downloaded done {}", ada.id),
            format!("attachment.downloaded done {}", maya.id),
        ]
    );
    for refused in [&bea, &tom] {
        let rows =
            format!("SELECT count(*) FROM audit_events WHERE outcome = 'refused' AND actor_id = '{}'", refused.id);
        assert_ne!(practice.database.query(&rows).await, ["0"]);
    }
}

#[actix_web::test]
async fn an_emergency_with_a_file_is_an_emergency() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let thread = ada.open("Sleep", "x").await;
    maya.claim(&thread).await.expect(200);
    let mut watching = Client::synced(&practice.hub, &maya.someone()).await;
    let mut sending = Client::synced(&practice.hub, &ada.someone()).await;
    let file = ada.upload(INTO, "a.txt", "goodbye").await.expect(201);
    let send = json!({"type": "send", "id": Uuid::now_v7(), "thread": thread, "body": "Help", "priority": "emergency",
        "attachments": [file["id"]]});
    assert_eq!(sending.ask(send).await["type"], "sent");
    let entry = watching.expect("entry").await;
    assert_eq!((entry["priority"].clone(), entry["attachments"].clone()), (json!("emergency"), json!([file])));
    assert_eq!(watching.expect("entry").await["kind"], "notice");
    assert_eq!(practice.database.query("SELECT count(*) FROM escalations").await, ["1"]);
}

#[actix_web::test]
async fn messages_with_and_without_files_keep_their_order_under_load() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let practice = Practice::on(database, hub).await;
    let mut sending = Client::synced(&practice.hub, &pair.client).await;
    let mut watching = Client::synced(&practice.hub, &pair.clinician).await;
    let http = reqwest::Client::new();
    let mut bodies = Vec::new();
    for n in 0..30 {
        let mut send = json!({"type": "send", "id": Uuid::now_v7(), "thread": pair.thread, "body": n.to_string()});
        if n % 3 == 0 {
            let made = http
                .post(practice.hub.url(&format!("/api/v1/{INTO}")))
                .bearer_auth(&pair.client.token)
                .header("content-type", "application/octet-stream")
                .body(format!("file {n}"))
                .send()
                .await
                .unwrap();
            send["attachments"] = json!([made.json::<Value>().await.unwrap()["id"]]);
        }
        bodies.push(send);
    }
    for send in bodies {
        sending.send(send).await;
    }
    for n in 0..30 {
        let entry = watching.expect("entry").await;
        assert_eq!(entry["body"], n.to_string());
        assert_eq!(entry["attachments"].as_array().unwrap().len(), usize::from(n % 3 == 0));
    }
}

#[actix_web::test]
async fn a_thread_is_opened_with_files_by_a_client_and_by_staff() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let bea = practice.person("Bea", Role::Client).await;
    let file = ada.upload(INTO, "letter.pdf", pdf("one")).await.expect(201);
    let open = json!({"id": Uuid::now_v7(), "subject": "A letter", "body": "", "attachments": [file["id"]]});
    let opened = ada.post("portal/messages", open.clone()).await.expect(201);
    assert_eq!(opened["entry"]["attachments"], json!([file]));
    assert_eq!(ada.post("portal/messages", open).await.expect(200), opened);
    assert_eq!(ada.fetch(&content(&file)).await.bytes().await.unwrap(), pdf("one"));
    // It was sent; and what is refused opens nothing.
    for attachments in [json!([file["id"]]), json!([Uuid::now_v7()]), json!(vec![Uuid::now_v7(); 11])] {
        let open = json!({"subject": "x", "body": "x", "attachments": attachments});
        let refused = ada.post("portal/messages", open).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/attachments");
    }
    assert_eq!(practice.database.query("SELECT count(*) FROM threads").await, ["1"]);

    let into = |client: Uuid| format!("ehr/messages/attachments?client={client}");
    let plan = maya.upload(&into(ada.id.0), "plan.pdf", pdf("two")).await.expect(201);
    maya.upload(&into(bea.id.0), "plan.pdf", pdf("three")).await.refused(404, "notFound");
    maya.upload("ehr/messages/attachments", "plan.pdf", pdf("four")).await.refused(422, "invalid");
    let open = json!({"client": ada.id, "subject": "A plan", "body": "See", "attachments": [plan["id"]]});
    let opened = maya.post("ehr/threads", open).await.expect(201);
    assert_eq!(opened["entry"]["attachments"], json!([plan]));
    assert_eq!(ada.fetch(&content(&plan)).await.bytes().await.unwrap(), pdf("two"));
}
