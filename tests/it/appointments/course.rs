//! What becomes of an appointment, what giving it up costs, who is told, and when its client is reminded.

use super::{Office, ahead, id, instant};
use crate::support::eventually;
use carehub::{
    accounts::{Role, access::Viewer},
    appointments::course::Act,
    audit::Actor,
    clock::Clock,
    ids::AppointmentId,
    notices::telling,
};
use chrono::TimeDelta;
use serde_json::json;
use std::time::Duration;

const REMINDERS: &str = "SELECT extract(epoch FROM lower(a.during) - n.due_at)::bigint / 60 FROM notifications n
    JOIN appointments a ON a.id = n.about WHERE n.kind = 'appointmentReminder' AND n.cancelled_at IS NULL ORDER BY 1 DESC";
const FEES: &str = "SELECT because || ' ' || amount || ' ' || currency FROM appointment_fees ORDER BY id";

#[actix_web::test]
async fn a_request_is_answered_with_yes_or_another_time_and_both_sides_are_told() {
    let office = Office::open().await;
    let told = async |kind: &str| {
        let rows = format!(
            "SELECT u.name FROM notifications n JOIN users u ON u.id = n.user_id WHERE n.kind = '{kind}' ORDER BY n.id"
        );
        office.sql(&rows).await
    };
    let at = ahead(50);
    let appointment = id(&office.request(&office.ann, at).await.expect(201));
    assert_eq!(told("appointmentRequested").await, ["Maya Lind"]);
    let path = |act: &str| format!("ehr/appointments/{appointment}/{act}");
    let other = json!({"startsAt": at + TimeDelta::hours(3)});
    let proposed = office.flo.post(&path("propose"), other).await.expect(200);
    assert_eq!(proposed["state"], "proposed");
    assert_eq!(told("appointmentChanged").await, ["Ann Field", "Maya Lind"], "the front desk did it: both hear of it");
    // The time before is free for others.
    let bea = office.client("Bea").await;
    office.request(&bea, at).await.expect(201);
    office.request(&bea, at + TimeDelta::hours(3)).await.refused(409, "conflict");
    bea.post(&format!("portal/appointments/{appointment}/accept"), json!({})).await.refused(404, "notFound");
    let accepted = office.ann.post(&format!("portal/appointments/{appointment}/accept"), json!({})).await.expect(200);
    assert_eq!((&accepted["state"], instant(&accepted["startsAt"])), (&json!("confirmed"), at + TimeDelta::hours(3)));
    assert_eq!(told("appointmentConfirmed").await, ["Maya Lind"]);
    office.maya.post(&path("confirm"), json!({})).await.refused(409, "conflict");
    // Not three days ahead.
    for act in ["check-in", "complete", "no-show"] {
        office.maya.post(&path(act), json!({})).await.refused(409, "conflict");
    }
    office.maya.post(&path("cancel"), json!({})).await.expect(200);
    assert_eq!(told("appointmentCancelled").await, ["Ann Field"]);
    for act in ["cancel", "confirm"] {
        office.maya.post(&path(act), json!({})).await.refused(409, "conflict");
    }
    let steps = "SELECT string_agg(action, ' ' ORDER BY at, id) FROM audit_events WHERE action LIKE 'appointment.%' AND outcome = 'done'
        AND object_id = (SELECT min(object_id::text)::uuid FROM audit_events WHERE object_kind = 'appointment')";
    let expected = "appointment.requested appointment.proposed appointment.accepted appointment.cancelled";
    assert_eq!(office.sql(steps).await, [expected]);
}

/// It began ten minutes ago.
async fn begun(office: &Office, appointment: &str) {
    let near = format!(
        "UPDATE appointments SET during = tstzrange(at, at + interval '50 minutes'), taken = tstzrange(at, at + interval
            '50 minutes') FROM (SELECT now() - interval '10 minutes' AS at) near WHERE id = '{appointment}'"
    );
    office.sql(&near).await;
}

#[actix_web::test]
async fn a_request_whose_time_is_over_is_neither_confirmed_nor_waits_at_the_desk() {
    let office = Office::open().await;
    let asked = id(&office.request(&office.ann, ahead(30)).await.expect(201));
    let kept = id(&office.request(&office.ann, ahead(31)).await.expect(201));
    begun(&office, &asked).await;
    let open = office.flo.get("ehr/appointments?status=requested").await.expect(200);
    let open: Vec<_> = open["items"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(open, [kept]);
    let path = |act: &str| format!("ehr/appointments/{asked}/{act}");
    office.flo.post(&path("confirm"), json!({})).await.refused(409, "conflict");
    assert_eq!(office.flo.get(&format!("ehr/appointments/{asked}")).await.expect(200)["state"], "requested");
    office.flo.post(&path("cancel"), json!({})).await.expect(200);
}

#[actix_web::test]
async fn the_practice_settles_a_time_however_near_and_outside_of_hours_and_within_two_years() {
    let office = Office::open().await;
    let mut week = super::around_the_clock(1);
    for (key, value) in [("noticeMinutes", json!(7_200)), ("horizonDays", json!(10))] {
        week[key] = value;
    }
    office.maya.put("ehr/availability", week.clone()).await.expect(200);
    let near = ahead(3);
    assert!(office.free(&office.ann, near, 2).await.is_empty());
    let slots = async |from| {
        let path = format!("ehr/slots?clinician={}&from={}", office.maya.id, super::z(from));
        let found = office.flo.get(&path).await.expect(200);
        found["items"].as_array().unwrap().first().map(|slot| instant(&slot["startsAt"]))
    };
    assert_eq!((slots(near).await, slots(ahead(24 * 100)).await), (Some(near), Some(ahead(24 * 100))));
    let made = json!({"client": office.ann.id, "clinician": office.maya.id, "startsAt": ahead(40)});
    let made = id(&office.flo.post("ehr/appointments", made).await.expect(201)["items"][0]);
    // A week without hours: nothing is free, and the practice decides all the same.
    (week["revision"], week["hours"]) = (json!(2), json!([]));
    office.maya.put("ehr/availability", week).await.expect(200);
    assert_eq!(slots(near).await, None);
    let moved = format!("ehr/appointments/{made}/reschedule");
    let to = near + TimeDelta::minutes(17);
    let shown = office.flo.put(&moved, json!({"startsAt": to})).await.expect(200);
    assert_eq!(instant(&shown["startsAt"]), to);
    for act in [&moved, &format!("ehr/appointments/{made}/propose")] {
        let method = if act == &moved { reqwest::Method::PUT } else { reqwest::Method::POST };
        let far = json!({"startsAt": ahead(24 * 735)});
        let refused = office.flo.call(method, act, Some(far)).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/startsAt");
    }
    // A colleague who never had hours has no free time; a stranger is nobody's.
    let tom = office.practice.person("Tom", Role::Clinician).await;
    let free = office.flo.get(&format!("ehr/slots?clinician={}", tom.id)).await.expect(200);
    assert_eq!(free["items"], json!([]));
    let zed = office.practice.stranger("Zed", Role::Clinician).await;
    office.flo.get(&format!("ehr/slots?clinician={}", zed.id)).await.refused(422, "invalid");
}

#[actix_web::test]
async fn years_with_which_nobody_reckons_are_refused_where_they_are_read() {
    let office = Office::open().await;
    let maya = office.maya.id;
    for year in ["%2B262142-12-31", "-5000-01-01", "-262143-01-01"] {
        let at = format!("{year}T00:00:00Z");
        for path in
            [format!("portal/slots?clinician={maya}&from={at}"), format!("portal/slots?clinician={maya}&until={at}")]
        {
            office.ann.get(&path).await.refused(400, "badRequest");
        }
        for path in [format!("ehr/slots?clinician={maya}&from={at}"), format!("ehr/appointments?from={at}")] {
            office.flo.get(&path).await.refused(400, "badRequest");
        }
        let export = format!("ehr/billing/export?from={year}&until=2026-01-01");
        office.alma.get(&export).await.refused(400, "badRequest");
        let at = at.replace("%2B", "+");
        let body = json!({"clinician": maya, "startsAt": at, "endsAt": at, "from": at, "until": at, "open": false,
            "client": office.ann.id});
        for (caller, path, field) in [
            (&office.ann, "portal/appointments/request", "/startsAt"),
            (&office.ann, "portal/appointments/hold", "/startsAt"),
            (&office.ann, "portal/appointments/waitlist", "/from"),
            (&office.maya, "ehr/appointments", "/startsAt"),
            (&office.maya, "ehr/availability/exceptions", "/endsAt"),
        ] {
            let refused = caller.post(path, body.clone()).await.refused(422, "invalid");
            assert_eq!(refused["errors"][0]["pointer"], field, "{path}");
        }
    }
}

#[actix_web::test]
async fn whoever_comes_is_checked_in_and_whoever_does_not_is_noted() {
    let office = Office::open().await;
    for (acts, state) in [(vec!["check-in", "complete"], "completed"), (vec!["no-show"], "noShow")] {
        let appointment = office.confirmed(&office.ann, ahead(2)).await;
        for act in acts {
            if act == "no-show" {
                office
                    .flo
                    .post(&format!("ehr/appointments/{appointment}/{act}"), json!({}))
                    .await
                    .refused(409, "conflict");
                begun(&office, &appointment).await;
            }
            office.flo.post(&format!("ehr/appointments/{appointment}/{act}"), json!({})).await.expect(200);
        }
        let shown = office.ann.get(&format!("portal/appointments/{appointment}")).await.expect(200);
        assert_eq!(shown["state"], state);
        office.ann.put(&format!("portal/appointments/{appointment}/cancel"), json!({})).await.refused(409, "conflict");
        office.sql("UPDATE appointments SET state = 'cancelled', cancelled_by = 'practice'").await;
    }
}

#[actix_web::test]
async fn cancelling_late_needs_the_fee_to_be_accepted_and_books_it_once() {
    let office = Office::open().await;
    let fee = json!({"late": "fee", "fee": {"amount": 7500, "currency": "USD"}, "phone": "+1 312 555 0142"});
    office.rule(fee).await;
    let in_time = office.confirmed(&office.ann, ahead(26)).await;
    let path = |id: &str| format!("portal/appointments/{id}/cancel");
    office.ann.put(&path(&in_time), json!({})).await.expect(200);
    let late = office.confirmed(&office.ann, ahead(20)).await;
    let refused = office.ann.put(&path(&late), json!({})).await.refused(409, "conflict");
    assert_eq!((&refused["reason"], &refused["fee"]["amount"]), (&json!("feeDue"), &json!(7500)));
    assert_eq!(office.sql(FEES).await, Vec::<String>::new());
    let cancelled =
        office.ann.call(reqwest::Method::PATCH, &path(&late), Some(json!({"acceptFee": true}))).await.expect(200);
    assert_eq!(cancelled["state"], "cancelled");
    office.ann.put(&path(&late), json!({"acceptFee": true})).await.refused(409, "conflict");
    assert_eq!(office.sql(FEES).await, ["cancelledLate 7500 USD"]);
    // A request that nobody has answered costs nothing, and neither does it when the practice cancels.
    let asked = id(&office.request(&office.ann, ahead(5)).await.expect(201));
    office.ann.put(&path(&asked), json!({})).await.expect(200);
    let theirs = office.confirmed(&office.ann, ahead(6)).await;
    office.maya.post(&format!("ehr/appointments/{theirs}/cancel"), json!({})).await.expect(200);
    assert_eq!(office.sql(FEES).await.len(), 1);
    // By telephone alone.
    office.rule(json!({"late": "phoneOnly"})).await;
    let late = office.confirmed(&office.ann, ahead(20)).await;
    let refused = office.ann.put(&path(&late), json!({"acceptFee": true})).await.refused(409, "conflict");
    assert_eq!((&refused["reason"], &refused["phone"]), (&json!("phoneOnly"), &json!("+1 312 555 0142")));
}

#[actix_web::test]
async fn moving_late_is_no_way_around_the_fee_and_the_time_before_is_free() {
    let office = Office::open().await;
    office.rule(json!({"late": "fee", "fee": {"amount": 7500, "currency": "USD"}})).await;
    let appointment = office.confirmed(&office.ann, ahead(10)).await;
    let path = format!("portal/appointments/{appointment}/reschedule");
    office.ann.put(&path, json!({"startsAt": ahead(100)})).await.refused(409, "conflict");
    let moved = office.ann.put(&path, json!({"startsAt": ahead(100), "acceptFee": true})).await.expect(200);
    assert_eq!((&moved["state"], instant(&moved["startsAt"])), (&json!("rescheduled"), ahead(100)));
    assert_eq!(office.sql(FEES).await, ["movedLate 7500 USD"]);
    let bea = office.client("Bea").await;
    office.request(&bea, ahead(10)).await.expect(201);
    office.ann.put(&path, json!({"startsAt": ahead(10)})).await.refused(409, "conflict");
    office.ann.put(&path, json!({"startsAt": ahead(100) + TimeDelta::minutes(7)})).await.refused(409, "conflict");
    let kept = office.ann.get(&format!("portal/appointments/{appointment}")).await.expect(200);
    assert_eq!(instant(&kept["startsAt"]), ahead(100), "a move that failed moved nothing");
    // Where clients book by themselves, nobody has to confirm.
    office.rule(json!({"mayBook": true})).await;
    let moved = office.ann.put(&path, json!({"startsAt": ahead(102)})).await.expect(200);
    assert_eq!(moved["state"], "confirmed");
}

#[actix_web::test]
async fn reminders_move_and_go_with_the_appointment_and_are_told_at_their_time() {
    let office = Office::open().await;
    let at = ahead(50);
    let appointment = id(&office.request(&office.ann, at).await.expect(201));
    assert_eq!(office.sql(REMINDERS).await, Vec::<String>::new(), "nobody is reminded of a request");
    office.maya.post(&format!("ehr/appointments/{appointment}/confirm"), json!({})).await.expect(200);
    assert_eq!(office.sql(REMINDERS).await, ["1440", "60"]);
    let moved = json!({"startsAt": at + TimeDelta::hours(5)});
    office
        .maya
        .call(reqwest::Method::PUT, &format!("ehr/appointments/{appointment}/reschedule"), Some(moved))
        .await
        .expect(200);
    assert_eq!(office.sql(REMINDERS).await, ["1440", "60"], "of the new time alone");
    // There and back: it is another reminder each time.
    let back = json!({"startsAt": at});
    office.maya.put(&format!("ehr/appointments/{appointment}/reschedule"), back).await.expect(200);
    assert_eq!(office.sql(REMINDERS).await, ["1440", "60"]);
    let mut conn = office.practice.database.connect().await;
    let told = "SELECT count(*) FROM notifications WHERE kind = 'appointmentReminder' AND told IS NOT NULL AND cancelled_at IS NULL";
    telling::tell_due(&mut conn, at - TimeDelta::minutes(1_441)).await.unwrap();
    assert_eq!(office.sql(told).await, ["0"]);
    let mut tells = office.practice.database.connect().await;
    // The hub's own loop may be at it in this moment: one at a time.
    eventually("the reminder", Duration::from_secs(20), async || {
        telling::tell_due(&mut tells, at - TimeDelta::minutes(1_440)).await.unwrap();
        (office.sql(told).await == ["1"]).then_some(())
    })
    .await;
    office.ann.put(&format!("portal/appointments/{appointment}/cancel"), json!({})).await.expect(200);
    telling::tell_due(&mut conn, at).await.unwrap();
    assert_eq!(office.sql(told).await, ["0"], "what is cancelled reminds of nothing");
    // As the practice says, and never of what is nearer than that.
    office.rule(json!({"reminderMinutes": [2880, 120]})).await;
    office.confirmed(&office.ann, ahead(30)).await;
    assert_eq!(office.sql(REMINDERS).await, ["120"]);
}

#[actix_web::test]
async fn what_has_begun_is_neither_cancelled_nor_moved_by_its_client() {
    let office = Office::open().await;
    let appointment = office.confirmed(&office.ann, ahead(2)).await;
    let mut conn = office.practice.database.connect().await;
    let viewer = Viewer { user: office.ann.id, practice: office.practice.id, role: Role::Client };
    let actor = Actor { user: Some(office.ann.id), practice: Some(office.practice.id), ..Actor::default() };
    let later = Clock::system().now() + TimeDelta::hours(3);
    let act = Act { viewer, actor: &actor, now: later };
    let appointment: AppointmentId = appointment.parse().unwrap();
    assert!(act.cancel(&mut conn, appointment, true).await.is_err());
    assert!(act.reschedule(&mut conn, appointment, ahead(100), true).await.is_err());
}
