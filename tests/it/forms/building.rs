use super::{Room, pointers, question};
use crate::{dev::query, support::practice::Caller};
use carehub::{
    accounts::Role,
    http::json::{BODY_BYTES, FORM_BYTES},
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_postgres::error::SqlState;

fn changed(revision: i64, fields: Value) -> Value {
    json!({"revision": revision, "kind": "custom", "definition": {"title": "Mood", "fields": fields}})
}

#[tokio::test]
async fn what_is_being_built_may_be_unfinished_and_what_is_published_may_not() {
    let room = Room::new().await;
    let unfinished = json!({"title": "", "fields": [{"key": "", "label": "", "type": "choice", "options": []}]});
    let made = room.ben.post("ehr/forms", json!({"kind": "custom", "definition": unfinished})).await.expect(201);
    let path = format!("ehr/forms/{}", made["id"].as_str().unwrap());
    let refused = room.ben.post(&format!("{path}/publish"), json!({"revision": 1})).await.refused(422, "invalid");
    let expected =
        ["/definition/title", "/definition/fields/0/key", "/definition/fields/0/label", "/definition/fields/0/options"];
    assert_eq!(pointers(&refused), expected);
    let to_ann = json!({"client": room.ann.id});
    room.ben.post(&format!("{path}/assignments"), to_ann.clone()).await.refused(409, "conflict");
    room.ben.put(&path, changed(1, json!([question("mood")]))).await.expect(200);
    room.ben.post(&format!("{path}/publish"), json!({"revision": 2})).await.expect(200);
    room.ben.post(&format!("{path}/assignments"), to_ann.clone()).await.expect(201);
    room.ben.post(&format!("{path}/assignments"), to_ann).await.refused(409, "conflict");
    // Without bounds nothing is kept, unfinished or not.
    let many: Vec<_> = (0..201).map(|n| question(&format!("q{n}"))).collect();
    let refused = room.ben.put(&path, changed(2, json!(many))).await.refused(422, "invalid");
    assert_eq!(pointers(&refused), ["/definition/fields"]);
    room.ben
        .put(&path, changed(2, json!([{"key": "a", "label": "a\u{0}", "type": "text"}])))
        .await
        .refused(422, "invalid");
    room.ben.put(&path, changed(2, json!([{"key": "a", "label": "a", "type": "html"}]))).await.refused(422, "invalid");
}

#[tokio::test]
async fn a_form_as_large_as_a_body_may_be_is_kept_and_one_byte_more_is_not() {
    let room = Room::new().await;
    let made =
        room.ben.post("ehr/forms", json!({"kind": "custom", "definition": {"title": "Mood", "fields": []}})).await;
    let path = format!("/api/v1/ehr/forms/{}", made.expect(201)["id"].as_str().unwrap());
    let fields: Vec<_> =
        (0..60).map(|n| json!({"key": format!("q{n}"), "label": "漢".repeat(500), "type": "text"})).collect();
    let form = changed(1, json!(fields)).to_string();
    assert!(form.len() > BODY_BYTES);
    for (more, expected) in [(1, 413), (0, 200)] {
        let body = format!("{form}{}", " ".repeat(FORM_BYTES + more - form.len()));
        let request = room.practice.request(Method::PUT, &path).bearer_auth(&room.ben.token);
        let sent = request.header("content-type", "application/json").body(body).send().await.unwrap();
        assert_eq!(sent.status(), expected);
    }
}

#[tokio::test]
async fn a_version_stays_as_it_was_published_and_clients_are_asked_by_the_one_they_were_given() {
    let room = Room::new().await;
    let before = room.give(json!([question("mood")])).await;
    let path = format!("ehr/forms/{}", before.form);
    room.ben.put(&path, changed(1, json!([question("sleep")]))).await.expect(200);
    let published = room.ben.post(&format!("{path}/publish"), json!({"revision": 2})).await.expect(200);
    assert_eq!((published["version"].as_i64(), published["versions"].as_array().unwrap().len()), (Some(2), 2));
    assert_eq!(before.shown().await["definition"]["fields"][0]["key"], "mood");
    before.submit(json!({"mood": "fine", "sleep": "bad"})).await.expect(201);
    assert_eq!(room.give_form(&before.form).await.shown().await["definition"]["fields"][0]["key"], "sleep");
    // The same once more is no new version.
    let again = room.ben.post(&format!("{path}/publish"), json!({"revision": 2})).await.expect(200);
    assert_eq!(again["version"], 2);
    // Nobody rewrites a version, the hub's own role neither.
    let service = room.practice.database.service_url();
    for statement in [
        "UPDATE form_versions SET definition = '{}'",
        "DELETE FROM form_versions",
        "UPDATE form_submissions SET sealed = ''",
        "DELETE FROM form_submissions",
        "UPDATE form_reviews SET note_sealed = ''",
    ] {
        let refused = query(&service, statement).await.expect_err(statement);
        assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn of_two_who_build_at_once_the_second_is_told_and_nothing_is_written_over() {
    let room = Room::new().await;
    let id = room.publish(json!([question("mood")])).await;
    let path = format!("ehr/forms/{id}");
    room.ben.put(&path, changed(1, json!([question("first")]))).await.expect(200);
    let refused = room.ben.put(&path, changed(1, json!([question("second")]))).await.refused(409, "conflict");
    assert_eq!(refused["current"]["definition"]["fields"][0]["key"], "first");
    room.ben.post(&format!("{path}/publish"), json!({"revision": 1})).await.refused(409, "conflict");
}

#[tokio::test]
async fn every_new_client_is_given_what_the_practice_chose_and_nobody_is_given_what_is_retired() {
    let room = Room::new().await;
    let chosen = room.publish(json!([question("mood")])).await;
    let retired = room.publish(json!([question("mood")])).await;
    for form in [&chosen, &retired] {
        let on = json!({"on": true, "dueDays": 7});
        room.ben.put(&format!("ehr/forms/{form}/new-clients"), on).await.expect(200);
    }
    room.ben.call(Method::POST, &format!("ehr/forms/{retired}/retire"), None).await.expect(200);
    let person = json!({"name": "Nia New", "email": "nia@example.org", "dateOfBirth": "1990-02-28"});
    let nia = room.ben.post("ehr/clients", person).await.expect(201);
    let given = room.ben.get(&format!("ehr/clients/{}/forms", nia["id"].as_str().unwrap())).await.expect(200);
    let given = given["items"].as_array().unwrap();
    assert_eq!(given.len(), 1, "{given:?}");
    assert!(given[0]["dueOn"].is_string() && given[0]["overdue"] == false);
    let to_ann = json!({"client": room.ann.id});
    room.ben.post(&format!("ehr/forms/{retired}/assignments"), to_ann).await.refused(409, "conflict");
    let unpublished = json!({"kind": "custom", "definition": {"title": "T", "fields": []}});
    let unpublished = room.ben.post("ehr/forms", unpublished).await.expect(201);
    let path = format!("ehr/forms/{}/new-clients", unpublished["id"].as_str().unwrap());
    room.ben.put(&path, json!({"on": true})).await.refused(409, "conflict");
}

#[tokio::test]
async fn a_form_is_given_within_the_practice_to_a_client_one_looks_after_and_for_a_day_to_come() {
    let room = Room::new().await;
    let form = room.publish(json!([question("mood")])).await;
    let path = format!("ehr/forms/{form}/assignments");
    let give = async |by: &Caller, client: &Caller| by.post(&path, json!({"client": client.id})).await;
    let bea = room.practice.person("Bea", Role::Client).await;
    let zia = room.practice.stranger("Zia", Role::Client).await;
    let dale = room.practice.person("Dale", Role::Staff).await;
    give(&room.ben, &bea).await.refused(404, "notFound");
    give(&room.ben, &zia).await.refused(404, "notFound");
    give(&dale, &zia).await.refused(404, "notFound");
    // The front desk reaches everybody, and reads nothing.
    let given = give(&dale, &bea).await.expect(201);
    let id = given["id"].as_str().unwrap();
    let sent = bea.post(&format!("portal/forms/{id}/submit"), json!({"answers": {"mood": "x"}})).await.expect(201);
    let submission = format!("ehr/submissions/{}", sent["submission"].as_str().unwrap());
    dale.get(&submission).await.refused(404, "notFound");
    assert!(dale.get("ehr/submissions").await.expect(200)["items"].as_array().unwrap().is_empty());
    let over = json!({"client": room.ann.id, "dueOn": "2020-02-29"});
    assert_eq!(pointers(&room.ben.post(&path, over).await.refused(422, "invalid")), ["/dueOn"]);
    // Sent twice under one name, it is given once.
    let twice = json!({"id": uuid::Uuid::now_v7(), "client": room.ann.id});
    let first = room.ben.post(&path, twice.clone()).await.expect(201);
    assert_eq!(room.ben.post(&path, twice).await.expect(200), first);
}
