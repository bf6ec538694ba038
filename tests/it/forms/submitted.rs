use super::{Room, question};
use carehub::accounts::Role;
use serde_json::json;

fn signed() -> serde_json::Value {
    json!([question("mood"), {"key": "sign", "label": "Signature", "type": "signature", "intent": "I agree to treatment."}])
}

#[tokio::test]
async fn a_submission_keeps_its_version_and_who_signed_what_when_and_from_where() {
    let room = Room::new().await;
    let filling = room.give(signed()).await;
    let drawn = json!([[[10, 10], [200, 150]], [[300, 20]]]);
    let submission = filling.submitted(json!({"mood": "fine", "sign": {"agrees": true, "drawn": drawn}})).await;
    let shown = room.ann.get(&format!("portal/forms/submissions/{submission}")).await.expect(200);
    assert_eq!((&shown["version"], &shown["intact"], &shown["state"]), (&json!(1), &json!(true), &json!("submitted")));
    assert_eq!(shown["answers"]["sign"]["drawn"], drawn);
    let signature = &shown["signatures"][0];
    assert_eq!((&signature["intent"], &signature["address"]), (&json!("I agree to treatment."), &json!("127.0.0.1")));
    assert_eq!(signature["signedAt"], shown["submittedAt"]);
    let happened = room.ann.get(&format!("portal/forms/{}/history", filling.id)).await.expect(200);
    let happened: Vec<_> = happened["items"].as_array().unwrap().iter().map(|item| item["what"].clone()).collect();
    assert_eq!(happened, ["submitted", "assigned"]);
    // Sent twice, it is stored once; sent anew, it is refused and says where the first is.
    let path = format!("portal/forms/{}/submit", filling.id);
    let again = room.ann.post(&path, json!({"answers": {}})).await.refused(409, "conflict");
    assert_eq!(again["submission"], submission.as_str());
}

#[tokio::test]
async fn the_same_submission_sent_many_times_at_once_is_stored_once() {
    let room = Room::new().await;
    let filling = room.give(json!([question("mood")])).await;
    let body = json!({"id": uuid::Uuid::now_v7(), "answers": {"mood": "fine"}});
    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (ann, body, path) = (room.ann.clone(), body.clone(), format!("portal/forms/{}/submit", filling.id));
        sending.spawn(async move { ann.post(&path, body).await });
    }
    let answers = sending.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| [200, 201].contains(&answer.status) && answer.body == answers[0].body));
    assert_eq!(room.practice.database.query("SELECT count(*) FROM form_submissions").await, ["1"]);
}

#[tokio::test]
async fn whoever_changes_one_byte_of_what_was_sealed_is_found_out() {
    let room = Room::new().await;
    let database = &room.practice.database;
    let submission =
        room.give(signed()).await.submitted(json!({"mood": "fine", "sign": {"agrees": true, "typed": "Ann"}})).await;
    let path = format!("ehr/submissions/{submission}");
    let is_intact = async || room.ben.get(&path).await.expect(200)["intact"] == true;
    assert!(is_intact().await);
    // The digest is in the audit log, too, and tells nothing.
    let seal = room.ben.get(&path).await.expect(200)["seal"].as_str().unwrap().to_owned();
    let logged = database.query("SELECT detail->>'seal' FROM audit_events WHERE action = 'form.submitted'").await;
    assert_eq!(logged, [seal]);
    // Whoever runs these is a superuser: the hub's own role may not.
    for (change, back) in [
        (
            "UPDATE form_submissions SET seal = set_byte(seal, 7, get_byte(seal, 7) # 1)",
            "UPDATE form_submissions SET seal = set_byte(seal, 7, get_byte(seal, 7) # 1)",
        ),
        (
            "UPDATE form_versions SET definition = replace(definition, 'I agree', 'I refuse')",
            "UPDATE form_versions SET definition = replace(definition, 'I refuse', 'I agree')",
        ),
        (
            "UPDATE form_submissions SET submitted_at = submitted_at - interval '1 day'",
            "UPDATE form_submissions SET submitted_at = submitted_at + interval '1 day'",
        ),
    ] {
        database.query(change).await;
        assert!(!is_intact().await, "{change}");
        database.query(back).await;
        assert!(is_intact().await, "{back}");
    }
    database.query("UPDATE form_submissions SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)").await;
    room.ben.get(&path).await.refused(500, "internal");
    let told =
        "SELECT count(*) FROM audit_events WHERE action = 'integrity.failure' AND object_kind = 'formSubmission'";
    assert_eq!(database.query(told).await, ["4"]);
}

#[tokio::test]
async fn a_review_is_made_once_and_its_note_stays_among_staff() {
    let room = Room::new().await;
    let submission = room.give(json!([question("mood")])).await.submitted(json!({"mood": "fine"})).await;
    let path = format!("ehr/submissions/{submission}");
    let waiting = room.ben.get("ehr/submissions?reviewed=false").await.expect(200);
    assert_eq!(waiting["items"][0]["client"]["name"], "Ann Field");
    let tom = room.practice.person("Tom", Role::Clinician).await;
    tom.post(&format!("{path}/review"), json!({})).await.refused(404, "notFound");
    tom.get(&format!("{path}/pdf")).await.refused(404, "notFound");
    let long = json!({"note": "x".repeat(4_001)});
    room.ben.post(&format!("{path}/review"), long).await.refused(422, "invalid");
    let said = json!({"note": "staff-canary", "message": "See you on Tuesday.", "reviewedBy": room.ann.id});
    let reviewed = room.ben.post(&format!("{path}/review"), said).await.expect(200);
    assert_eq!(reviewed["review"]["note"], "staff-canary");
    assert_eq!(reviewed["review"]["by"]["id"], room.ben.id.to_string());
    room.ben.post(&format!("{path}/review"), json!({})).await.refused(409, "conflict");
    let shown = room.ann.get(&format!("portal/forms/submissions/{submission}")).await.expect(200);
    assert_eq!((&shown["state"], &shown["review"]["message"]), (&json!("reviewed"), &json!("See you on Tuesday.")));
    let export = room.ann.post("portal/privacy/export", json!({})).await.expect(200);
    assert!(
        export["formSubmissions"][0]["words"]["answers"]["mood"] == "fine"
            && export["formReviews"][0]["words"] == "See you on Tuesday."
    );
    for told in [shown.to_string(), export.to_string()] {
        assert!(!told.contains("staff-canary"), "{told}");
    }
    assert!(room.ben.get("ehr/submissions?reviewed=false").await.expect(200)["items"] == json!([]));
}
