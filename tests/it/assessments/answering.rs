use super::{Clinic, gad7, phq9};
use crate::support::text;
use serde_json::json;

#[actix_web::test]
async fn answers_are_kept_as_they_are_chosen_and_gone_on_with_on_another_device() {
    let clinic = Clinic::open().await;
    let id = clinic.assign("phq-9").await;
    let path = format!("portal/assessments/{id}");
    let begun = clinic.ada.post(&format!("{path}/start"), json!({})).await.expect(200);
    assert_eq!((begun["items"].as_array().map(Vec::len), &begun["answers"]), (Some(10), &json!({})));
    assert_eq!(
        begun["items"][8]["text"],
        "Thoughts that you would be better off dead or of hurting yourself in some way"
    );
    let revision = begun["revision"].as_i64().unwrap();
    let kept = json!({"answers": {"1": 2, "2": 0}, "revision": revision});
    let saved = clinic.ada.put(&format!("{path}/answers"), kept.clone()).await.expect(200);
    assert_eq!((&saved["answers"], &saved["danger"]), (&json!({"1": 2, "2": 0}), &json!(false)));

    // The other device has them, and the one that was left behind is told what is there.
    let elsewhere = clinic.ada.get(&path).await.expect(200);
    assert_eq!((&elsewhere["answers"], &elsewhere["revision"]), (&saved["answers"], &saved["revision"]));
    let refused = clinic.ada.put(&format!("{path}/answers"), kept).await.refused(409, "conflict");
    assert_eq!(refused["current"], json!({"answers": {"1": 2, "2": 0}, "revision": saved["revision"]}));
    let waiting = clinic.waiting().await.remove(0);
    assert_eq!(
        (&waiting["answered"], &waiting["asked"]),
        (&json!(2), &json!(10)),
        "the tenth is asked after a problem"
    );
    // Beginning again changes nothing.
    let again = clinic.ada.post(&format!("{path}/start"), json!({})).await.expect(200);
    assert_eq!(again["answers"], saved["answers"]);
    // Nothing of it can be read in the store.
    let stored = clinic
        .count("SELECT count(*) FROM assessments WHERE position(convert_to('answers', 'UTF8') in sealed) > 0")
        .await;
    assert_eq!(stored, "0");
}

#[actix_web::test]
async fn a_refusal_points_at_each_question_and_keeps_what_was_there() {
    let clinic = Clinic::open().await;
    let path = format!("portal/assessments/{}", clinic.assign("gad-7").await);
    clinic.ada.put(&format!("{path}/answers"), json!({"answers": {"1": 3}})).await.expect(200);
    for (wrong, pointers) in [
        (json!({"answers": {"1": 4, "9": 0}}), vec!["/answers/1", "/answers/9"]),
        (json!({"answers": {"1": -1}}), vec!["/answers/1"]),
        (json!({"answers": {"1": "3"}}), vec!["/answers/1"]),
        (json!({"answers": {"1": 256}}), vec!["/answers/1"]),
    ] {
        let problem = clinic.ada.put(&format!("{path}/answers"), wrong).await.refused(422, "invalid");
        let found: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| text(error, "pointer")).collect();
        assert_eq!(found, pointers);
    }
    let missing =
        clinic.ada.post(&format!("{path}/submit"), json!({"answers": {"1": 3}})).await.refused(422, "invalid");
    assert_eq!(missing["errors"].as_array().unwrap().len(), 7, "six items and how hard it is: {missing}");
    assert_eq!(clinic.ada.get(&path).await.expect(200)["answers"], json!({"1": 3}));
    assert_eq!(clinic.waiting().await.len(), 1);
}

#[actix_web::test]
async fn nobody_but_the_server_scores() {
    let clinic = Clinic::open().await;
    let path = format!("portal/assessments/{}/submit", clinic.assign("gad-7").await);
    let mut forged = gad7(3);
    forged["score"] = json!(0);
    clinic.ada.post(&path, forged).await.refused(422, "invalid");
    let mut forged = gad7(3);
    forged["answers"]["score"] = json!(0);
    clinic.ada.post(&path, forged).await.refused(422, "invalid");
    let submitted = clinic.ada.post(&path, gad7(3)).await.expect(201);
    let result = &submitted["assessment"]["result"];
    assert_eq!((&result["score"], &result["most"], &result["bandName"]), (&json!(21), &json!(21), &json!("Severe")));
}

#[actix_web::test]
async fn submitting_again_is_the_same_submission_and_what_was_submitted_is_not_changed() {
    let clinic = Clinic::open().await;
    let path = format!("portal/assessments/{}", clinic.assign("phq-9").await);
    let first = clinic.ada.post(&format!("{path}/submit"), phq9(1, 0)).await.expect(201);
    let again = clinic.ada.post(&format!("{path}/submit"), phq9(1, 0)).await.expect(200);
    assert_eq!(first, again);
    assert_eq!(first["assessment"]["result"]["score"], 8, "how hard it is does not count");
    clinic.ada.post(&format!("{path}/submit"), phq9(0, 0)).await.refused(409, "conflict");
    clinic.ada.put(&format!("{path}/answers"), json!({"answers": {"1": 0}})).await.refused(409, "conflict");
    clinic.ada.post(&format!("{path}/start"), json!({})).await.refused(409, "conflict");
    assert!(clinic.waiting().await.is_empty());
    assert_eq!(clinic.count("SELECT count(*) FROM audit_events WHERE action = 'assessment.submitted'").await, "1");
}

#[actix_web::test]
async fn of_many_submissions_at_once_one_counts() {
    let clinic = Clinic::open().await;
    let path = format!("portal/assessments/{}/submit", clinic.assign("phq-9").await);
    let all = futures_util::future::join_all((0..10).map(|n| clinic.ada.post(&path, phq9(n % 2, 1)))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(all.iter().all(|answer| [200, 201, 409].contains(&answer.status)), "{all:?}");
    assert_eq!(clinic.count("SELECT count(*) || ' ' || sum(emergencies) FROM escalations").await, "1 1");
}

#[actix_web::test]
async fn a_client_who_reads_spanish_is_asked_in_the_published_translation_and_in_english_where_there_is_none() {
    let clinic = Clinic::open().await;
    clinic
        .ada
        .call(reqwest::Method::PATCH, "portal/profile/settings", Some(json!({"language": "es"})))
        .await
        .expect(200);
    let spanish = format!("portal/assessments/{}", clinic.assign("phq-9").await);
    let shown = clinic.ada.get(&spanish).await.expect(200);
    assert_eq!((&shown["language"], &shown["items"][0]["choices"][0]), (&json!("es"), &json!("Ningún día")));
    let done = clinic.ada.post(&format!("{spanish}/submit"), phq9(2, 0)).await.expect(201);
    assert_eq!(done["assessment"]["result"]["bandName"], "Moderadamente grave");
    for instrument in ["pcl-5", "c-ssrs"] {
        let english = format!("portal/assessments/{}", clinic.assign(instrument).await);
        assert_eq!(clinic.ada.get(&english).await.expect(200)["language"], "en", "{instrument}");
    }
}
