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
    // Sent again, it is made once.
    office.flo.post("ehr/appointments", body).await.expect(200);
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
    office.maya.post(&format!("ehr/appointments/{third}/cancel"), json!({"following": true})).await.expect(200);
    let left = "SELECT state || ' ' || count(*) FROM appointments GROUP BY state ORDER BY 1";
    assert_eq!(office.sql(left).await, ["cancelled 4", "confirmed 2"]);
    let reminders = "SELECT count(*) FROM notifications WHERE kind = 'appointmentReminder' AND cancelled_at IS NULL";
    assert_eq!(office.sql(reminders).await, ["4"]);
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
