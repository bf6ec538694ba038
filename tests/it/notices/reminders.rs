//! What comes again and again.

use super::desk::{Desk, at};
use carehub::notices::{Kind, reminders, rhythm::Rhythm};
use chrono::TimeDelta;

const TOLD: &str = "SELECT to_char(due_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI') FROM notifications WHERE told IS NOT NULL ORDER BY due_at";

fn eight() -> Rhythm {
    serde_json::from_str(r#"{"at": "08:00"}"#).unwrap()
}

#[actix_web::test]
async fn a_daily_reminder_keeps_its_time_through_the_change_and_a_day_without_a_hub_is_made_up_for_once() {
    let mut desk = Desk::open().await;
    let ada = desk.person("client", "America/New_York").await;
    let start = at("2026-10-30T15:00:00Z");
    reminders::set(&mut desk.conn, ada, Kind::Reminder, None, &eight(), start).await.unwrap();
    for hour in 0..72 {
        desk.look(start + TimeDelta::hours(hour)).await;
    }
    assert_eq!(desk.database.query(TOLD).await, ["10-31 12:00", "11-01 13:00", "11-02 13:00"]);
    desk.look(at("2026-11-06T15:00:00Z")).await;
    desk.look(at("2026-11-06T15:01:00Z")).await;
    assert_eq!(desk.database.query(TOLD).await.len(), 4);
    desk.look(at("2026-11-07T13:00:00Z")).await;
    assert_eq!(desk.database.query(TOLD).await.last().unwrap(), "11-07 13:00");
}

#[actix_web::test]
async fn a_reminder_follows_its_person_into_another_zone_and_ends_when_it_is_ended() {
    let mut desk = Desk::open().await;
    let ada = desk.person("client", "America/New_York").await;
    let start = at("2026-11-10T15:00:00Z");
    let id = reminders::set(&mut desk.conn, ada, Kind::Reminder, None, &eight(), start).await.unwrap();
    desk.database.query("UPDATE users SET time_zone = 'Europe/Madrid'").await;
    reminders::follow(&mut desk.conn, ada, start).await.unwrap();
    desk.look(at("2026-11-11T07:00:00Z")).await;
    assert_eq!(desk.database.query(TOLD).await, ["11-11 07:00"]);
    assert!(reminders::end(&mut desk.conn, id, start).await.unwrap());
    assert!(!reminders::end(&mut desk.conn, id, start).await.unwrap());
    desk.look(at("2026-11-20T07:00:00Z")).await;
    assert_eq!(desk.database.query(TOLD).await.len(), 1);
}
