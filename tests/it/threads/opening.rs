use crate::support::{Client, practice::Practice};
use carehub::accounts::Role;
use serde_json::{Value, json};

#[actix_web::test]
async fn the_same_id_opens_one_thread_however_often_it_comes() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let id = uuid::Uuid::now_v7();
    let opening = json!({"id": id, "subject": " Sleep ", "body": "I cannot sleep"});
    let opened = (0..8).map(|_| client.post("portal/messages", opening.clone()));
    let opened = futures_util::future::join_all(opened).await;
    assert_eq!(opened.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(opened.iter().filter(|answer| answer.status == 200).count(), 7);
    assert!(opened.iter().all(|answer| answer.body == opened[0].body));
    assert_eq!(opened[0].body["thread"]["subject"], "Sleep");
    assert_eq!((&opened[0].body["entry"]["seq"], &opened[0].body["entry"]["id"]), (&json!(1), &json!(id)));
    let other = json!({"id": id, "subject": "Sleep", "body": "something else"});
    client.post("portal/messages", other).await.refused(409, "conflict");
    assert_eq!(practice.database.query("SELECT count(*) FROM threads").await, ["1"]);
}

#[actix_web::test]
async fn an_idempotency_key_stands_for_the_id() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let key = uuid::Uuid::now_v7().to_string();
    let open = async || {
        let request = practice.request(reqwest::Method::POST, "/api/v1/portal/messages").bearer_auth(&client.token);
        let request = request.header("idempotency-key", &key).json(&json!({"subject": "Sleep", "body": "x"}));
        crate::support::practice::answer(request.send().await.unwrap()).await
    };
    let first = open().await.expect(201);
    assert_eq!(first["entry"]["id"], key);
    assert_eq!(open().await.expect(200), first);
}

#[actix_web::test]
async fn what_the_server_owns_cannot_be_sent() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let other = practice.person("Bea", Role::Client).await;
    let opened = client
        .post(
            "portal/messages",
            json!({
                "subject": "x", "body": "x", "client": other.id, "practiceId": uuid::Uuid::now_v7(), "status": "closed",
                "seq": 7, "from": null, "kind": "note", "assignee": client.id, "at": "2001-01-01T00:00:00Z", "head": 9,
            }),
        )
        .await
        .expect(201);
    let (thread, entry) = (&opened["thread"], &opened["entry"]);
    assert_eq!(thread["client"]["id"], client.id.to_string());
    assert_eq!((&thread["status"], &thread["assignee"], &thread["head"]), (&json!("open"), &Value::Null, &json!(1)));
    assert_eq!((&entry["kind"], &entry["seq"]), (&json!("message"), &json!(1)));
    assert_eq!(entry["from"]["id"], client.id.to_string());
    assert!(!entry["at"].as_str().unwrap().starts_with("2001"));
}

#[actix_web::test]
async fn a_new_thread_comes_live_and_staff_open_them_only_for_their_own_clients() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    practice.cares(&clinician, &client).await;
    let foreign = practice.stranger("Xan", Role::Client).await;
    let not_hers = practice.person("Bea", Role::Client).await;
    let mut live = Client::synced(&practice.hub, &client.someone()).await;
    let opened = clinician
        .post("ehr/threads", json!({"client": client.id, "subject": "Hello", "body": "How are you?"}))
        .await
        .expect(201);
    assert_eq!(opened["thread"]["assignee"]["name"], "Maya");
    let entry = live.expect("entry").await;
    assert_eq!((&entry["body"], &entry["thread"]), (&json!("How are you?"), &opened["thread"]["id"]));
    for not_a_client in [foreign.id, not_hers.id, clinician.id] {
        let opening = json!({"client": not_a_client, "subject": "x", "body": "x"});
        let problem = clinician.post("ehr/threads", opening).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/client");
    }
}
