//! Which channels a notice takes, and when: with the store, and with time that a test tells.

use super::desk::{Desk, at};
use carehub::{
    ids::UserId,
    notices::{Kind, Notice, cancel, confirm, preferences::Preferences},
    notify::{Content, outbox},
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

const NIGHT: &str = r#"{"quietHours": {"from": "21:00", "until": "08:00"}}"#;

fn bill(to: UserId, at: DateTime<Utc>) -> Notice {
    Notice::new(to, Kind::BillIssued, Some(Uuid::now_v7())).scheduled(at)
}

#[actix_web::test]
async fn a_notice_is_one_row_of_the_outbox_however_often_it_is_told_and_looked_at() {
    let mut desk = Desk::open().await;
    let ada = desk.person("clinician", "America/Chicago").await;
    let now = at("2026-11-10T18:00:00Z");
    let notice = bill(ada, now).once(1);
    desk.tell(&notice).await;
    desk.tell(&notice).await;
    for minute in 0..10 {
        desk.look(now + TimeDelta::minutes(minute)).await;
    }
    let sent = desk.outbox().await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!((sent[0].channel.as_str(), sent[0].kind.as_str()), ("email", "billIssued"));
    let Content::Told(told) = desk.letter(sent[0].id).await.content else { panic!("no notice") };
    assert_eq!((told.path.as_str(), told.confirm), ("/notifications", None));
}

#[actix_web::test]
async fn through_both_changes_of_the_clock_in_three_zones_nothing_leaves_in_quiet_hours_and_all_of_it_leaves() {
    let quiet = serde_json::from_str::<Preferences>(NIGHT).unwrap().quiet_hours.unwrap();
    for (zone, starts) in [
        ("America/New_York", ["2026-03-07T12:00:00Z", "2026-10-31T12:00:00Z"]),
        ("Europe/Madrid", ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"]),
        ("Australia/Lord_Howe", ["2026-04-04T01:00:00Z", "2026-10-03T01:00:00Z"]),
    ] {
        let mut desk = Desk::open().await;
        let ada = desk.person("clinician", zone).await;
        desk.prefer(ada, NIGHT).await;
        let zone: chrono_tz::Tz = zone.parse().unwrap();
        for start in starts.map(at) {
            desk.database.query("DELETE FROM notifications; DELETE FROM outbox").await;
            // One an hour through a day and a night, and a look every twenty minutes for a day longer.
            for hour in 0..24 {
                desk.tell(&bill(ada, start + TimeDelta::hours(hour))).await;
            }
            let mut left = 0;
            for look in 0..144 {
                let now = start + TimeDelta::minutes(20 * look);
                desk.look(now).await;
                let gone = desk.outbox().await.len();
                assert!(gone == left || !quiet.is_quiet(zone, now), "{zone}: {} left at {now}", gone - left);
                left = gone;
            }
            assert_eq!(left, 24, "{zone} {start}");
        }
    }
}

#[actix_web::test]
async fn security_does_not_wait_for_the_morning() {
    let mut desk = Desk::open().await;
    let ada = desk.person("clinician", "America/Chicago").await;
    desk.prefer(ada, NIGHT).await;
    desk.reachable_by(ada, "push").await;
    let night = at("2026-11-10T05:00:00Z");
    let notice = Notice::security(ada, carehub::notify::mail::SecurityNotice::NewSignIn);
    desk.tell(&notice.scheduled(night)).await;
    desk.look(night).await;
    assert_eq!(desk.channels().await, ["push"]);
}

#[actix_web::test]
async fn a_provider_that_is_away_until_the_evening_is_tried_again_in_the_morning_and_not_at_night() {
    let mut desk = Desk::open().await;
    let ada = desk.person("clinician", "America/Chicago").await;
    desk.prefer(ada, NIGHT).await;
    let evening = at("2026-11-11T02:50:00Z");
    desk.tell(&bill(ada, evening)).await;
    desk.look(evening).await;
    let expires = "SELECT expires_at = '2026-11-11T03:00:00Z' FROM outbox";
    assert_eq!(desk.database.query(expires).await, ["t"], "no later than nine in the evening");
    // What the relay notes then.
    desk.becomes("failed", "expired").await;
    desk.look(evening + TimeDelta::hours(1)).await;
    assert_eq!(desk.outbox().await.len(), 1);
    desk.look(at("2026-11-11T14:00:00Z")).await;
    let sent = desk.outbox().await;
    assert_eq!(sent.iter().map(|sent| sent.state.as_str()).collect::<Vec<_>>(), ["cancelled", "waiting"]);
    // Whatever else a provider says is the last word.
    desk.becomes("failed", "smtp 550").await;
    desk.look(at("2026-11-11T15:00:00Z")).await;
    assert_eq!(desk.outbox().await.len(), 2);
}

#[actix_web::test]
async fn a_push_that_no_device_confirms_is_followed_by_text_message_and_e_mail() {
    let mut desk = Desk::open().await;
    let (ada, eva) =
        (desk.person("clinician", "America/Chicago").await, desk.person("clinician", "America/Chicago").await);
    for person in [ada, eva] {
        desk.reachable_by(person, "push").await;
        desk.reachable_by(person, "sms").await;
    }
    let now = at("2026-11-10T18:00:00Z");
    for person in [ada, eva] {
        desk.tell(&Notice::new(person, Kind::AppointmentReminder, Some(Uuid::now_v7())).scheduled(now)).await;
    }
    desk.look(now).await;
    assert_eq!(desk.channels().await, ["push", "push"]);
    // The push service took both; only Eva's phone says that it showed it.
    desk.becomes("sent", "").await;
    for sent in desk.outbox().await {
        let letter = desk.letter(sent.id).await;
        let Content::Told(told) = letter.content else { panic!("no notice") };
        let of_eva = format!("SELECT recipient_id = '{eva}' FROM outbox WHERE id = '{}'", sent.id);
        if desk.database.query(&of_eva).await == ["t"] {
            let token = told.confirm.unwrap().into();
            confirm::confirm(&mut desk.conn, &token, now + TimeDelta::seconds(2)).await.unwrap();
        }
    }
    desk.look(now + TimeDelta::minutes(4)).await;
    assert_eq!(desk.outbox().await.len(), 2);
    desk.look(now + TimeDelta::minutes(5)).await;
    let followed = format!("SELECT channel FROM outbox WHERE channel <> 'push' AND recipient_id = '{ada}' ORDER BY 1");
    assert_eq!(desk.database.query(&followed).await, ["email", "sms"]);
    assert_eq!(desk.outbox().await.len(), 4);
}

#[actix_web::test]
async fn whoever_said_stop_or_took_back_their_consent_gets_nothing_more() {
    let mut desk = Desk::open().await;
    let ada = desk.person("client", "America/Chicago").await;
    desk.reachable_by(ada, "sms").await;
    desk.prefer(ada, r#"{"channels": {"billIssued": ["sms", "email"]}}"#).await;
    let now = at("2026-11-10T18:00:00Z");
    desk.tell(&bill(ada, now)).await;
    desk.look(now).await;
    assert_eq!(desk.channels().await, ["sms"], "she never agreed to e-mails");
    let agree = |granted: bool| {
        let id = Uuid::now_v7();
        format!(
            "INSERT INTO consents (id, client_id, kind, version, granted) VALUES ('{id}', '{ada}', 'emailNotices', 'v', {granted})"
        )
    };
    desk.database.query(&agree(true)).await;
    desk.database.query("UPDATE contact_points SET opted_out_at = now()").await;
    desk.tell(&bill(ada, now)).await;
    desk.look(now).await;
    assert_eq!(desk.channels().await, ["sms", "email"]);
    // Planned before, withdrawn in between: what counts is the moment in which it would leave.
    desk.prefer(ada, NIGHT).await;
    let night = at("2026-11-11T05:00:00Z");
    desk.tell(&bill(ada, night)).await;
    desk.look(night).await;
    desk.database.query(&agree(false)).await;
    desk.look(night + TimeDelta::hours(12)).await;
    assert_eq!(desk.channels().await, ["sms", "email"]);
    let dropped = "SELECT dropped_because FROM notification_deliveries WHERE state = 'dropped'";
    assert_eq!(desk.database.query(dropped).await, ["unreachable"]);
}

#[actix_web::test]
async fn a_digest_is_one_e_mail_about_what_was_not_read_until_then() {
    let mut desk = Desk::open().await;
    let ada = desk.person("clinician", "Europe/Madrid").await;
    let kinds = r#"["appointmentChanged", "reminder"]"#;
    desk.prefer(ada, &format!(r#"{{"digest": {{"at": "09:00", "days": ["monday"], "kinds": {kinds}}}}}"#)).await;
    // A Thursday.
    let start = at("2026-11-12T10:00:00Z");
    for (kind, hour) in [(Kind::AppointmentChanged, 0), (Kind::AppointmentChanged, 5), (Kind::Reminder, 9)] {
        desk.tell(&Notice::new(ada, kind, Some(Uuid::now_v7())).scheduled(start + TimeDelta::hours(hour))).await;
        desk.look(start + TimeDelta::hours(hour)).await;
    }
    desk.look(at("2026-11-16T07:59:00Z")).await;
    assert!(desk.outbox().await.is_empty());
    desk.database.query("UPDATE notifications SET read_at = now() WHERE kind = 'reminder'").await;
    desk.look(at("2026-11-16T08:00:00Z")).await;
    desk.look(at("2026-11-16T08:01:00Z")).await;
    let sent = desk.outbox().await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    let Content::Digest(digest) = desk.letter(sent[0].id).await.content else { panic!("no digest") };
    assert_eq!(digest.counts, [(Kind::AppointmentChanged, 2)]);
}

#[actix_web::test]
async fn what_is_cancelled_is_told_no_more_not_even_from_the_outbox() {
    let mut desk = Desk::open().await;
    let ada = desk.person("clinician", "America/Chicago").await;
    let (now, appointment) = (at("2026-11-10T18:00:00Z"), Uuid::now_v7());
    let reminder = Notice::new(ada, Kind::AppointmentReminder, Some(appointment)).once(1);
    desk.tell(&reminder.scheduled(now)).await;
    desk.tell(&reminder.once(24).scheduled(now + TimeDelta::hours(24))).await;
    desk.look(now).await;
    assert_eq!(desk.outbox().await.len(), 1);
    assert_eq!(cancel(&mut desk.conn, Kind::AppointmentReminder, appointment, now).await.unwrap(), 2);
    desk.look(now + TimeDelta::hours(48)).await;
    let states: Vec<String> = desk.outbox().await.into_iter().map(|sent| sent.state).collect();
    assert_eq!(states, ["cancelled"]);
    assert_eq!(outbox::cancel(&mut desk.conn, &[]).await.unwrap(), 0);
}

#[actix_web::test]
async fn a_reminder_of_yesterday_s_appointment_is_not_sent() {
    let mut desk = Desk::open().await;
    let ada = desk.person("clinician", "America/Chicago").await;
    let now = at("2026-11-10T18:00:00Z");
    let notice = Notice::new(ada, Kind::AppointmentReminder, Some(Uuid::now_v7())).scheduled(now);
    desk.tell(&notice.until(now + TimeDelta::hours(1))).await;
    // No hub for two hours.
    desk.look(now + TimeDelta::hours(2)).await;
    assert!(desk.outbox().await.is_empty());
}
