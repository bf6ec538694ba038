//! X3: what comes in place of Stripe's answers is bounded, tried again, and never taken for one.

use super::{OWED, Till, look, pay};
use crate::support::{
    odd_server::OddServer,
    stripe::{Fault, GOOD_CARD},
};
use serde_json::json;
use uuid::Uuid;

#[actix_web::test]
async fn whatever_comes_in_place_of_an_answer_takes_nothing_and_tells_nobody_that_it_did() {
    let till = Till::open().await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    let trap = OddServer::answering("200 OK", br#"{"id": "pi_trap", "status": "succeeded"}"#);
    let intent = r#""object": "payment_intent", "currency": "usd", "created": 1, "status": "succeeded""#;
    let long = [b"{\"id\": \"".as_slice(), &vec![b'x'; 10 * 1024 * 1024], b"\"}"].concat();
    let says = [
        (200, "application/json", long, None),
        (200, "text/html", b"<html>succeeded</html>".to_vec(), None),
        (200, "application/json", b"{\"id\": \"pi_1\", \"status\": \"succ".to_vec(), None),
        (200, "application/json", br#"{"id": ["pi_1"], "status": "succeeded", "amount": "1"}"#.to_vec(), None),
        // Another payment than the one asked for: of nobody, of another amount.
        (200, "application/json", format!(r#"{{"id": "pi_9", "amount": 2000, {intent}}}"#).into_bytes(), None),
        (302, "text/plain", Vec::new(), Some(trap.url("/"))),
        (307, "text/plain", Vec::new(), Some(trap.url("/"))),
        (500, "text/html", b"<html>".to_vec(), None),
        (503, "text/plain", Vec::new(), None),
        (429, "application/json", br#"{"error": {"type": "invalid_request_error"}}"#.to_vec(), None),
        (401, "application/json", br#"{"error": {"type": "invalid_request_error"}}"#.to_vec(), None),
        (402, "text/html", b"<html>".to_vec(), None),
    ];
    let before = till.practice.hub.resident_kib();
    let mut taken = Vec::new();
    for (status, kind, body, location) in says {
        let what = format!("{status} {kind} {} bytes", body.len());
        till.stripe.once("POST", "/v1/payment_intents", Fault::Say { status, kind, body, location });
        let asked = pay(&till.ada, Uuid::now_v7(), json!({"amount": 1_000, "method": card})).await.expect(201);
        assert_eq!(asked["state"], "unknown", "{what}");
        assert_eq!(till.stripe.taken().await.len(), taken.len(), "{what}");
        till.let_go().await;
        till.settled().await;
        assert_eq!(look(&till.ada, &asked).await["state"], "succeeded", "{what}");
        taken.push(1_000);
    }
    till.took(&taken).await;
    assert_eq!(trap.came(), 0, "no redirect is followed");
    let more = till.practice.hub.resident_kib().saturating_sub(before);
    assert!(more < 30 * 1024, "{more} KiB more");
    assert_eq!(till.balance(till.ada.id).await, OWED - 12_000);
}

#[actix_web::test]
async fn a_payment_at_stripe_that_is_not_the_one_asked_for_is_not_entered() {
    let till = Till::open().await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    till.stripe.once("POST", "/v1/payment_intents", Fault::CutBefore);
    till.stripe.times(20, "GET", "/v1/payment_intents", Fault::CutBefore);
    let asked = pay(&till.ada, Uuid::now_v7(), json!({"amount": 1_000, "method": card})).await.expect(201);
    // It names our attempt, and is of another amount.
    let id = asked["id"].as_str().unwrap();
    let form = [
        ("amount", "1"),
        ("currency", "usd"),
        ("payment_method", "pm_card_visa"),
        ("confirm", "true"),
        ("metadata[attempt]", id),
    ];
    let forged = till.stripe.own(reqwest::Method::POST, "/v1/payment_intents", &form).await;
    let body = crate::support::stripe::event("evt_1", "payment_intent.succeeded", forged["id"].as_str().unwrap());
    let signature = crate::support::stripe::signed(&body, crate::support::stripe::WEBHOOK_SECRET, 0);
    let hook = till.practice.request(reqwest::Method::POST, "/hooks/stripe").header("stripe-signature", signature);
    assert_eq!(hook.body(body).send().await.unwrap().status(), 200);
    crate::support::eventually("a complaint", std::time::Duration::from_secs(30), async || {
        till.practice.hub.logged().contains("not the one asked for").then_some(())
    })
    .await;
    assert_eq!(till.one("SELECT count(*) FROM payments").await, "0");
    assert_eq!(look(&till.ada, &asked).await["state"], "unknown");
}
