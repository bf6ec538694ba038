//! What comes with time. The loop's steps are taken by hand, by a clock that the test moves.

use super::{Clinic, phq9};
use carehub::{
    assessments::{calendar::Calendar, occasions},
    clock::Clock,
    emergency::bell::Bell,
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

struct Hands {
    calendar: Calendar,
    conn: diesel_async::AsyncPgConnection,
}

impl Hands {
    async fn of(clinic: &Clinic) -> Self {
        let database_url = SecretString::from(clinic.practice.database.service_url());
        let calendar = Calendar { database_url, clock: Clock::movable(), bell: Bell::default() };
        Self { calendar, conn: clinic.practice.database.connect().await }
    }

    /// Time goes on; how many things were done.
    async fn later(&mut self, by: TimeDelta) -> usize {
        self.calendar.clock.advance(by);
        self.calendar.look(&mut self.conn).await.unwrap()
    }

    fn now(&self) -> DateTime<Utc> {
        self.calendar.clock.now()
    }
}

#[actix_web::test]
async fn every_two_weeks_it_is_asked_once_and_what_was_not_answered_does_not_pile_up() {
    let clinic = Clinic::open().await;
    let mut hands = Hands::of(&clinic).await;
    clinic.assign_as("phq-9", json!({"kind": "everyWeeks", "weeks": 2})).await;
    assert_eq!((clinic.waiting().await.len(), hands.later(TimeDelta::days(13)).await), (1, 0));
    assert_eq!((hands.later(TimeDelta::days(2)).await, hands.later(TimeDelta::zero()).await), (1, 0));
    let waiting = clinic.waiting().await;
    assert_eq!(waiting.len(), 1, "the one before is missed: {waiting:?}");
    clinic
        .ada
        .post(&format!("portal/assessments/{}/submit", waiting[0]["id"].as_str().unwrap()), phq9(1, 0))
        .await
        .expect(201);
    // Months without a hub: it is asked once, not for each time.
    assert_eq!(hands.later(TimeDelta::weeks(20)).await, 1);
    let states = "SELECT string_agg(state, ' ' ORDER BY occurrence) FROM assessments";
    assert_eq!(clinic.count(states).await, "missed submitted open");
    let told = "SELECT count(*) FILTER (WHERE cancelled_at IS NULL) || ' of ' || count(*) FROM notifications
        WHERE kind = 'assessmentAssigned'";
    assert_eq!(clinic.count(told).await, "1 of 3", "what was answered or missed is not asked for any more");
}

#[actix_web::test]
async fn two_hubs_that_look_at_the_same_moment_ask_once() {
    let clinic = Clinic::open().await;
    let (mut one, mut other) = (Hands::of(&clinic).await, Hands::of(&clinic).await);
    clinic.assign_as("phq-9", json!({"kind": "everyWeeks", "weeks": 1})).await;
    let by = TimeDelta::days(8);
    let (first, second) = tokio::join!(one.later(by), other.later(by));
    assert_eq!((first + second, clinic.count("SELECT count(*) FROM assessments").await), (1, "2".to_owned()));
}

#[actix_web::test]
async fn a_dangerous_answer_that_stays_in_a_draft_calls_somebody_after_a_quarter_of_an_hour_and_one_taken_back_does_not()
 {
    let clinic = Clinic::open().await;
    let mut hands = Hands::of(&clinic).await;
    let path = format!("portal/assessments/{}", clinic.assign("phq-9").await);
    let save = async |answers| {
        clinic.ada.put(&format!("{path}/answers"), json!({"answers": answers})).await.expect(200)["danger"].clone()
    };
    assert_eq!(save(json!({"9": 2})).await, true);
    assert_eq!(hands.later(TimeDelta::minutes(14)).await, 0);
    assert_eq!(save(json!({"9": 0})).await, false);
    assert_eq!(hands.later(TimeDelta::minutes(30)).await, 0, "it was chosen by mistake");
    let alarm = "SELECT count(*) FROM escalations";
    assert_eq!(clinic.count(alarm).await, "0");

    let mut hands = Hands::of(&clinic).await;
    save(json!({"9": 1})).await;
    // Going on with other questions does not put it off.
    save(json!({"9": 1, "1": 0})).await;
    assert_eq!(hands.later(TimeDelta::minutes(16)).await, 1);
    assert_eq!((hands.later(TimeDelta::minutes(16)).await, clinic.count(alarm).await), (0, "1".to_owned()));
    // Whoever takes it reads why; without an alarm nobody reads a draft.
    let id = path.rsplit('/').next().unwrap();
    let shown = clinic.maya.get(&format!("ehr/assessments/{id}")).await.expect(200);
    assert_eq!(shown["assessment"]["answers"], json!({"1": 0, "9": 1}));
    // Submitted after all, it is the same emergency.
    clinic.ada.post(&format!("{path}/submit"), phq9(0, 1)).await.expect(201);
    assert_eq!(clinic.count("SELECT count(*) || ' ' || sum(emergencies) FROM escalations").await, "1 1");
}

#[actix_web::test]
async fn an_alarm_outlives_the_questionnaire_that_it_was_given_in() {
    let clinic = Clinic::open().await;
    let mut hands = Hands::of(&clinic).await;
    let plan = clinic.assign_as("phq-9", json!({"kind": "once"})).await;
    let id = clinic.waiting().await[0]["id"].as_str().unwrap().to_owned();
    clinic.ada.put(&format!("portal/assessments/{id}/answers"), json!({"answers": {"9": 3}})).await.expect(200);
    clinic.maya.delete(&format!("ehr/clients/{}/assessment-plans/{plan}", clinic.ada.id)).await.expect(204);
    assert_eq!(hands.later(TimeDelta::minutes(16)).await, 1);
}

#[actix_web::test]
async fn before_each_appointment_it_is_asked_once_and_moves_and_falls_with_it() {
    let clinic = Clinic::open().await;
    let mut hands = Hands::of(&clinic).await;
    clinic.assign_as("gad-7", json!({"kind": "beforeAppointments", "days": 3})).await;
    assert!(clinic.waiting().await.is_empty(), "there is no appointment yet");
    let (appointment, ada, now) = (Uuid::now_v7(), clinic.ada.id, hands.now());
    let due = async |hands: &mut Hands, appointment, starts_at: DateTime<Utc>| {
        occasions::due_before(&mut hands.conn, ada, appointment, starts_at, now).await.unwrap();
    };
    due(&mut hands, appointment, now + TimeDelta::days(5)).await;
    assert!(clinic.waiting().await.is_empty(), "its time has not come");
    for _ in 0..3 {
        due(&mut hands, appointment, now + TimeDelta::days(2)).await;
    }
    let waiting = clinic.waiting().await;
    assert_eq!(waiting.len(), 1);
    let due_at = |value: &serde_json::Value| value["dueAt"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    assert!((due_at(&waiting[0]) - (now + TimeDelta::days(2))).num_seconds().abs() < 1);
    // Moved, it is due before the new time; a second appointment waits until this one is answered.
    due(&mut hands, appointment, now + TimeDelta::days(3)).await;
    due(&mut hands, Uuid::now_v7(), now + TimeDelta::days(1)).await;
    let waiting = clinic.waiting().await;
    assert_eq!(waiting.len(), 1);
    assert!((due_at(&waiting[0]) - (now + TimeDelta::days(3))).num_seconds().abs() < 1);
    occasions::not_before(&mut hands.conn, appointment, now).await.unwrap();
    assert!(clinic.waiting().await.is_empty());
    due(&mut hands, appointment, now + TimeDelta::days(2)).await;
    assert_eq!(clinic.waiting().await.len(), 1, "it takes place after all");
}
