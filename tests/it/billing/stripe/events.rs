//! F17, F18 and X1: what Stripe tells, and what only looks like it.

use super::{OWED, Till, look, pay};
use crate::support::{
    Hub, eventually,
    stripe::{ASKING_CARD, Fault, GOOD_CARD, WEBHOOK_SECRET, event, signed},
};
use carehub::accounts::Role;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

async fn send(hub: &Hub, body: &str, signature: Option<&str>) -> u16 {
    let mut request = reqwest::Client::new().post(hub.url("/hooks/stripe")).header("content-type", "application/json");
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    request.body(body.to_owned()).send().await.unwrap().status().as_u16()
}

/// An event as Stripe sends it.
pub(super) async fn tell(till: &Till, body: &str) {
    assert_eq!(send(&till.practice.hub, body, Some(&signed(body, WEBHOOK_SECRET, 0))).await, 200, "{body}");
}

/// Waits until every event that came was applied.
pub(super) async fn applied(till: &Till) {
    eventually("events to be applied", Duration::from_secs(60), async || {
        (till.one("SELECT count(*) FROM stripe_events WHERE applied_at IS NULL").await == "0").then_some(())
    })
    .await;
}

#[actix_web::test]
async fn an_event_that_stripe_did_not_sign_lately_is_refused() {
    let till = Till::open().await;
    let hub = &till.practice.hub;
    let body = event("evt_1", "payment_intent.succeeded", "pi_1");
    let good = signed(&body, WEBHOOK_SECRET, 0);
    assert_eq!(send(hub, &body, None).await, 403, "no header");
    for header in ["", "t=1,v1=00", "v1=", &good[..20], &good.replace("v1=", "v0=")] {
        assert_eq!(send(hub, &body, Some(header)).await, 403, "{header}");
    }
    assert_eq!(send(hub, &body, Some(&signed(&body, "whsec_another", 0))).await, 403, "another secret");
    for later in [-310, 310] {
        assert_eq!(send(hub, &body, Some(&signed(&body, WEBHOOK_SECRET, later))).await, 403, "{later}");
    }
    // The same meaning in other bytes was not signed.
    assert_eq!(send(hub, &body.replace("\":", "\": "), Some(&good)).await, 403);
    assert_eq!(send(hub, &body.replace("evt_1", "evt_2"), Some(&good)).await, 403);
    assert_eq!(till.one("SELECT count(*) FROM stripe_events").await, "0", "nothing was kept");
    assert_eq!(send(hub, &body, Some(&good)).await, 200);
    assert_eq!(send(hub, &body, Some(&good)).await, 200, "again");
    assert_eq!(till.one("SELECT count(*) FROM stripe_events").await, "1");
    assert!(!hub.logged().contains("whsec_"));
}

#[actix_web::test]
async fn while_its_secret_is_replaced_events_signed_by_either_are_taken() {
    let both = format!("whsec_new,{WEBHOOK_SECRET}");
    let till = Till::open_with(&[("CAREHUB_STRIPE_WEBHOOK_SECRETS", &both)]).await;
    let body = event("evt_1", "payment_intent.succeeded", "pi_1");
    for secret in ["whsec_new", WEBHOOK_SECRET] {
        assert_eq!(send(&till.practice.hub, &body, Some(&signed(&body, secret, 0))).await, 200, "{secret}");
    }
}

#[actix_web::test]
async fn an_event_told_many_times_at_once_on_two_hubs_counts_once() {
    let till = Till::open().await;
    let settings = till.stripe.settings();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let other = Hub::start_with(&till.practice.database, &settings).await;
    let card = till.card(&till.ada, ASKING_CARD).await;
    let asked = pay(&till.ada, Uuid::now_v7(), json!({"amount": 7_000, "method": card})).await.expect(201);
    till.stripe.authenticate(asked["authentication"]["clientSecret"].as_str().unwrap(), true).await;
    let intent = till.stripe.taken().await[0]["id"].as_str().unwrap().to_owned();
    let body = event("evt_many", "payment_intent.succeeded", &intent);
    let signature = signed(&body, WEBHOOK_SECRET, 0);
    let hubs = [&till.practice.hub, &other, &till.practice.hub, &other, &other];
    let answers = join_all(hubs.map(|hub| send(hub, &body, Some(&signature)))).await;
    assert_eq!(answers, [200; 5]);
    // And by other events about the same.
    for n in 0..5 {
        tell(&till, &event(&format!("evt_{n}"), "payment_intent.succeeded", &intent)).await;
    }
    applied(&till).await;
    till.took(&[7_000]).await;
    assert_eq!(look(&till.ada, &asked).await["state"], "succeeded");
    assert_eq!(till.balance(till.ada.id).await, OWED - 7_000);
}

#[actix_web::test]
async fn events_in_any_order_come_to_what_stripe_has() {
    let till = Till::open().await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    // The answer gets lost, and so does every look; only events come, the last one first.
    till.stripe.once("POST", "/v1/payment_intents", Fault::CutAfter);
    till.stripe.times(8, "GET", "/v1/payment_intents", Fault::CutBefore);
    let asked = pay(&till.ada, Uuid::now_v7(), json!({"amount": 9_000, "method": card})).await.expect(201);
    assert_eq!(asked["state"], "unknown");
    let intent = till.stripe.taken().await[0]["id"].as_str().unwrap().to_owned();
    let refund = till.stripe.own(Method::POST, "/v1/refunds", &[("payment_intent", &intent), ("amount", "2000")]).await;
    tell(&till, &event("evt_3", "refund.created", refund["id"].as_str().unwrap())).await;
    tell(&till, &event("evt_2", "payment_intent.succeeded", &intent)).await;
    tell(&till, &event("evt_1", "payment_intent.processing", &intent)).await;
    tell(&till, &event("evt_0", "payment_intent.created", &intent)).await;
    applied(&till).await;
    till.took(&[9_000]).await;
    assert_eq!(till.balance(till.ada.id).await, OWED - 9_000 + 2_000);
    assert_eq!(look(&till.ada, &asked).await["state"], "succeeded");
    // A charge that is told of brings its refunds along, and none comes twice.
    let charge = till.stripe.taken().await[0]["latest_charge"]["id"].as_str().unwrap().to_owned();
    till.stripe.own(Method::POST, "/v1/refunds", &[("payment_intent", &intent), ("amount", "500")]).await;
    tell(&till, &event("evt_4", "charge.refunded", &charge)).await;
    applied(&till).await;
    assert_eq!(till.balance(till.ada.id).await, OWED - 9_000 + 2_500);
    assert_eq!(till.one("SELECT count(*) FROM refunds").await, "2");
}

#[actix_web::test]
async fn an_event_of_nothing_that_we_know_changes_nothing_and_keeps_none_from_being_applied() {
    let till = Till::open().await;
    let foreign = till
        .stripe
        .own(
            Method::POST,
            "/v1/payment_intents",
            &[("amount", "100"), ("currency", "usd"), ("payment_method", "pm_card_visa"), ("confirm", "true")],
        )
        .await;
    let foreign = foreign["id"].as_str().unwrap();
    for (n, object) in [foreign, "pi_unknown", "ch_unknown", "re_unknown", "dp_unknown", "../customers", "cus_1", ""]
        .iter()
        .enumerate()
    {
        tell(&till, &event(&format!("evt_{n}"), "something.new", object)).await;
    }
    for body in ["{}", "[]", "null", "not json", r#"{"id": 1, "type": [], "data": {}}"#] {
        tell(&till, body).await;
    }
    // What Stripe's own kind of event is like in a year.
    let later = json!({"id": "evt_later", "object": "v9.event", "type": "payment_intent.glorified", "new": {"a": [1]},
        "data": {"object": {"id": "pi_later", "object": "payment_glory"}, "more": true}});
    tell(&till, &later.to_string()).await;
    applied(&till).await;
    assert_eq!(till.one("SELECT count(*) FROM payments").await, "0");
    assert_eq!(till.balance(till.ada.id).await, OWED);
}

#[actix_web::test]
async fn an_event_that_says_more_than_the_object_is_not_believed() {
    let till = Till::open().await;
    let card = till.card(&till.ada, ASKING_CARD).await;
    let asked = pay(&till.ada, Uuid::now_v7(), json!({"amount": 5_000, "method": card})).await.expect(201);
    let secret = asked["authentication"]["clientSecret"].as_str().unwrap();
    let intent = secret.split_once("_secret_").unwrap().0;
    // It says that it succeeded, and is signed; the object says otherwise.
    tell(&till, &event("evt_1", "payment_intent.succeeded", intent)).await;
    applied(&till).await;
    assert_eq!(look(&till.ada, &asked).await["state"], "requiresAction");
    till.took(&[]).await;
}

#[actix_web::test]
async fn stripes_own_webhooks_are_taken() {
    let till = Till::open().await;
    let hook = json!({"url": till.practice.hub.url("/hooks/stripe"), "secret": WEBHOOK_SECRET}).to_string();
    let config = format!("{}/_config/webhooks/carehub", till.stripe.url);
    assert!(reqwest::Client::new().post(config).body(hook).send().await.unwrap().status().is_success());
    let card = till.card(&till.ada, GOOD_CARD).await;
    pay(&till.ada, Uuid::now_v7(), json!({"amount": 100, "method": card})).await.expect(201);
    eventually("an event of its own", Duration::from_secs(30), async || {
        (till.one("SELECT count(*) FROM stripe_events WHERE applied_at IS NOT NULL").await == "1").then_some(())
    })
    .await;
    till.took(&[100]).await;
}

#[actix_web::test]
async fn a_dispute_takes_the_money_back_until_it_is_won() {
    let till = Till::open().await;
    till.practice.person("Flo Gray", Role::Staff).await;
    till.practice.person("Maya Lind", Role::Clinician).await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    pay(&till.ada, Uuid::now_v7(), json!({"amount": 6_000, "method": card})).await.expect(201);
    let intent = till.stripe.taken().await[0]["id"].as_str().unwrap().to_owned();
    let mut balances = Vec::new();
    for (n, status) in
        ["warning_needs_response", "needs_response", "under_review", "needs_response", "won", "won"].iter().enumerate()
    {
        till.stripe.dispute("dp_1", &intent, 6_000, status);
        tell(&till, &event(&format!("evt_{n}"), "charge.dispute.updated", "dp_1")).await;
        applied(&till).await;
        balances.push(till.balance(till.ada.id).await);
    }
    assert_eq!(balances, [OWED - 6_000, OWED, OWED, OWED, OWED - 6_000, OWED - 6_000]);
    // However often it is told: those who bill hear of it once, and so does the audit log.
    let told = "SELECT u.name || ' ' || n.kind FROM notifications n JOIN users u ON u.id = n.user_id WHERE n.kind = 'paymentDisputed'";
    assert_eq!(till.sql(told).await, ["Flo Gray paymentDisputed"]);
    let noted = "SELECT action || ' ' || count(*) FROM audit_events WHERE action ~ 'dispute' GROUP BY action ORDER BY action COLLATE \"C\"";
    assert_eq!(till.sql(noted).await, ["payment.disputeWon 1", "payment.disputed 1"]);
}
