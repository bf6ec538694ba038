//! A time that becomes free goes to whoever waits longest for it.

use super::{Office, ahead, id};
use crate::support::practice::Caller;
use carehub::{appointments::upkeep, appointments::waitlist::OFFERED_FOR, clock::Clock};
use chrono::TimeDelta;
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
