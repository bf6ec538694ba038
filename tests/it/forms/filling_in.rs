use super::{Room, pointers, question};
use carehub::accounts::Role;
use serde_json::json;

#[tokio::test]
async fn a_draft_is_kept_as_it_is_typed_and_only_what_changed_is_sent() {
    let room = Room::new().await;
    let filling = room.give(json!([question("a"), question("b"), {"key": "n", "label": "N", "type": "number"}])).await;
    assert_eq!(filling.shown().await["draft"], json!({"answers": {}, "revision": 0, "savedAt": null}));
    let name = "Zoë 漢字 דנה 🦊\u{202e}";
    let saved = filling.save(Some(0), json!({"a": name, "n": "twelve-ish"})).await.expect(200);
    assert_eq!((saved["revision"].as_i64(), &saved["answers"]["n"]), (Some(1), &json!("twelve-ish")));
    filling.save(Some(1), json!({"b": "more", "n": null, "status": "reviewed"})).await.expect(200);
    let draft = filling.shown().await["draft"].clone();
    assert_eq!(draft["answers"], json!({"a": name, "b": "more"}));
    assert!(draft["savedAt"].is_string());
    // What was typed is nowhere in the clear.
    let stored = room.practice.database.query("SELECT encode(sealed, 'escape') FROM form_drafts").await;
    assert!(stored.len() == 1 && !stored[0].contains("more"));
    let long = "x".repeat(60_000);
    for field in ["a", "b"] {
        filling.save(None, json!({field: long})).await.expect(200);
    }
    assert_eq!(filling.shown().await["draft"]["answers"]["b"].as_str().unwrap().len(), 60_000, "drafts are not judged");
    // What was written while there was no connection comes in one piece, however much it is.
    let words = "漢".repeat(20_000);
    filling.save(None, json!({"a": words, "b": words})).await.expect(200);
    let whole = json!({"a": "x".repeat(300_000)});
    filling.save(None, whole).await.refused(413, "tooLarge");
}

#[tokio::test]
async fn of_two_windows_neither_writes_over_what_the_other_has_not_seen() {
    let room = Room::new().await;
    let filling = room.give(json!([question("a"), question("b")])).await;
    filling.save(Some(0), json!({"a": "from the first"})).await.expect(200);
    let refused = filling.save(Some(0), json!({"a": "from the second"})).await.refused(409, "conflict");
    assert_eq!(refused["current"]["answers"], json!({"a": "from the first"}));
    filling.save(refused["current"]["revision"].as_i64(), json!({"b": "also"})).await.expect(200);
    assert_eq!(filling.shown().await["draft"]["answers"], json!({"a": "from the first", "b": "also"}));
    // Submitting what was not seen is refused in the same way.
    let stale = json!({"revision": 1, "answers": {}});
    let path = format!("portal/forms/{}/submit", filling.id);
    filling.ann.post(&path, stale).await.refused(409, "conflict");
    let mut saving = tokio::task::JoinSet::new();
    for n in 0..8 {
        let filling = filling.clone();
        saving.spawn(async move { filling.save(Some(2), json!({"a": format!("racer {n}")})).await.status });
    }
    let mut statuses: Vec<u16> = saving.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409], "of eight at once one is kept");
}

#[tokio::test]
async fn what_is_refused_says_which_answers_and_nothing_of_it_is_stored() {
    let room = Room::new().await;
    let filling = room
        .give(json!([
            {"key": "name", "label": "Name", "type": "text", "required": true},
            {"key": "birth", "label": "Born", "type": "date", "latest": "today"},
            {"key": "weight", "label": "Weight", "type": "number", "min": 1, "max": 500},
            {"key": "sign", "label": "Signature", "type": "signature", "intent": "I agree.", "required": true},
        ]))
        .await;
    filling.save(Some(0), json!({"weight": "a lot", "birth": "2999-01-01"})).await.expect(200);
    let refused = filling.submit(json!({"sign": {"typed": "Ann"}})).await.refused(422, "invalid");
    assert_eq!(pointers(&refused), ["/answers/name", "/answers/birth", "/answers/weight", "/answers/sign"]);
    assert!(!refused.to_string().contains("a lot"));
    assert_eq!(filling.shown().await["draft"]["answers"]["weight"], "a lot", "the draft survives");
    assert_eq!(room.practice.database.query("SELECT count(*) FROM form_submissions").await, ["0"]);
    let good =
        json!({"name": "Ann", "birth": "2000-02-29", "weight": 61.5, "sign": {"agrees": true, "typed": "Ann Field"}});
    filling.submit(good).await.expect(201);
    filling.save(None, json!({"name": "x"})).await.refused(409, "conflict");
}

#[tokio::test]
async fn what_is_not_asked_is_not_required_and_dropped() {
    let room = Room::new().await;
    let fields = json!([
        {"key": "meds", "label": "Medication?", "type": "choice", "required": true,
            "options": [{"value": "y", "label": "Yes"}, {"value": "n", "label": "No"}]},
        {"key": "which", "label": "Which?", "type": "text", "required": true,
            "showIf": {"conditions": [{"field": "meds", "is": "equals", "value": "y"}]}},
    ]);
    let filling = room.give(fields.clone()).await;
    let refused = filling.submit(json!({"meds": "y"})).await.refused(422, "invalid");
    assert_eq!(pointers(&refused), ["/answers/which"]);
    filling.save(Some(0), json!({"meds": "y", "which": "typed before"})).await.expect(200);
    let submission = filling.submitted(json!({"meds": "n", "role": "admin"})).await;
    let shown = room.ann.get(&format!("portal/forms/submissions/{submission}")).await.expect(200);
    assert_eq!(shown["answers"], json!({"meds": "n"}));
}

#[tokio::test]
async fn clients_are_told_of_forms_and_reminded_and_nothing_is_told_of_what_was_submitted_or_taken_back() {
    let room = Room::new().await;
    let form = room.publish(json!([question("a")])).await;
    let path = format!("ehr/forms/{form}/assignments");
    let due = json!({"client": room.ann.id, "dueOn": "2031-06-15"});
    let given = room.ben.post(&path, due.clone()).await.expect(201);
    let id = given["id"].as_str().unwrap().to_owned();
    let open = async || {
        let notices = "SELECT kind || ' ' || due_at::date FROM notifications WHERE cancelled_at IS NULL AND kind <> 'formAssigned' \
            OR kind = 'formAssigned' AND cancelled_at IS NULL ORDER BY kind";
        let rows = room.practice.database.query(notices).await;
        rows.into_iter().map(|row| row.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(open().await, ["formAssigned", "formDue"]);
    let at = room
        .practice
        .database
        .query("SELECT due_at AT TIME ZONE 'UTC' FROM notifications WHERE kind = 'formDue'")
        .await;
    assert_eq!(at, ["2031-06-14 14:00:00"], "nine in the morning in Chicago, the day before");
    room.ben.delete(&format!("ehr/form-assignments/{id}")).await.expect(204);
    assert!(open().await.is_empty());
    assert!(room.ann.get("portal/forms").await.expect(200)["items"].as_array().unwrap().is_empty());
    let body = json!({"answers": {"a": "x"}});
    room.ann.post(&format!("portal/forms/{id}/submit"), body.clone()).await.refused(409, "conflict");
    let given = room.ben.post(&path, due).await.expect(201);
    let id = given["id"].as_str().unwrap();
    let sent = room.ann.post(&format!("portal/forms/{id}/submit"), body).await.expect(201);
    assert!(open().await.is_empty());
    room.ben.delete(&format!("ehr/form-assignments/{id}")).await.refused(409, "conflict");
    let review = format!("ehr/submissions/{}/review", sent["submission"].as_str().unwrap());
    room.ben.post(&review, json!({})).await.expect(200);
    assert_eq!(open().await, ["formReviewed"]);
}

#[tokio::test]
async fn nobody_reads_or_writes_what_another_is_asked() {
    let room = Room::new().await;
    let filling = room.give(json!([question("a")])).await;
    filling.save(Some(0), json!({"a": "private"})).await.expect(200);
    let bea = room.practice.person("Bea", Role::Client).await;
    let theirs = super::Filling { ann: bea.clone(), ..filling.clone() };
    bea.get(&format!("portal/forms/{}", filling.id)).await.refused(404, "notFound");
    theirs.save(Some(1), json!({"a": "mine"})).await.refused(404, "notFound");
    theirs.submit(json!({"a": "mine"})).await.refused(404, "notFound");
    bea.get(&format!("portal/forms/{}/history", filling.id)).await.refused(404, "notFound");
    assert_eq!(filling.shown().await["draft"]["answers"]["a"], "private");
    // Those who look after a client see what was submitted, not what is being written.
    let listed = room.ben.get(&format!("ehr/clients/{}/forms", room.ann.id)).await.expect(200).to_string();
    assert!(!listed.contains("private") && room.ben.get("ehr/submissions").await.expect(200)["items"] == json!([]));
}

#[tokio::test]
async fn answers_up_to_their_limits_are_submitted_and_one_character_more_is_not() {
    let room = Room::new().await;
    let long = json!({"key": "b", "label": "B", "type": "longText"});
    let filling = room.give(json!([question("a"), long])).await;
    for (line, lines) in [(501, 1), (1, 10_001)] {
        let answers = json!({"a": "漢".repeat(line), "b": "ä".repeat(lines)});
        assert_eq!(pointers(&filling.submit(answers).await.refused(422, "invalid")).len(), 1);
    }
    for _ in 0..5 {
        // What is typed is kept whatever the form asks for, as long as it is not boundless.
        let kept = filling.save(None, json!({"a": "x".repeat(60_000), "b": "y".repeat(200)})).await;
        assert_eq!(kept.status, 200);
    }
    let many: Vec<_> = (0..5).map(|n| question(&format!("q{n}"))).collect();
    let large = room.give(json!(many)).await;
    for n in 0..4 {
        large.save(None, json!({format!("q{n}"): "x".repeat(60_000)})).await.expect(200);
    }
    large.save(None, json!({"q4": "x".repeat(60_000)})).await.refused(413, "tooLarge");
    filling.submit(json!({"a": "漢".repeat(500), "b": "ä".repeat(10_000)})).await.expect(201);
}
