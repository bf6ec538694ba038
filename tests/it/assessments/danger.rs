use super::{Clinic, gad7, phq9};
use crate::support::text;
use serde_json::{Value, json};

const RAISED: &str = "SELECT count(*) FROM escalations";

#[actix_web::test]
async fn a_ninth_item_above_nothing_raises_an_emergency_in_the_commit_of_the_submission() {
    let clinic = Clinic::open().await;
    let id = clinic.assign("phq-9").await;
    let path = format!("portal/assessments/{id}/submit");
    let submitted = clinic.ada.post(&path, phq9(0, 1)).await.expect(201);
    assert!(text(&submitted, "crisisNotice").contains("988"), "{submitted}");
    assert_eq!(submitted["assessment"]["escalation"], Value::Null, "nothing that staff alone read");
    let one = "SELECT count(DISTINCT x) FROM (SELECT xmin::text AS x FROM assessments WHERE state = 'submitted'
        UNION ALL SELECT xmin::text FROM audit_events WHERE action IN ('escalation.raised', 'assessment.submitted')) t";
    assert_eq!(clinic.count(one).await, "1", "they stand and fall together");
    assert_eq!(clinic.count("SELECT cause || ' ' || (thread_id IS NULL) FROM escalations").await, "assessment true");

    // The truth, at once and without a thread.
    let told = clinic.ada.get("portal/assessments/emergency").await.expect(200)["emergency"].clone();
    assert!(["raised", "paging"].contains(&text(&told, "state")), "{told}");
    // Twice is once.
    clinic.ada.post(&path, phq9(0, 1)).await.expect(200);
    assert_eq!(clinic.count("SELECT count(*) || ' ' || sum(emergencies) FROM escalations").await, "1 1");

    // Staff read which instrument it was, and whoever may not know whose it is reads neither.
    let emergencies = clinic.maya.get("ehr/escalations").await.expect(200)["items"][0].clone();
    assert_eq!((&emergencies["cause"], &emergencies["instruments"]), (&json!("assessment"), &json!(["phq-9"])));
    assert_eq!(emergencies["client"]["name"], "Ada");
    let dale = clinic.practice.person("Dale", carehub::accounts::Role::Staff).await;
    let to_dale = dale.get("ehr/escalations").await.expect(200)["items"][0].clone();
    assert_eq!((&to_dale["client"], &to_dale["instruments"]), (&Value::Null, &json!([])));
    let result = clinic.maya.get(&format!("ehr/assessments/{id}")).await.expect(200);
    assert_eq!(result["assessment"]["escalation"], emergencies["id"]);
    assert_eq!(result["assessment"]["result"]["dangers"], json!(["9"]));
}

#[actix_web::test]
async fn nothing_else_raises_anything() {
    let clinic = Clinic::open().await;
    for (instrument, answers) in [
        ("phq-9", phq9(3, 0)),
        ("gad-7", gad7(3)),
        (
            "pcl-5",
            json!({"answers": (1..=20).map(|item| (item.to_string(), json!(4))).collect::<serde_json::Map<_, _>>()}),
        ),
        ("c-ssrs", json!({"answers": {"1": 0, "2": 0, "6": 0}})),
    ] {
        let path = format!("portal/assessments/{}/submit", clinic.assign(instrument).await);
        let submitted = clinic.ada.post(&path, answers).await.expect(201);
        assert_eq!(submitted["crisisNotice"], Value::Null, "{instrument}");
        assert_eq!(clinic.count(RAISED).await, "0", "{instrument}");
    }
    assert_eq!(clinic.ada.get("portal/assessments/emergency").await.expect(200)["emergency"], Value::Null);
}

#[actix_web::test]
async fn any_yes_in_the_screener_raises_one_and_the_level_is_for_staff() {
    for (answers, level) in [
        (json!({"1": 1, "2": 0, "6": 0}), "low"),
        (json!({"1": 0, "2": 1, "3": 1, "4": 0, "5": 0, "6": 0}), "moderate"),
        (json!({"1": 0, "2": 0, "6": 1, "6a": 0}), "moderate"),
        (json!({"1": 0, "2": 0, "6": 1, "6a": 1}), "high"),
    ] {
        let clinic = Clinic::open().await;
        let id = clinic.assign("c-ssrs").await;
        let submitted = clinic.ada.post(&format!("portal/assessments/{id}/submit"), json!({"answers": answers})).await;
        let submitted = submitted.expect(201);
        assert!(submitted["crisisNotice"].is_string());
        assert_eq!(submitted["assessment"]["result"], Value::Null, "no client reads a level of risk");
        let points = clinic.ada.get("portal/assessments/trends?instrument=c-ssrs").await.expect(200)["points"].clone();
        assert_eq!(points, json!([]));
        assert_eq!(clinic.count(RAISED).await, "1");
        let result = clinic.maya.get(&format!("ehr/assessments/{id}")).await.expect(200);
        assert_eq!(result["assessment"]["result"]["band"], level);
    }
}

#[actix_web::test]
async fn a_second_instrument_joins_the_emergency_that_is_open_and_after_it_a_new_one_begins() {
    let clinic = Clinic::open().await;
    let path = format!("portal/assessments/{}/submit", clinic.assign("phq-9").await);
    clinic.ada.post(&path, phq9(0, 3)).await.expect(201);
    let path = format!("portal/assessments/{}/submit", clinic.assign("c-ssrs").await);
    clinic.ada.post(&path, json!({"answers": {"1": 1, "2": 0, "6": 0}})).await.expect(201);
    let open = clinic.maya.get("ehr/escalations").await.expect(200)["items"][0].clone();
    assert_eq!((&open["emergencies"], &open["instruments"]), (&json!(2), &json!(["c-ssrs", "phq-9"])));
    let resolve = format!("ehr/escalations/{}/resolve", text(&open, "id"));
    clinic.maya.post(&resolve, json!({"note": "Called her; she is with her sister."})).await.expect(200);
    let path = format!("portal/assessments/{}/submit", clinic.assign("phq-9").await);
    clinic.ada.post(&path, phq9(0, 1)).await.expect(201);
    assert_eq!(clinic.count(RAISED).await, "2");
}

#[actix_web::test]
async fn no_word_about_it_leaves_carehub() {
    let clinic = Clinic::open().await;
    let path = format!("portal/assessments/{}/submit", clinic.assign("phq-9").await);
    clinic.ada.post(&path, phq9(0, 1)).await.expect(201);
    // Which outbox rows there are says no more than that somebody was called; what is in them is sealed.
    let kinds = clinic.practice.database.query("SELECT DISTINCT kind FROM outbox ORDER BY kind").await;
    assert!(kinds.iter().all(|kind| !kind.contains("phq") && !kind.contains("assess")), "{kinds:?}");
    let details = "SELECT count(*) FROM audit_events WHERE detail::text ~ '\"(score|answers|dangers|band)\"'";
    assert_eq!(clinic.count(details).await, "0", "neither answers nor scores are in the audit log");
}
