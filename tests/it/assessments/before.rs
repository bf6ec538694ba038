//! Before each appointment, from booking it to its score beside it: appointments and assessments together.

use super::{Clinic, gad7};
use carehub::{appointments::upkeep, clock::Clock};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use serde_json::{Value, json};

/// Maya takes appointments at any hour.
async fn open() -> (Clinic, AsyncPgConnection) {
    let clinic = Clinic::open().await;
    let hours: Vec<Value> =
        (1..=7).map(|weekday| json!({"weekday": weekday, "starts": "00:00", "ends": "00:00"})).collect();
    let week = json!({"revision": 0, "timeZone": "UTC", "hours": hours, "sessionMinutes": 50, "bufferMinutes": 10,
        "stepMinutes": 60, "noticeMinutes": 0, "horizonDays": 60, "roomUrl": null});
    clinic.maya.put("ehr/availability", week).await.expect(200);
    clinic.assign_as("gad-7", json!({"kind": "beforeAppointments", "days": 3})).await;
    let conn = clinic.practice.database.connect().await;
    (clinic, conn)
}

/// A full hour so many days ahead.
fn ahead(days: i64) -> DateTime<Utc> {
    let now = Clock::system().now();
    DateTime::from_timestamp((now.timestamp() / 3_600 + 1) * 3_600, 0).unwrap() + TimeDelta::days(days)
}

impl Clinic {
    /// Ada asks, Maya confirms; the appointment.
    async fn booked(&self, at: DateTime<Utc>) -> String {
        let asked = json!({"clinician": self.maya.id, "startsAt": at});
        let made = self.ada.post("portal/appointments/request", asked).await.expect(201);
        let id = made["id"].as_str().unwrap().to_owned();
        assert_eq!(self.waiting().await.len(), 0, "nothing is asked before the practice says yes");
        self.maya.post(&format!("ehr/appointments/{id}/confirm"), json!({})).await.expect(200);
        id
    }

    /// What stands beside an appointment.
    async fn beside(&self, appointment: &str) -> Vec<Value> {
        let shown = self.maya.get(&format!("ehr/appointments/{appointment}/assessments")).await.expect(200);
        shown["items"].as_array().unwrap().clone()
    }
}

fn due(one: &Value) -> DateTime<Utc> {
    one["dueAt"].as_str().unwrap().parse().unwrap()
}

#[actix_web::test]
async fn what_is_asked_before_an_appointment_comes_with_its_time_is_answered_and_stands_beside_it() {
    let (clinic, mut conn) = open().await;
    let at = ahead(10);
    let appointment = clinic.booked(at).await;
    assert_eq!(
        (clinic.waiting().await.len(), clinic.beside(&appointment).await.len()),
        (0, 0),
        "ten days are too early"
    );
    upkeep::look(&mut conn, at - TimeDelta::days(3) - TimeDelta::minutes(1)).await.unwrap();
    assert!(clinic.waiting().await.is_empty());
    for _ in 0..2 {
        upkeep::look(&mut conn, at - TimeDelta::days(3)).await.unwrap();
    }
    let waiting = clinic.waiting().await;
    assert_eq!((waiting.len(), due(&waiting[0])), (1, at), "once, until the appointment begins");
    let beside = clinic.beside(&appointment).await;
    assert_eq!((&beside[0]["state"], &beside[0]["result"]), (&json!("open"), &json!(null)));
    let submit = format!("portal/assessments/{}/submit", waiting[0]["id"].as_str().unwrap());
    clinic.ada.post(&submit, gad7(2)).await.expect(201);
    let beside = clinic.beside(&appointment).await;
    assert_eq!(
        (beside.len(), &beside[0]["result"]["score"], &beside[0]["result"]["band"]),
        (1, &json!(14), &json!("moderate"))
    );
    // Answered is answered: neither time nor a move asks again.
    let to = json!({"startsAt": at + TimeDelta::hours(3)});
    clinic.maya.put(&format!("ehr/appointments/{appointment}/reschedule"), to).await.expect(200);
    upkeep::look(&mut conn, at - TimeDelta::days(1)).await.unwrap();
    assert!(clinic.waiting().await.is_empty());
    assert_eq!(clinic.beside(&appointment).await.len(), 1);
    let told = "SELECT count(*) FROM notifications WHERE kind = 'assessmentAssigned'";
    assert_eq!(clinic.count(told).await, "1");
}

#[actix_web::test]
async fn it_moves_along_with_its_appointment_and_falls_with_it() {
    let (clinic, _) = open().await;
    let at = ahead(2);
    // Near enough, it is asked for with the confirmation.
    let appointment = clinic.booked(at).await;
    assert_eq!(due(&clinic.waiting().await[0]), at);
    let to = at - TimeDelta::hours(5);
    let moved = clinic.maya.put(&format!("ehr/appointments/{appointment}/reschedule"), json!({"startsAt": to})).await;
    moved.expect(200);
    let waiting = clinic.waiting().await;
    assert_eq!((waiting.len(), due(&waiting[0])), (1, to), "the same one");
    // There and back: one is reminded a day before each time, and of one alone.
    let reminded = "SELECT string_agg((extract(epoch FROM lower(a.during) - n.due_at)::bigint / 3600)::text, ' ')
        FROM notifications n JOIN assessments q ON q.id = n.about JOIN appointments a ON a.id = q.appointment_id
        WHERE n.kind = 'assessmentDue' AND n.cancelled_at IS NULL";
    assert_eq!(clinic.count(reminded).await, "24");
    for time in [at, to, at, to] {
        let path = format!("ehr/appointments/{appointment}/reschedule");
        clinic.maya.put(&path, json!({"startsAt": time})).await.expect(200);
        assert_eq!(clinic.count(reminded).await, "24");
    }
    clinic
        .ada
        .put(
            &format!("portal/assessments/{}/answers", waiting[0]["id"].as_str().unwrap()),
            json!({"answers": {"1": 1}, "revision": 0}),
        )
        .await
        .expect(200);
    clinic.maya.post(&format!("ehr/appointments/{appointment}/cancel"), json!({})).await.expect(200);
    assert!(clinic.waiting().await.is_empty(), "there is nothing to answer it for");
    assert_eq!(clinic.beside(&appointment).await[0]["state"], "cancelled");
    // The next appointment asks anew.
    let next = clinic.booked(at + TimeDelta::hours(1)).await;
    let waiting = clinic.waiting().await;
    assert_eq!((waiting.len(), &waiting[0]["answered"]), (1, &json!(0)));
    assert_eq!(clinic.beside(&next).await.len(), 1);
}

#[actix_web::test]
async fn a_series_asks_for_the_next_one_alone_and_follows_where_all_of_it_is_moved() {
    let (clinic, mut conn) = open().await;
    let at = ahead(2);
    let series =
        json!({"client": clinic.ada.id, "clinician": clinic.maya.id, "startsAt": at, "rule": "FREQ=DAILY;COUNT=4"});
    let made = clinic.maya.post("ehr/appointments", series).await.expect(201);
    let id = |place: usize| made["items"][place]["id"].as_str().unwrap().to_owned();
    let waiting = clinic.waiting().await;
    assert_eq!((waiting.len(), due(&waiting[0])), (1, at));
    let to = json!({"scope": "all", "startsAt": at + TimeDelta::hours(6)});
    clinic.maya.put(&format!("ehr/appointments/{}/series", id(0)), to).await.expect(200);
    let waiting = clinic.waiting().await;
    assert_eq!((waiting.len(), due(&waiting[0])), (1, at + TimeDelta::hours(6)));
    let submit = format!("portal/assessments/{}/submit", waiting[0]["id"].as_str().unwrap());
    clinic.ada.post(&submit, gad7(0)).await.expect(201);
    upkeep::look(&mut conn, at - TimeDelta::days(1)).await.unwrap();
    let waiting = clinic.waiting().await;
    assert_eq!((waiting.len(), due(&waiting[0])), (1, at + TimeDelta::hours(30)), "then before the second");
    clinic.maya.post(&format!("ehr/appointments/{}/series/cancel", id(0)), json!({"scope": "all"})).await.expect(200);
    assert!(clinic.waiting().await.is_empty());
    assert_eq!(clinic.beside(&id(0)).await[0]["result"]["score"], 0);
}

#[actix_web::test]
async fn an_appointment_that_is_booked_before_one_that_was_asked_for_does_not_ask_again() {
    let (clinic, mut conn) = open().await;
    let later = clinic.booked(ahead(2)).await;
    let made = async |at: DateTime<Utc>| {
        let booking = json!({"client": clinic.ada.id, "clinician": clinic.maya.id, "startsAt": at});
        clinic.maya.post("ehr/appointments", booking).await.expect(201);
    };
    made(ahead(1)).await;
    let waiting = clinic.waiting().await;
    assert_eq!((waiting.len(), due(&waiting[0])), (1, ahead(2)), "the one that was open");
    let submit = format!("portal/assessments/{}/submit", waiting[0]["id"].as_str().unwrap());
    clinic.ada.post(&submit, gad7(1)).await.expect(201);
    upkeep::look(&mut conn, Clock::system().now()).await.unwrap();
    // Nor for another that comes after the answer.
    made(ahead(1) + TimeDelta::hours(4)).await;
    upkeep::look(&mut conn, Clock::system().now()).await.unwrap();
    assert!(clinic.waiting().await.is_empty(), "she answered it a moment ago");
    assert_eq!(clinic.beside(&later).await[0]["result"]["score"], 7);
    // The next one after all of them asks.
    let next = ahead(2) + TimeDelta::hours(4);
    made(next).await;
    let waiting = clinic.waiting().await;
    assert_eq!((waiting.len(), due(&waiting[0])), (1, next));
}

#[actix_web::test]
async fn an_appointment_alone_opens_no_record() {
    let (clinic, _) = open().await;
    let appointment = clinic.booked(ahead(2)).await;
    let off = format!("DELETE FROM client_care WHERE user_id = '{}'", clinic.maya.id);
    clinic.practice.database.query(&off).await;
    assert!(clinic.beside(&appointment).await.is_empty());
    clinic.maya.get(&format!("ehr/appointments/{appointment}")).await.expect(200);
}
