//! A time that becomes free goes to whoever waits longest for it.

use super::{Office, ahead, id};
use crate::support::practice::Caller;
use carehub::{accounts::Role, appointments::upkeep, appointments::waitlist::OFFERED_FOR, clock::Clock};
use chrono::{Datelike, TimeDelta};
use serde_json::{Value, json};

async fn wait(office: &Office, client: &Caller) -> String {
    let wish = json!({"clinician": office.maya.id, "mode": "video", "from": ahead(0), "until": ahead(24 * 30)});
    id(&client.post("portal/appointments/waitlist", wish).await.expect(201))
}

async fn offers(client: &Caller) -> Vec<Value> {
    let shown = client.get("portal/appointments").await.expect(200);
    let items = shown["items"].as_array().unwrap().iter();
    items.filter(|one| one["state"] == "offered").cloned().collect()
}

#[actix_web::test]
async fn a_freed_time_is_offered_to_one_after_the_other_and_kept_for_each() {
    let office = Office::open().await;
    let (bea, cleo) = (office.client("Bea").await, office.client("Cleo").await);
    let at = ahead(48);
    let appointment = office.confirmed(&office.ann, at).await;
    for client in [&office.ann, &bea, &cleo] {
        wait(&office, client).await;
    }
    wait(&office, &bea).await;
    assert_eq!(office.maya.get("ehr/appointments/waitlist").await.expect(200)["items"].as_array().unwrap().len(), 3);
    office.ann.put(&format!("portal/appointments/{appointment}/cancel"), json!({})).await.expect(200);
    // Who gave it up is not offered it; the next is, and told.
    assert_eq!((offers(&office.ann).await.len(), offers(&bea).await.len(), offers(&cleo).await.len()), (0, 1, 0));
    let told = "SELECT u.name FROM notifications n JOIN users u ON u.id = n.user_id
        WHERE n.kind = 'appointmentOffered' AND n.cancelled_at IS NULL";
    assert_eq!(office.sql(told).await, ["Bea"]);
    office.request(&cleo, at).await.refused(409, "conflict");
    // Bea does nothing: when her time is over it is Cleo's turn.
    let mut conn = office.practice.database.connect().await;
    let now = Clock::system().now();
    assert_eq!(upkeep::look(&mut conn, now + OFFERED_FOR - TimeDelta::minutes(1)).await.unwrap(), 0);
    assert_eq!(upkeep::look(&mut conn, now + OFFERED_FOR).await.unwrap(), 1);
    assert_eq!((offers(&bea).await.len(), offers(&cleo).await.len()), (0, 1));
    assert_eq!(office.sql(told).await, ["Cleo"]);
    let offer = id(&offers(&cleo).await[0]);
    bea.post(&format!("portal/appointments/{offer}/accept"), json!({})).await.refused(404, "notFound");
    let taken = cleo.post(&format!("portal/appointments/{offer}/accept"), json!({})).await.expect(200);
    assert_eq!((&taken["state"], &taken["mode"]), (&json!("confirmed"), &json!("video")));
    assert_eq!(cleo.get("portal/appointments/waitlist").await.expect(200)["items"], json!([]), "she waits no more");
    assert_eq!(bea.get("portal/appointments/waitlist").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn what_is_declined_goes_on_at_once_and_nobody_is_offered_a_time_twice_or_too_near() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    let waiting = wait(&office, &bea).await;
    let appointment = office.confirmed(&office.ann, ahead(48)).await;
    office.maya.post(&format!("ehr/appointments/{appointment}/cancel"), json!({})).await.expect(200);
    let offer = id(&offers(&bea).await[0]);
    bea.put(&format!("portal/appointments/{offer}/cancel"), json!({})).await.expect(200);
    assert_eq!(offers(&bea).await, Vec::<Value>::new());
    let again = office.confirmed(&office.ann, ahead(48)).await;
    office.maya.post(&format!("ehr/appointments/{again}/cancel"), json!({})).await.expect(200);
    assert_eq!(offers(&bea).await, Vec::<Value>::new(), "this time she declined before");
    let near = office.confirmed(&office.ann, ahead(60)).await;
    let soon = format!(
        "UPDATE appointments SET during = tstzrange(at, at + interval '50 minutes'), taken = tstzrange(at, at + interval
            '1 hour') FROM (SELECT now() + interval '59 minutes' AS at) soon WHERE id = '{near}'"
    );
    office.sql(&soon).await;
    office.maya.post(&format!("ehr/appointments/{near}/cancel"), json!({})).await.expect(200);
    assert_eq!(offers(&bea).await, Vec::<Value>::new());
    office.ann.delete(&format!("portal/appointments/waitlist/{waiting}")).await.refused(404, "notFound");
    bea.delete(&format!("portal/appointments/waitlist/{waiting}")).await.expect(204);
    let last = office.confirmed(&office.ann, ahead(50)).await;
    office.maya.post(&format!("ehr/appointments/{last}/cancel"), json!({})).await.expect(200);
    assert_eq!(offers(&bea).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn an_offer_that_is_over_cannot_be_accepted_and_its_time_is_free() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    wait(&office, &bea).await;
    let at = ahead(48);
    let appointment = office.confirmed(&office.ann, at).await;
    office.maya.post(&format!("ehr/appointments/{appointment}/cancel"), json!({})).await.expect(200);
    let offer = id(&offers(&bea).await[0]);
    office.sql("UPDATE appointments SET tentative_until = now() WHERE state = 'offered'").await;
    bea.post(&format!("portal/appointments/{offer}/accept"), json!({})).await.refused(409, "conflict");
    assert!(office.free(&office.ann, at, 1).await.contains(&at));
    office.request(&office.ann, at).await.expect(201);
}

#[actix_web::test]
async fn the_practice_changes_what_somebody_waits_for_offers_a_time_and_takes_them_off() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    let place = format!("ehr/appointments/waitlist/{}", wait(&office, &bea).await);
    let change = |until| json!({"mode": "phone", "from": ahead(24), "until": until});
    let changed = office.maya.put(&place, change(ahead(96))).await.expect(200);
    assert_eq!((&changed["mode"], &changed["client"]["name"]), (&json!("phone"), &json!("Bea")));
    let own = bea.get("portal/appointments/waitlist").await.expect(200);
    assert_eq!(own["items"][0]["mode"], "phone");
    for until in [ahead(24), ahead(-5), ahead(24 * 400)] {
        let refused = office.maya.put(&place, change(until)).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/until");
    }
    // A time that nobody freed, by the front desk; not one that is taken or too near.
    let offer = format!("{place}/offer");
    office.confirmed(&office.ann, ahead(50)).await;
    office.flo.post(&offer, json!({"startsAt": ahead(50)})).await.refused(409, "conflict");
    office.flo.post(&offer, json!({"startsAt": ahead(0) + TimeDelta::minutes(50)})).await.refused(422, "invalid");
    let offered = office.flo.post(&offer, json!({"startsAt": ahead(48)})).await.expect(201);
    assert_eq!((&offered["state"], &offered["mode"]), (&json!("offered"), &json!("phone")));
    office.request(&office.ann, ahead(48)).await.refused(409, "conflict");
    let told =
        "SELECT u.name FROM notifications n JOIN users u ON u.id = n.user_id WHERE n.kind = 'appointmentOffered'";
    assert_eq!(office.sql(told).await, ["Bea"]);
    // Declined, it may be offered once more: somebody spoke with her.
    let decline = format!("portal/appointments/{}/cancel", id(&offered));
    bea.put(&decline, json!({})).await.expect(200);
    office.maya.post(&offer, json!({"startsAt": ahead(48)})).await.expect(201);
    let taken = id(&offers(&bea).await[0]);
    office.maya.delete(&place).await.expect(204);
    assert_eq!(bea.get("portal/appointments/waitlist").await.expect(200)["items"], json!([]));
    bea.post(&format!("portal/appointments/{taken}/accept"), json!({})).await.expect(200);
    office.maya.put(&place, change(ahead(96))).await.refused(404, "notFound");
    office.maya.post(&offer, json!({"startsAt": ahead(60)})).await.refused(404, "notFound");
    let ended = "SELECT ended_because FROM appointment_waitlist";
    assert_eq!(office.sql(ended).await, ["removed"]);
    let told = "SELECT u.name FROM notifications n JOIN users u ON u.id = n.user_id WHERE n.kind = 'waitlistRemoved'";
    assert_eq!(office.sql(told).await, ["Bea"]);
    let logged = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_events WHERE object_kind = 'waiting' AND outcome = 'done'";
    assert_eq!(office.sql(logged).await, ["waitlist.changed waitlist.removed"]);
}

#[actix_web::test]
async fn a_place_on_the_waitlist_is_for_who_is_waited_for_and_the_front_desk() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    let waiting = wait(&office, &bea).await;
    let tom = office.practice.person("Tom", Role::Clinician).await;
    let eve = office.practice.stranger("Eve", Role::Admin).await;
    let unknown = uuid::Uuid::now_v7().to_string();
    for (caller, id) in [(&tom, &waiting), (&eve, &waiting), (&office.maya, &unknown)] {
        let place = format!("ehr/appointments/waitlist/{id}");
        let change = json!({"mode": "phone", "from": ahead(24), "until": ahead(96)});
        let answers = [
            caller.put(&place, change).await.refused(404, "notFound"),
            caller.delete(&place).await.refused(404, "notFound"),
            caller.post(&format!("{place}/offer"), json!({"startsAt": ahead(48)})).await.refused(404, "notFound"),
        ];
        assert!(answers.windows(2).all(|two| two[0]["detail"] == two[1]["detail"]));
    }
    office.flo.delete(&format!("ehr/appointments/waitlist/{waiting}")).await.expect(204);
}

#[actix_web::test]
async fn who_has_an_offer_to_answer_is_not_offered_a_second_time_before_the_next() {
    let office = Office::open().await;
    let (bea, cleo) = (office.client("Bea").await, office.client("Cleo").await);
    let (one, other) = (office.confirmed(&office.ann, ahead(48)).await, office.confirmed(&office.ann, ahead(50)).await);
    wait(&office, &bea).await;
    wait(&office, &cleo).await;
    for freed in [one, other] {
        office.maya.post(&format!("ehr/appointments/{freed}/cancel"), json!({})).await.expect(200);
    }
    assert_eq!((offers(&bea).await.len(), offers(&cleo).await.len()), (1, 1));
}

#[actix_web::test]
async fn nobody_is_offered_a_time_at_which_the_clinician_is_not_there() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    wait(&office, &bea).await;
    let (day, kept) = (ahead(48), ahead(54));
    let free = async |at| {
        let freed = office.confirmed(&office.ann, at).await;
        office.maya.post(&format!("ehr/appointments/{freed}/cancel"), json!({})).await.expect(200);
        offers(&bea).await.len()
    };
    // Booked, then away for a part of it, then given up.
    let booked = office.confirmed(&office.ann, day).await;
    let away = json!({"open": false, "startsAt": day + TimeDelta::minutes(40), "endsAt": ahead(52)});
    office.maya.post("ehr/availability/exceptions", away).await.expect(201);
    office.maya.post(&format!("ehr/appointments/{booked}/cancel"), json!({})).await.expect(200);
    assert_eq!(offers(&bea).await, Vec::<Value>::new(), "she is away then");
    // Hours that do not hold it any more.
    let booked = office.confirmed(&office.ann, ahead(60)).await;
    let mut week = super::around_the_clock(1);
    let gone = ahead(60);
    week["hours"]
        .as_array_mut()
        .unwrap()
        .retain(|hours| hours["weekday"] != json!(gone.weekday().number_from_monday()));
    office.maya.put("ehr/availability", week).await.expect(200);
    office.maya.post(&format!("ehr/appointments/{booked}/cancel"), json!({})).await.expect(200);
    assert_eq!(offers(&bea).await, Vec::<Value>::new(), "she is not there on that day");
    office.maya.put("ehr/availability", super::around_the_clock(2)).await.expect(200);
    assert_eq!(free(kept).await, 1, "there she is");
    // Whoever left is there at no time.
    let cleo = office.client("Cleo").await;
    wait(&office, &cleo).await;
    let booked = office.confirmed(&office.ann, ahead(70)).await;
    office.sql(&format!("UPDATE users SET status = 'disabled' WHERE id = '{}'", office.maya.id)).await;
    office.flo.post(&format!("ehr/appointments/{booked}/cancel"), json!({})).await.expect(200);
    assert_eq!(offers(&cleo).await, Vec::<Value>::new(), "she works here no more");
}

#[actix_web::test]
async fn whoever_may_not_ask_does_not_wait_and_takes_what_the_practice_offers_all_the_same() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    let waiting = wait(&office, &bea).await;
    let wish = json!({"clinician": office.maya.id, "mode": "video", "from": ahead(0), "until": ahead(24 * 30)});
    office.rule(json!({"mayRequest": false})).await;
    office.ann.post("portal/appointments/waitlist", wish.clone()).await.refused(403, "forbidden");
    let offer = format!("ehr/appointments/waitlist/{waiting}/offer");
    let offered = id(&office.maya.post(&offer, json!({"startsAt": ahead(48)})).await.expect(201));
    let declined = id(&office.maya.post(&offer, json!({"startsAt": ahead(50)})).await.expect(201));
    // Nothing that the practice does not show is asked for, answered or changed.
    office.rule(json!({"mayRequest": true, "mayView": false})).await;
    office.ann.post("portal/appointments/waitlist", wish.clone()).await.refused(403, "forbidden");
    bea.get("portal/appointments/waitlist").await.refused(403, "forbidden");
    let path = |id: &str, act: &str| format!("portal/appointments/{id}/{act}");
    bea.post(&path(&offered, "accept"), json!({})).await.refused(403, "forbidden");
    bea.put(&path(&offered, "cancel"), json!({})).await.refused(403, "forbidden");
    bea.put(&path(&offered, "reschedule"), json!({"startsAt": ahead(52)})).await.refused(403, "forbidden");
    let freed = office.confirmed(&office.ann, ahead(60)).await;
    office.maya.post(&format!("ehr/appointments/{freed}/cancel"), json!({})).await.expect(200);
    office.rule(json!({"mayRequest": false, "mayView": true, "mayCancel": false})).await;
    assert_eq!(offers(&bea).await.len(), 2, "nobody was offered what they could not see");
    bea.put(&path(&declined, "cancel"), json!({})).await.expect(200);
    bea.post(&path(&offered, "accept"), json!({})).await.expect(200);
    office.rule(json!({"mayBook": true})).await;
    office.ann.post("portal/appointments/waitlist", wish).await.expect(201);
}

#[actix_web::test]
async fn an_offer_that_is_sent_again_is_made_once() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    let offer = format!("ehr/appointments/waitlist/{}/offer", wait(&office, &bea).await);
    let (key, body) = (uuid::Uuid::now_v7(), json!({"startsAt": ahead(48)}));
    let (one, other) = tokio::join!(
        office.maya.post_once(key, &offer, body.clone()),
        office.maya.post_once(key, &offer, body.clone())
    );
    assert_eq!(one.status.min(other.status), 200, "{one:?} {other:?}");
    assert_eq!((one.status.max(other.status), &one.body["id"]), (201, &other.body["id"]));
    bea.post(&format!("portal/appointments/{key}/accept"), json!({})).await.expect(200);
    // She waits no more; whoever asks again is told what became of it.
    let again = office.maya.post_once(key, &offer, body).await.expect(200);
    assert_eq!(again["state"], "confirmed");
    let told = "SELECT count(*) FROM notifications WHERE kind = 'appointmentOffered'";
    assert_eq!(office.sql(told).await, ["1"]);
}

#[actix_web::test]
async fn the_id_of_an_offer_stands_for_one_person_and_one_time() {
    let office = Office::open().await;
    let (bea, cleo) = (office.client("Bea").await, office.client("Cleo").await);
    let (hers, other) = (wait(&office, &bea).await, wait(&office, &cleo).await);
    let path = |place: &str| format!("ehr/appointments/waitlist/{place}/offer");
    let (key, at) = (uuid::Uuid::now_v7(), |hours| json!({"startsAt": ahead(hours)}));
    office.maya.post_once(key, &path(&hers), at(48)).await.expect(201);
    office.maya.post_once(key, &path(&hers), at(50)).await.refused(409, "conflict");
    office.maya.post_once(key, &path(&other), at(48)).await.refused(409, "conflict");
    office.maya.post_once(key, &path(&other), at(50)).await.refused(409, "conflict");
    assert_eq!((offers(&bea).await.len(), offers(&cleo).await.len()), (1, 0));
    // Taken and moved since, the same is still the same.
    bea.post(&format!("portal/appointments/{key}/accept"), json!({})).await.expect(200);
    bea.put(&format!("portal/appointments/{key}/reschedule"), json!({"startsAt": ahead(52)})).await.expect(200);
    assert_eq!(office.maya.post_once(key, &path(&hers), at(48)).await.expect(200)["state"], "rescheduled");
    // Another kind of appointment stands under this id.
    let made = office.confirmed(&office.ann, ahead(60)).await.parse().unwrap();
    office.maya.post_once(made, &path(&other), at(62)).await.refused(409, "conflict");
}
