use super::{Clinic, phq9};
use carehub::accounts::Role;
use serde_json::json;
use uuid::Uuid;

#[actix_web::test]
async fn what_is_assigned_is_told_reminded_of_and_ended_with_all_that_waits() {
    let clinic = Clinic::open().await;
    let plan = clinic.assign_as("pcl-5", json!({"kind": "once"})).await;
    let kinds =
        "SELECT string_agg(kind || ' ' || (due_at > now() + interval '5 days'), ', ' ORDER BY kind) FROM notifications
        WHERE cancelled_at IS NULL AND kind LIKE 'assessment%'";
    assert_eq!(clinic.count(kinds).await, "assessmentAssigned false, assessmentDue true");
    let base = format!("ehr/clients/{}/assessment-plans", clinic.ada.id);
    let listed = clinic.maya.get(&base).await.expect(200)["items"][0].clone();
    assert_eq!((&listed["name"], &listed["assignedBy"]), (&json!("PCL-5"), &json!("Maya")));
    clinic.maya.delete(&format!("{base}/{plan}")).await.expect(204);
    assert!(clinic.waiting().await.is_empty());
    let left = "SELECT count(*) FROM notifications WHERE cancelled_at IS NULL AND kind LIKE 'assessment%'";
    assert_eq!(clinic.count(left).await, "0");
    clinic.maya.delete(&format!("{base}/{plan}")).await.refused(409, "conflict");
    clinic.assign("pcl-5").await;
}

#[actix_web::test]
async fn the_same_instrument_is_assigned_once_at_a_time_and_the_same_press_is_one_assignment() {
    let clinic = Clinic::open().await;
    let path = format!("ehr/clients/{}/assessments", clinic.ada.id);
    let body = json!({"id": Uuid::now_v7(), "instrument": "phq-9", "recurrence": {"kind": "once"}});
    let first = clinic.maya.post(&path, body.clone()).await.expect(201);
    assert_eq!(clinic.maya.post(&path, body.clone()).await.expect(200), first);
    let other = json!({"instrument": "phq-9", "recurrence": {"kind": "everyWeeks", "weeks": 2}});
    clinic.maya.post(&path, other.clone()).await.refused(409, "conflict");
    let id = clinic.waiting().await[0]["id"].as_str().unwrap().to_owned();
    clinic.ada.post(&format!("portal/assessments/{id}/submit"), phq9(0, 0)).await.expect(201);
    clinic.maya.post(&path, other).await.expect(201);
    // The id of another client's assignment is no way to it.
    let bea = clinic.practice.person("Bea", Role::Client).await;
    clinic.practice.cares(&clinic.maya, &bea).await;
    clinic.maya.post(&format!("ehr/clients/{}/assessments", bea.id), body).await.refused(409, "conflict");
}

#[actix_web::test]
async fn what_cannot_be_kept_is_refused_where_it_stands() {
    let clinic = Clinic::open().await;
    let path = format!("ehr/clients/{}/assessments", clinic.ada.id);
    for (body, pointer) in [
        (json!({"instrument": "phq-8", "recurrence": {"kind": "once"}}), "/instrument"),
        (json!({"instrument": "phq-9", "recurrence": {"kind": "everyWeeks", "weeks": 0}}), "/recurrence/weeks"),
        (json!({"instrument": "phq-9", "recurrence": {"kind": "everyWeeks", "weeks": 53}}), "/recurrence/weeks"),
        (json!({"instrument": "phq-9", "recurrence": {"kind": "beforeAppointments", "days": 15}}), "/recurrence/days"),
        (json!({"instrument": "phq-9", "recurrence": {"kind": "once"}, "dueInDays": 0}), "/dueInDays"),
        (json!({"instrument": "phq-9", "recurrence": {"kind": "once"}, "dueInDays": 91}), "/dueInDays"),
    ] {
        let problem = clinic.maya.post(&path, body).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    assert!(clinic.waiting().await.is_empty());
}

#[actix_web::test]
async fn whoever_does_not_look_after_a_client_neither_assigns_nor_reads() {
    let clinic = Clinic::open().await;
    let id = clinic.assign("phq-9").await;
    clinic.ada.post(&format!("portal/assessments/{id}/submit"), phq9(2, 0)).await.expect(201);
    let tom = clinic.practice.person("Tom", Role::Clinician).await;
    let ada = clinic.ada.id;
    for path in [
        format!("ehr/assessments/{id}"),
        format!("ehr/clients/{ada}/assessments"),
        format!("ehr/clients/{ada}/assessments/trends?instrument=phq-9"),
        format!("ehr/clients/{ada}/assessment-plans"),
    ] {
        tom.get(&path).await.refused(404, "notFound");
    }
    let body = json!({"instrument": "gad-7", "recurrence": {"kind": "once"}});
    tom.post(&format!("ehr/clients/{ada}/assessments"), body).await.refused(404, "notFound");
    let bea = clinic.practice.person("Bea", Role::Client).await;
    bea.get(&format!("portal/assessments/{id}")).await.refused(404, "notFound");
    bea.put(&format!("portal/assessments/{id}/answers"), json!({"answers": {}})).await.refused(404, "notFound");
    bea.post(&format!("portal/assessments/{id}/submit"), phq9(0, 1)).await.refused(404, "notFound");
    assert_eq!(clinic.count("SELECT count(*) FROM escalations").await, "0");
    // With a reason, for an hour, and marked as such.
    tom.post(&format!("ehr/clients/{ada}/break-glass"), json!({"reason": "She called in distress."})).await.expect(201);
    tom.get(&format!("ehr/assessments/{id}")).await.expect(200);
    let marked = "SELECT count(*) FROM audit_events WHERE action = 'assessment.viewed' AND emergency";
    assert_eq!(clinic.count(marked).await, "1");
}
