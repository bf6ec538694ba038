use super::{Clinic, gad7, phq9};
use serde_json::{Value, json};

#[actix_web::test]
async fn scores_over_time_are_shown_with_their_bands_to_both_and_dangers_to_staff_alone() {
    let clinic = Clinic::open().await;
    for (each, ninth) in [(2, 1), (1, 0), (0, 0)] {
        let path = format!("portal/assessments/{}/submit", clinic.assign("phq-9").await);
        clinic.ada.post(&path, phq9(each, ninth)).await.expect(201);
    }
    let own = clinic.ada.get("portal/assessments/trends?instrument=phq-9").await.expect(200);
    let column = |trend: &Value, key: &str| -> Vec<Value> {
        trend["points"].as_array().unwrap().iter().map(|point| point[key].clone()).collect()
    };
    assert_eq!(column(&own, "score"), [17, 8, 0]);
    assert_eq!(column(&own, "band"), ["moderatelySevere", "mild", "minimal"]);
    assert_eq!(column(&own, "danger"), [false, false, false]);
    let bands: Vec<_> =
        own["bands"].as_array().unwrap().iter().map(|band| (band["from"].as_i64(), band["to"].as_i64())).collect();
    assert_eq!(bands, [(0, 4), (5, 9), (10, 14), (15, 19), (20, 27)].map(|(from, to)| (Some(from), Some(to))));
    let path = format!("ehr/clients/{}/assessments/trends", clinic.ada.id);
    let shown = clinic.maya.get(&format!("{path}?instrument=phq-9")).await.expect(200);
    assert_eq!(column(&shown, "danger"), [true, false, false]);
    clinic.maya.get(&path).await.refused(422, "invalid");
    clinic.maya.get(&format!("{path}?instrument=phq-8")).await.refused(422, "invalid");
}

#[actix_web::test]
async fn the_history_goes_on_page_by_page_and_a_draft_is_nobodys_but_the_clients() {
    let clinic = Clinic::open().await;
    for each in [0, 1, 2] {
        let path = format!("portal/assessments/{}/submit", clinic.assign("gad-7").await);
        clinic.ada.post(&path, gad7(each)).await.expect(201);
    }
    let id = clinic.assign("phq-9").await;
    clinic.ada.put(&format!("portal/assessments/{id}/answers"), json!({"answers": {"1": 3}})).await.expect(200);
    let first = clinic.ada.get("portal/assessments/history?limit=2").await.expect(200);
    let scores = |page: &Value| -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|one| one["result"]["score"].clone()).collect()
    };
    assert_eq!(scores(&first), [14, 7]);
    let next = format!("portal/assessments/history?limit=2&cursor={}", first["next"].as_str().unwrap());
    let second = clinic.ada.get(&next).await.expect(200);
    assert_eq!((scores(&second), &second["next"]), (vec![json!(0)], &Value::Null));
    let all = clinic.maya.get(&format!("ehr/clients/{}/assessments", clinic.ada.id)).await.expect(200);
    assert_eq!((all["items"].as_array().map(Vec::len), &all["items"][0]["answered"]), (Some(4), &json!(1)));
    let draft = clinic.maya.get(&format!("ehr/assessments/{id}")).await.expect(200);
    assert_eq!(draft["assessment"]["answers"], json!({}), "an unfinished answer is read by nobody else");
}

#[actix_web::test]
async fn what_is_overdue_is_listed_for_those_who_look_after_the_client() {
    let clinic = Clinic::open().await;
    clinic.assign("phq-9").await;
    assert_eq!(clinic.maya.get("ehr/assessments/overdue").await.expect(200)["items"], json!([]));
    clinic.practice.database.query("UPDATE assessments SET due_at = now() - interval '1 hour'").await;
    let late = clinic.maya.get("ehr/assessments/overdue").await.expect(200)["items"][0].clone();
    assert_eq!(
        (&late["client"]["name"], &late["name"], &late["started"]),
        (&json!("Ada"), &json!("PHQ-9"), &json!(false))
    );
    let tom = clinic.practice.person("Tom", carehub::accounts::Role::Clinician).await;
    assert_eq!(tom.get("ehr/assessments/overdue").await.expect(200)["items"], json!([]));
}

#[actix_web::test]
async fn what_was_answered_is_exported_with_the_record_and_erased_with_it() {
    let tombstones = tempfile::tempdir().unwrap();
    let set = [("CAREHUB_TOMBSTONES", tombstones.path().to_str().unwrap())];
    let practice = crate::support::practice::Practice::start_with(&set).await;
    let ada = practice.person("Ada", carehub::accounts::Role::Client).await;
    let maya = practice.person("Maya", carehub::accounts::Role::Clinician).await;
    let alma = practice.person("Alma", carehub::accounts::Role::Admin).await;
    practice.cares(&maya, &ada).await;
    let clinic = Clinic { practice, ada, maya };
    let path = format!("portal/assessments/{}/submit", clinic.assign("phq-9").await);
    clinic.ada.post(&path, phq9(1, 1)).await.expect(201);
    let exported = clinic.ada.post("portal/privacy/export", json!({})).await.expect(200);
    let one = &exported["assessments"][0];
    assert_eq!((&one["instrument"], &one["words"]["outcome"]["score"]), (&json!("phq-9"), &json!(9)));
    assert_eq!(exported["assessmentPlans"][0]["by"], "Maya");
    let erase = json!({"reason": "Asked for.", "confirm": clinic.ada.email});
    alma.post(&format!("admin/clients/{}/erasure", clinic.ada.id), erase).await.expect(201);
    assert_eq!(
        clinic.count("SELECT (SELECT count(*) FROM assessments) + (SELECT count(*) FROM assessment_plans)").await,
        "0"
    );
}

#[actix_web::test]
async fn answers_that_were_moved_to_another_row_do_not_open_there_and_the_log_tells() {
    let clinic = Clinic::open().await;
    let mut ids = Vec::new();
    for each in [0, 3] {
        let id = clinic.assign("phq-9").await;
        clinic.ada.post(&format!("portal/assessments/{id}/submit"), phq9(each, 0)).await.expect(201);
        ids.push(id);
    }
    let swap = format!(
        "UPDATE assessments SET sealed = (SELECT sealed FROM assessments WHERE id = '{}') WHERE id = '{}'",
        ids[1], ids[0]
    );
    clinic.practice.database.query(&swap).await;
    clinic.maya.get(&format!("ehr/assessments/{}", ids[0])).await.refused(500, "internal");
    clinic.maya.get(&format!("ehr/assessments/{}", ids[1])).await.expect(200);
    let all = clinic.maya.get(&format!("ehr/clients/{}/assessments", clinic.ada.id)).await.expect(200);
    assert_eq!((&all["items"][0]["result"]["score"], &all["items"][1]["result"]), (&json!(24), &Value::Null));
    assert!(clinic.count("SELECT count(*) FROM audit_events WHERE action = 'integrity.failure'").await != "0");
}
