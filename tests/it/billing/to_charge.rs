//! From appointments that took place, and fees that were agreed to, to charges.

use super::Till;
use crate::support::practice::Caller;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

/// An appointment that took place.
pub(super) async fn completed(till: &Till, client: &Caller, minutes: i64, days_ago: i64) -> String {
    let row = format!(
        "INSERT INTO appointments (id, practice_id, client_id, clinician_id, state, mode, during, taken, room, made_by,
            made_at, changed_at)
        SELECT '{}', practice_id, '{}', id, 'completed', 'video', tstzrange(at, at + interval '{minutes} minutes'),
            tstzrange(at, at + interval '{minutes} minutes'), gen_random_uuid(), id, now(), now()
        FROM users, (SELECT now() - interval '{days_ago} days' AS at) then_ WHERE id = '{}' RETURNING id",
        Uuid::now_v7(),
        client.id,
        till.maya.id
    );
    till.practice.database.query(&row).await.remove(0)
}

/// A fee that a client agreed to.
async fn late_fee(till: &Till, appointment: &str, amount: i64, currency: &str) {
    let row = format!(
        "INSERT INTO appointment_fees (id, appointment_id, practice_id, client_id, because, amount, currency, accepted_at)
        SELECT gen_random_uuid(), id, practice_id, client_id, 'cancelledLate', {amount}, '{currency}', now()
        FROM appointments WHERE id = '{appointment}'"
    );
    till.practice.database.query(&row).await;
}

async fn schedule(till: &Till, fees: Value) {
    let mut settings = till.flo.get("ehr/billing/settings").await.expect(200);
    settings["fees"] = fees;
    till.flo.put("ehr/billing/settings", settings).await.expect(200);
}

#[actix_web::test]
async fn what_the_schedule_knows_is_charged_once_by_however_many_and_the_rest_waits() {
    let till = Till::open().await;
    schedule(
        &till,
        json!([{"code": "90834", "description": "Psychotherapy, 45 minutes", "amount": 15_000, "minutes": 50}]),
    )
    .await;
    let known = completed(&till, &till.ann, 50, 3).await;
    let unknown = completed(&till, &till.ann, 30, 2).await;
    let cancelled = completed(&till, &till.ann, 50, 1).await;
    till.practice
        .database
        .query(&format!(
            "UPDATE appointments SET state = 'cancelled', cancelled_by = 'client' WHERE id = '{cancelled}'"
        ))
        .await;
    late_fee(&till, &cancelled, 7_500, "USD").await;
    let waiting = till.flo.get("ehr/billing/to-charge").await.expect(200);
    let amounts: Vec<_> = waiting["items"].as_array().unwrap().iter().map(|item| item["amount"].clone()).collect();
    assert_eq!(amounts, [json!(15_000), json!(null), json!(7_500)]);
    let mut calls = JoinSet::new();
    for _ in 0..6 {
        let flo = till.flo.clone();
        calls.spawn(
            async move { flo.post("ehr/billing/to-charge", json!({})).await.expect(200)["made"].as_u64().unwrap() },
        );
    }
    assert_eq!(calls.join_all().await.into_iter().sum::<u64>(), 2);
    assert_eq!(till.balance().await, 22_500);
    let left = till.flo.get("ehr/billing/to-charge").await.expect(200);
    assert_eq!((left["items"].as_array().unwrap().len(), &left["items"][0]["appointment"]), (1, &json!(unknown)));
    let charges = till.items("charges").await;
    let service = charges.iter().find(|charge| charge["kind"] == "service").unwrap();
    assert_eq!((&service["code"], &service["appointment"]), (&json!("90834"), &json!(known)));
    // Voided, a session can be charged anew; a fee cannot.
    for charge in &charges {
        till.void(charge["id"].as_str().unwrap()).await.expect(200);
    }
    assert_eq!(till.flo.post("ehr/billing/to-charge", json!({})).await.expect(200)["made"], 1);
    assert_eq!(till.balance().await, 15_000);
}

#[actix_web::test]
async fn a_fee_in_another_currency_waits_and_diagnoses_of_the_last_charge_go_on() {
    let till = Till::open().await;
    schedule(&till, json!([{"code": "90834", "description": "Psychotherapy", "amount": 100, "minutes": 50}])).await;
    let first = completed(&till, &till.ann, 50, 5).await;
    late_fee(&till, &first, 7_500, "EUR").await;
    let charge =
        json!({"code": "90834", "description": "x", "unitAmount": 100, "appointment": first, "diagnoses": ["F41.1"]});
    till.flo.post(&till.of_ann("charges"), charge).await.expect(201);
    completed(&till, &till.ann, 50, 1).await;
    assert_eq!(till.flo.post("ehr/billing/to-charge", json!({})).await.expect(200)["made"], 1);
    assert_eq!(till.items("charges").await[0]["diagnoses"], json!(["F41.1"]));
}

#[actix_web::test]
async fn what_is_marked_as_free_waits_for_no_charge_until_that_is_taken_back() {
    let till = Till::open().await;
    schedule(&till, json!([{"code": "90834", "description": "Psychotherapy", "amount": 15_000, "minutes": 50}])).await;
    let done = completed(&till, &till.ann, 50, 3).await;
    let path = format!("ehr/billing/appointments/{done}/free");
    till.maya.put(&path, json!({})).await.refused(403, "forbidden");
    let stranger = till.practice.stranger("Zed", carehub::accounts::Role::Staff).await;
    stranger.put(&path, json!({})).await.refused(404, "notFound");
    till.flo.delete(&path).await.refused(404, "notFound");
    for _ in 0..2 {
        till.flo.put(&path, json!({})).await.expect(204);
    }
    let waiting = async || till.flo.get("ehr/billing/to-charge").await.expect(200)["items"].as_array().unwrap().len();
    assert_eq!(waiting().await, 0);
    assert_eq!(till.flo.post("ehr/billing/to-charge", json!({})).await.expect(200)["made"], 0);
    let by_hand = json!({"description": "x", "unitAmount": 100, "appointment": done});
    till.flo.post(&till.of_ann("charges"), by_hand).await.refused(409, "conflict");
    let free = till.flo.get("ehr/billing/free").await.expect(200);
    assert_eq!(
        (&free["items"][0]["client"]["name"], &free["items"][0]["markedBy"]["name"]),
        (&json!("Ann Field"), &json!("Flo Gray"))
    );
    till.flo.delete(&path).await.expect(204);
    assert_eq!(waiting().await, 1);
    assert_eq!(till.flo.post("ehr/billing/to-charge", json!({})).await.expect(200)["made"], 1);
    till.flo.put(&path, json!({})).await.refused(409, "conflict");
    assert_eq!(till.balance().await, 15_000);
    let marks =
        "SELECT action || ' ' || count(*) FROM audit_events WHERE action ~ 'Free$' GROUP BY action ORDER BY action";
    assert_eq!(till.practice.database.query(marks).await, ["appointment.markedFree 1", "appointment.unmarkedFree 1"]);
}

#[actix_web::test]
async fn an_appointment_that_did_not_take_place_is_not_free() {
    let till = Till::open().await;
    let missed = completed(&till, &till.ann, 50, 3).await;
    till.practice.database.query(&format!("UPDATE appointments SET state = 'noShow' WHERE id = '{missed}'")).await;
    till.flo.put(&format!("ehr/billing/appointments/{missed}/free"), json!({})).await.refused(409, "conflict");
}

#[actix_web::test]
async fn of_an_erased_client_nothing_is_charged_and_all_others_are() {
    let till = Till::open().await;
    schedule(&till, json!([{"code": "90834", "description": "Psychotherapy", "amount": 15_000, "minutes": 50}])).await;
    let bea = till.practice.person("Bea Moss", carehub::accounts::Role::Client).await;
    completed(&till, &bea, 50, 9).await;
    completed(&till, &till.ann, 50, 3).await;
    let of_bea = |what: &str| format!("ehr/billing/clients/{}/{what}", bea.id);
    let charge = json!({"description": "A letter", "unitAmount": 5_000});
    till.flo.post(&of_bea("charges"), charge.clone()).await.expect(201);
    let destroyed = format!("UPDATE data_keys SET wrapped = '', erased_at = now() WHERE owner_id = '{}'", bea.id);
    till.practice.database.query(&destroyed).await;
    let waiting = till.flo.get("ehr/billing/to-charge").await.expect(200);
    assert_eq!(waiting["items"].as_array().unwrap().len(), 1, "{waiting}");
    assert_eq!(till.flo.post("ehr/billing/to-charge", json!({})).await.expect(200)["made"], 1);
    assert_eq!(till.balance().await, 15_000);
    // What somebody would have to give words for is refused with a reason.
    till.flo.post(&of_bea("charges"), charge).await.refused(409, "conflict");
    let less = json!({"amount": -100, "reason": "Hardship."});
    till.flo.post(&of_bea("adjustments"), less).await.refused(409, "conflict");
    // What needs none goes on.
    till.flo.post(&of_bea("payments"), json!({"amount": 5_000, "method": "cash"})).await.expect(201);
}

#[actix_web::test]
async fn the_list_goes_on_page_by_page_and_what_has_no_amount_keeps_nothing_from_being_charged() {
    let till = Till::open().await;
    schedule(&till, json!([{"code": "90834", "description": "Psychotherapy", "amount": 15_000, "minutes": 50}])).await;
    // As many as are charged at once, older than what has an amount.
    let many = format!(
        "INSERT INTO appointments (id, practice_id, client_id, clinician_id, state, mode, during, taken, room, made_by,
            made_at, changed_at)
        SELECT gen_random_uuid(), practice_id, '{}', id, 'completed', 'video', tstzrange(at, at + interval '20 minutes'),
            tstzrange(at, at + interval '20 minutes'), gen_random_uuid(), id, now(), now()
        FROM users, (SELECT now() - interval '60 days' + n * interval '1 hour' AS at FROM generate_series(1, 500) n) then_
        WHERE id = '{}'",
        till.ann.id, till.maya.id
    );
    till.practice.database.query(&many).await;
    let known = completed(&till, &till.ann, 50, 3).await;
    let (mut seen, mut next) = (std::collections::BTreeSet::new(), String::new());
    loop {
        let page = till.flo.get(&format!("ehr/billing/to-charge?limit=200&cursor={next}")).await.expect(200);
        for item in page["items"].as_array().unwrap() {
            assert!(seen.insert(item["appointment"].as_str().unwrap().to_owned()), "twice: {item}");
        }
        let Some(cursor) = page["next"].as_str() else { break };
        next = cursor.to_owned();
    }
    assert_eq!((seen.len(), seen.contains(&known)), (501, true));
    assert_eq!(till.flo.post("ehr/billing/to-charge", json!({})).await.expect(200)["made"], 1);
}
