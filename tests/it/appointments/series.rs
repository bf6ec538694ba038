//! Appointments that the practice makes, one and many.

use super::{Office, ahead, instant};
use carehub::accounts::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

fn weekly(office: &Office, count: u32) -> Value {
    json!({"id": Uuid::now_v7(), "client": office.ann.id, "clinician": office.maya.id, "startsAt": ahead(40),
        "mode": "video", "rule": format!("FREQ=WEEKLY;COUNT={count}")})
}

#[actix_web::test]
async fn a_series_is_made_as_a_whole_or_not_at_all_unless_what_is_taken_is_left_out() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    office.request(&bea, ahead(40) + TimeDelta::weeks(2)).await.expect(201);
    let mut body = weekly(&office, 5);
    let refused = office.flo.post("ehr/appointments", body.clone()).await.refused(409, "conflict");
    assert_eq!(instant(&refused["taken"][0]), ahead(40) + TimeDelta::weeks(2));
    assert_eq!(office.sql("SELECT count(*) FROM appointments").await, ["1"], "nothing was half made");
    body["skipTaken"] = json!(true);
    let made = office.flo.post("ehr/appointments", body.clone()).await.expect(201);
    assert_eq!(made["items"].as_array().unwrap().len(), 4);
    let begins = made["items"].as_array().unwrap().iter().map(|one| instant(&one["startsAt"]));
    assert!(begins.eq([0, 1, 3, 4].map(|week| ahead(40) + TimeDelta::weeks(week))));
    // Sent again, it is made once, and the answer is the same.
    let again = office.flo.post("ehr/appointments", body).await.expect(200);
    assert_eq!(again, made);
    assert_eq!(instant(&again["skipped"][0]), ahead(40) + TimeDelta::weeks(2));
    assert_eq!(office.sql("SELECT count(*) FROM appointments").await, ["5"]);
    let told = "SELECT count(*) FROM notifications WHERE kind = 'appointmentConfirmed' AND user_id IN
        (SELECT client_id FROM appointment_series)";
    assert_eq!(office.sql(told).await, ["1"], "of a series one hears once");
}

#[actix_web::test]
async fn the_rest_of_a_series_is_cancelled_with_one_of_it() {
    let office = Office::open().await;
    let made = office.maya.post("ehr/appointments", weekly(&office, 6)).await.expect(201);
    let third = made["items"][2]["id"].as_str().unwrap();
    let cancel = format!("ehr/appointments/{third}/series/cancel");
    let answer = office.maya.post(&cancel, json!({"scope": "following"})).await.expect(200);
    assert_eq!(answer["items"].as_array().unwrap().len(), 4);
    let left = "SELECT state || ' ' || count(*) FROM appointments GROUP BY state ORDER BY 1";
    assert_eq!(office.sql(left).await, ["cancelled 4", "confirmed 2"]);
    let reminders = "SELECT count(*) FROM notifications WHERE kind = 'appointmentReminder' AND cancelled_at IS NULL";
    assert_eq!(office.sql(reminders).await, ["4"]);
    let told = "SELECT count(*) FROM notifications WHERE kind = 'appointmentCancelled'";
    assert_eq!(office.sql(told).await, ["1"], "of a series one hears once");
    // What is over stays: the whole of it is what is ahead.
    let first = made["items"][0]["id"].as_str().unwrap();
    office
        .sql(&format!(
            "UPDATE appointments SET during = tstzrange(now() - interval '2 hours', now() - interval '1 hour'),
        taken = tstzrange(now() - interval '2 hours', now() - interval '1 hour') WHERE id = '{first}'"
        ))
        .await;
    let whole = format!("ehr/appointments/{first}/series/cancel");
    office.maya.post(&whole, json!({"scope": "all"})).await.expect(200);
    assert_eq!(office.sql(left).await, ["cancelled 5", "confirmed 1"]);
    office.maya.post(&whole, json!({"scope": "all"})).await.refused(409, "conflict");
}

/// The beginnings of what is confirmed, in hours after `ahead(0)`.
async fn hours(office: &Office) -> Vec<i64> {
    let shown = office.maya.get("ehr/appointments?limit=200").await.expect(200);
    let begins = shown["items"].as_array().unwrap().iter();
    begins.map(|one| (instant(&one["startsAt"]) - ahead(0)).num_hours()).collect()
}

#[actix_web::test]
async fn a_series_moves_as_a_whole_or_from_one_on_and_each_of_it_by_the_same_difference() {
    let office = Office::open().await;
    let made = office.maya.post("ehr/appointments", weekly(&office, 4)).await.expect(201);
    let member = |place: usize| format!("ehr/appointments/{}/series", made["items"][place]["id"].as_str().unwrap());
    let week = |weeks: i64, hours: i64| weeks * 168 + hours;
    // By a week, onto the times that its own next ones have; seen from its second, and all of them.
    let to = json!({"scope": "all", "startsAt": ahead(week(2, 40)), "mode": "phone"});
    let changed = office.maya.put(&member(1), to).await.expect(200);
    assert_eq!((changed["items"].as_array().unwrap().len(), &changed["taken"]), (4, &json!([])));
    assert!(changed["items"].as_array().unwrap().iter().all(|one| one["mode"] == "phone"));
    assert_eq!(hours(&office).await, [1, 2, 3, 4].map(|weeks| week(weeks, 40)));
    // Back, from the third on: two hours earlier.
    let to = json!({"scope": "following", "startsAt": ahead(week(3, 38))});
    let changed = office.flo.put(&member(2), to).await.expect(200);
    assert_eq!(changed["items"][0]["mode"], "phone", "as it was");
    assert_eq!(hours(&office).await, [week(1, 40), week(2, 40), week(3, 38), week(4, 38)]);
    let told = "SELECT count(*) FROM notifications WHERE kind = 'appointmentChanged' AND user_id IN
        (SELECT client_id FROM appointment_series)";
    assert_eq!(office.sql(told).await, ["2"], "of each change once");
    let reminded = "SELECT count(*) FROM notifications n JOIN appointments a ON a.id = n.about
        WHERE n.kind = 'appointmentReminder' AND n.cancelled_at IS NULL AND n.due_at NOT IN (lower(a.during) - interval '24 hours', lower(a.during) - interval '1 hour')";
    assert_eq!(office.sql(reminded).await, ["0"], "of no time that it had before");
}

#[actix_web::test]
async fn where_times_are_taken_each_is_named_and_nothing_is_changed_unless_those_are_to_stay() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    let made = office.maya.post("ehr/appointments", weekly(&office, 5)).await.expect(201);
    let week = |weeks: i64, hours: i64| weeks * 168 + hours;
    for weeks in [1, 3] {
        office.request(&bea, ahead(week(weeks, 45))).await.expect(201);
    }
    let before = hours(&office).await;
    let path = format!("ehr/appointments/{}/series", made["items"][0]["id"].as_str().unwrap());
    let mut to = json!({"scope": "all", "startsAt": ahead(45), "leaveTaken": false});
    let refused = office.maya.put(&path, to.clone()).await.refused(409, "conflict");
    let taken: Vec<_> = refused["taken"].as_array().unwrap().iter().map(instant).collect();
    assert_eq!(taken, [1, 3].map(|weeks| ahead(week(weeks, 45))));
    assert_eq!(hours(&office).await, before, "nothing was half done");
    let told = "SELECT count(*) FROM notifications WHERE kind = 'appointmentChanged'";
    assert_eq!(office.sql(told).await, ["0"]);
    to["leaveTaken"] = json!(true);
    let changed = office.maya.put(&path, to).await.expect(200);
    assert_eq!(changed["taken"].as_array().unwrap().len(), 2);
    let own: Vec<i64> =
        hours(&office).await.into_iter().filter(|at| ![week(1, 45), week(3, 45)].contains(at)).collect();
    assert_eq!(own, [45, week(1, 40), week(2, 45), week(3, 40), week(4, 45)]);
    // Into the past nothing moves; what is no series has none; another's is not there.
    let last = format!("ehr/appointments/{}/series", made["items"][4]["id"].as_str().unwrap());
    let over = json!({"scope": "all", "startsAt": ahead(week(3, 45))});
    let refused = office.maya.put(&last, over).await.refused(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/startsAt");
    let single = office.confirmed(&bea, ahead(60)).await;
    let to = json!({"scope": "all", "startsAt": ahead(70)});
    office.maya.put(&format!("ehr/appointments/{single}/series"), to.clone()).await.refused(409, "conflict");
    let tom = office.practice.person("Tom", Role::Clinician).await;
    tom.put(&path, to).await.refused(404, "notFound");
    tom.post(&format!("{path}/cancel"), json!({"scope": "all"})).await.refused(404, "notFound");
}

#[actix_web::test]
async fn a_time_that_a_moving_series_leaves_goes_to_who_waits_and_not_one_that_its_next_one_takes() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    let made = office.maya.post("ehr/appointments", weekly(&office, 3)).await.expect(201);
    let wish = json!({"clinician": office.maya.id, "from": ahead(0), "until": ahead(24 * 30)});
    bea.post("portal/appointments/waitlist", wish).await.expect(201);
    let path = format!("ehr/appointments/{}/series", made["items"][0]["id"].as_str().unwrap());
    office.maya.put(&path, json!({"scope": "all", "startsAt": ahead(40 + 168)})).await.expect(200);
    let offered = bea.get("portal/appointments").await.expect(200);
    assert_eq!(offered["items"].as_array().unwrap().len(), 1);
    assert_eq!(instant(&offered["items"][0]["startsAt"]), ahead(40), "the one that nobody of it has any more");
}

#[actix_web::test]
async fn what_makes_no_sense_or_is_anothers_is_refused() {
    let office = Office::open().await;
    let tom = office.practice.person("Tom", Role::Clinician).await;
    let stranger = office.practice.stranger("Zia", Role::Client).await;
    let with = |changes: Value| {
        let mut body = json!({"client": office.ann.id, "clinician": office.maya.id, "startsAt": ahead(40)});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        body
    };
    for (changes, pointer) in [
        (json!({"startsAt": ahead(-2)}), "/startsAt"),
        (json!({"startsAt": ahead(24 * 800)}), "/startsAt"),
        (json!({"minutes": 4}), "/minutes"),
        (json!({"minutes": 481}), "/minutes"),
        (json!({"rule": "FREQ=WEEKLY"}), "/rule"),
        (json!({"rule": "FREQ=DAILY;COUNT=54"}), "/rule"),
        (json!({"clinician": tom.id}), "/clinician"),
        (json!({"clinician": Uuid::now_v7()}), "/clinician"),
    ] {
        let refused = office.maya.post("ehr/appointments", with(changes)).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    for client in [stranger.id.0, Uuid::now_v7(), office.maya.id.0] {
        office.maya.post("ehr/appointments", with(json!({"client": client}))).await.refused(404, "notFound");
    }
    let other = office.practice.person("Not hers", Role::Client).await;
    office.maya.post("ehr/appointments", with(json!({"client": other.id}))).await.refused(404, "notFound");
    // The front desk makes them for everybody, with everybody.
    office.flo.post("ehr/appointments", with(json!({"client": other.id, "clinician": tom.id}))).await.expect(201);
}

#[actix_web::test]
async fn of_the_same_that_is_sent_at_once_one_is_made_and_each_is_answered_with_it() {
    let office = Office::open().await;
    // With hours and without: there is no lock of a schedule then.
    let tom = office.practice.person("Tom", Role::Clinician).await;
    for clinician in [office.maya.id, tom.id] {
        let mut body = weekly(&office, 3);
        body["clinician"] = json!(clinician);
        let sent = (0..4).map(|_| office.flo.post("ehr/appointments", body.clone()));
        let answers = futures_util::future::join_all(sent).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
        for answer in &answers {
            assert!([200, 201].contains(&answer.status), "{answers:?}");
            assert_eq!(answer.body["items"], answers[0].body["items"]);
        }
    }
    assert_eq!(office.sql("SELECT count(*) FROM appointments").await, ["6"]);
}
