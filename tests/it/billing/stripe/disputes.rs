//! What payers dispute with their banks, as those who bill see it.

use super::{
    OWED, Till,
    events::{applied, tell},
    pay,
};
use crate::support::{
    Hub, eventually,
    practice::Caller,
    stripe::{DAYS_FOR_EVIDENCE, Fault, GOOD_CARD, event},
};
use carehub::{
    accounts::Role,
    billing::{Amount, payments},
    clock::Clock,
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use uuid::Uuid;

/// Somebody pays by card; the payment, and what Stripe calls it.
async fn paid(till: &Till, client: &Caller, amount: i64) -> (String, String) {
    let card = till.card(client, GOOD_CARD).await;
    let paid = pay(client, Uuid::now_v7(), json!({"amount": amount, "method": card})).await.expect(201);
    let payment = paid["id"].as_str().unwrap().to_owned();
    let intent = till.one(&format!("SELECT stripe_payment_intent FROM payments WHERE id = '{payment}'")).await;
    (payment, intent)
}

/// Stripe says how a dispute stands, and tells of it.
async fn stands(till: &Till, dispute: &str, intent: &str, amount: i64, status: &str) {
    till.stripe.dispute(dispute, intent, amount, status);
    tell(till, &event(&format!("evt_{}", Uuid::now_v7().simple()), "charge.dispute.updated", dispute)).await;
    applied(till).await;
}

async fn listed(who: &Caller) -> Value {
    who.get("ehr/billing/disputes").await.expect(200)
}

/// Name at Stripe and state of each, in the order of the list.
fn states(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap().iter();
    items.map(|one| format!("{} {}", one["dispute"].as_str().unwrap(), one["state"].as_str().unwrap())).collect()
}

#[actix_web::test]
async fn those_who_bill_see_what_is_disputed_open_ones_first_and_nobody_else_does() {
    let till = Till::open().await;
    let flo = till.practice.person("Flo Gray", Role::Staff).await;
    let bea = till.practice.person("Bea Moss", Role::Client).await;
    till.owes(&bea, OWED).await;
    let none = listed(&flo).await;
    assert_eq!((&none["open"], &none["items"], &none["next"]), (&json!(0), &json!([]), &Value::Null));
    let (payment, of_ada) = paid(&till, &till.ada, 6_000).await;
    let (_, of_bea) = paid(&till, &bea, 5_000).await;
    let before = Clock::system().now();
    stands(&till, "dp_1", &of_ada, 2_000, "needs_response").await;
    let list = listed(&flo).await;
    let one = &list["items"][0];
    assert_eq!((&list["open"], list["items"].as_array().unwrap().len()), (&json!(1), 1));
    assert_eq!(one["client"], json!({"id": till.ada.id, "name": "Ada Field", "role": "client"}));
    assert_eq!((&one["payment"], &one["amount"], &one["currency"]), (&json!(payment), &json!(2_000), &json!("USD")));
    assert_eq!((&one["reason"], &one["closedAt"]), (&json!("fraudulent"), &Value::Null));
    let at = |name: &str| -> DateTime<Utc> { one[name].as_str().unwrap().parse().unwrap() };
    assert!((at("toldAt") - before).abs() < TimeDelta::minutes(1), "{one}");
    let due = at("dueAt") - before;
    assert!(due <= TimeDelta::days(DAYS_FOR_EVIDENCE) && due > TimeDelta::days(DAYS_FOR_EVIDENCE - 1), "{one}");

    stands(&till, "dp_2", &of_bea, 5_000, "needs_response").await;
    stands(&till, "dp_3", &of_ada, 1_000, "needs_response").await;
    stands(&till, "dp_4", &of_ada, 1_000, "needs_response").await;
    stands(&till, "dp_4", &of_ada, 1_000, "lost").await;
    stands(&till, "dp_2", &of_bea, 5_000, "under_review").await;
    stands(&till, "dp_2", &of_bea, 5_000, "won").await;
    let list = listed(&flo).await;
    let whole = ["dp_3 needsResponse", "dp_1 needsResponse", "dp_2 won", "dp_4 lost"];
    assert_eq!((&list["open"], states(&list)), (&json!(2), whole.map(str::to_owned).to_vec()));
    assert_eq!(till.balance(till.ada.id).await, OWED - 6_000 + 4_000);
    assert_eq!(till.balance(bea.id).await, OWED - 5_000);
    // Page by page, also where one is closed between two of them.
    let mut seen = Vec::new();
    let mut path = "ehr/billing/disputes?limit=1".to_owned();
    loop {
        let page = flo.get(&path).await.expect(200);
        seen.extend(states(&page));
        if seen.len() == 1 {
            stands(&till, "dp_3", &of_ada, 1_000, "under_review").await;
            stands(&till, "dp_3", &of_ada, 1_000, "lost").await;
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("ehr/billing/disputes?limit=1&cursor={next}");
    }
    assert_eq!(seen, ["dp_3 needsResponse", "dp_1 needsResponse", "dp_3 lost", "dp_2 won", "dp_4 lost"]);

    let maya = till.practice.person("Maya Lind", Role::Clinician).await;
    for who in [&maya, &till.ada] {
        who.get("ehr/billing/disputes").await.refused(403, "forbidden");
    }
    let elsewhere = till.practice.stranger("Zed", Role::Staff).await;
    assert_eq!(listed(&elsewhere).await, none);
    let noted = format!(
        "SELECT count(DISTINCT client_id) FROM audit_events WHERE action = 'disputes.listed' AND actor_id = '{}'",
        flo.id
    );
    assert_eq!(till.one(&noted).await, "2", "each client who stood on it");
}

#[actix_web::test]
async fn an_inquiry_is_listed_and_takes_nothing_and_what_stripe_does_not_say_is_left_out() {
    let till = Till::open().await;
    let flo = till.practice.person("Flo Gray", Role::Staff).await;
    let (_, intent) = paid(&till, &till.ada, 6_000).await;
    for (status, state, open) in [
        ("warning_needs_response", "inquiry", 1),
        ("warning_under_review", "inquiryUnderReview", 1),
        ("warning_closed", "inquiryClosed", 0),
    ] {
        stands(&till, "dp_1", &intent, 6_000, status).await;
        let list = listed(&flo).await;
        assert_eq!((&list["open"], states(&list)), (&json!(open), vec![format!("dp_1 {state}")]));
        assert_eq!(till.balance(till.ada.id).await, OWED - 6_000, "{status}");
    }
    // The bank goes on all the same.
    stands(&till, "dp_1", &intent, 6_000, "needs_response").await;
    assert_eq!(till.balance(till.ada.id).await, OWED);
    let odd = json!({"id": "dp_2", "amount": 500, "currency": "usd", "status": "needs_more_time", "created": 1,
        "payment_intent": intent, "reason": "<b>Ada Field</b>", "evidence_details": {"due_by": 0}});
    till.stripe.disputed(odd);
    tell(&till, &event("evt_odd", "charge.dispute.created", "dp_2")).await;
    applied(&till).await;
    let list = listed(&flo).await;
    assert_eq!(states(&list), ["dp_2 unknown", "dp_1 needsResponse"]);
    assert_eq!((&list["items"][0]["reason"], &list["items"][0]["dueAt"]), (&Value::Null, &Value::Null));
}

#[actix_web::test]
async fn a_hub_that_asked_first_and_heard_last_opens_no_dispute_again() {
    let till = Till::open().await;
    let flo = till.practice.person("Flo Gray", Role::Staff).await;
    let (_, intent) = paid(&till, &till.ada, 6_000).await;
    let settings = till.stripe.settings();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let _other = Hub::start_with(&till.practice.database, &settings).await;
    let (gate, path) = (Arc::new(Notify::new()), "/v1/disputes/dp_1");
    till.stripe.dispute("dp_1", &intent, 6_000, "needs_response");
    till.stripe.once("GET", path, Fault::HoldAfter(gate.clone()));
    tell(&till, &event("evt_first", "charge.dispute.created", "dp_1")).await;
    eventually("a look", Duration::from_secs(20), async || (!till.stripe.asked("GET", path).is_empty()).then_some(()))
        .await;
    // Whichever hub is held, the other one goes on.
    till.stripe.dispute("dp_1", &intent, 6_000, "won");
    tell(&till, &event("evt_second", "charge.dispute.closed", "dp_1")).await;
    eventually("the end of it", Duration::from_secs(20), async || {
        (till.one("SELECT count(*) FROM stripe_events WHERE id = 'evt_second' AND applied_at IS NOT NULL").await == "1")
            .then_some(())
    })
    .await;
    assert_eq!(states(&listed(&flo).await), ["dp_1 won"]);
    gate.notify_one();
    applied(&till).await;
    assert_eq!(states(&listed(&flo).await), ["dp_1 won"]);
    assert_eq!(till.balance(till.ada.id).await, OWED - 6_000);
}

#[actix_web::test]
async fn disputes_from_before_there_was_a_list_are_on_it_and_stripe_is_asked_about_them() {
    let till = Till::open().await;
    let flo = till.practice.person("Flo Gray", Role::Staff).await;
    let (payment, intent) = paid(&till, &till.ada, 6_000).await;
    let mut conn = till.practice.database.connect().await;
    let (payment, now) = (payment.parse().unwrap(), Clock::system().now());
    for (dispute, won) in [("dp_lost", false), ("dp_won", true)] {
        conn.transaction(async |conn| match won {
            true => payments::chargeback_won(conn, payment, dispute, Amount(1_000), now, now).await,
            false => payments::chargeback(conn, payment, dispute, Amount(1_000), now, now).await,
        })
        .await
        .unwrap();
        till.stripe.dispute(dispute, &intent, 1_000, if won { "won" } else { "lost" });
    }
    // Nobody answers until the rows were looked at.
    let gates = ["dp_lost", "dp_won"].map(|dispute| {
        let gate = Arc::new(Notify::new());
        till.stripe.once("GET", &format!("/v1/disputes/{dispute}"), Fault::HoldBefore(gate.clone()));
        gate
    });
    till.sql(include_str!("../../../../migrations/2026-11-27-000250_disputes/down.sql")).await;
    till.sql(include_str!("../../../../migrations/2026-11-27-000250_disputes/up.sql")).await;
    assert_eq!(states(&listed(&flo).await), ["dp_lost unknown", "dp_won won"]);
    gates.iter().for_each(|gate| gate.notify_one());
    applied(&till).await;
    let list = listed(&flo).await;
    assert_eq!((&list["open"], &list["items"][0]["reason"]), (&json!(0), &json!("fraudulent")));
    let mut all = states(&list);
    all.sort();
    assert_eq!(all, ["dp_lost lost", "dp_won won"]);
    assert_eq!(till.balance(till.ada.id).await, OWED - 6_000 + 1_000, "the books have it already");
}
