//! Cards that Stripe keeps.

use super::Till;
use crate::support::stripe::{ASKING_CARD, Fault, GOOD_CARD};
use carehub::accounts::Role;
use serde_json::json;

#[actix_web::test]
async fn cards_are_added_chosen_and_taken_away_and_no_number_comes_here() {
    let till = Till::open().await;
    assert_eq!(till.ada.get("portal/payments/methods").await.expect(200)["items"], json!([]));
    let first = till.card(&till.ada, GOOD_CARD).await;
    let second = till.card(&till.ada, ASKING_CARD).await;
    let listed = till.ada.get("portal/payments/methods").await.expect(200);
    let ids: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|card| card["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&first.as_str()) && ids.contains(&second.as_str()));
    assert_eq!(listed["items"].as_array().unwrap().iter().filter(|card| card["isDefault"] == true).count(), 1);
    for chosen in [&second, &first, &second] {
        till.ada.put(&format!("portal/payments/methods/{chosen}/default"), json!({})).await.expect(204);
        let listed = till.ada.get("portal/payments/methods").await.expect(200);
        let default = listed["items"].as_array().unwrap().iter().find(|card| card["isDefault"] == true).unwrap();
        assert_eq!(default["id"], json!(chosen));
    }
    till.ada.delete(&format!("portal/payments/methods/{second}")).await.expect(204);
    let listed = till.ada.get("portal/payments/methods").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["isDefault"]), (&json!(first), &json!(true)));
    assert_eq!(listed["items"][0]["last4"], "4242");
    let log = till.practice.hub.logged();
    assert!(!log.contains(GOOD_CARD) && !log.contains("sk_test") && !log.contains("_secret_"), "{log}");
}

#[actix_web::test]
async fn anothers_card_and_one_that_does_not_exist_are_alike() {
    let till = Till::open().await;
    let ben = till.practice.person("Ben Marsh", Role::Client).await;
    let his = till.card(&ben, GOOD_CARD).await;
    till.card(&till.ada, GOOD_CARD).await;
    let other = till.ada.delete(&format!("portal/payments/methods/{his}")).await;
    let none = till.ada.delete("portal/payments/methods/pm_unknown").await;
    assert_eq!(other.clone().refused(404, "notFound")["detail"], none.refused(404, "notFound")["detail"]);
    till.ada.put(&format!("portal/payments/methods/{his}/default"), json!({})).await.refused(404, "notFound");
    till.ada.delete("portal/payments/methods/pm_1%2F..%2Fcustomers").await.refused(404, "notFound");
    assert_eq!(ben.get("portal/payments/methods").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn while_stripe_is_away_cards_are_asked_for_again() {
    let till = Till::open().await;
    till.card(&till.ada, GOOD_CARD).await;
    till.stripe.once("GET", "/v1/payment_methods", Fault::CutBefore);
    till.ada.get("portal/payments/methods").await.refused(503, "busy");
    till.ada.get("portal/payments/methods").await.expect(200);
}

#[actix_web::test]
async fn a_client_is_one_customer_however_often_they_are_told_of() {
    let till = Till::open().await;
    till.stripe.once("POST", "/v1/customers", Fault::CutAfter);
    till.ada.post("portal/payments/methods", json!({})).await.refused(503, "busy");
    let setups = (0..5).map(|_| till.ada.post("portal/payments/methods", json!({})));
    for setup in futures_util::future::join_all(setups).await {
        assert!(matches!(setup.status, 201 | 503), "{setup:?}");
    }
    let all = till.stripe.own(reqwest::Method::GET, "/v1/customers?limit=100", &[]).await;
    assert_eq!(all["data"].as_array().unwrap().len(), 1, "{all}");
    assert_eq!(all["data"][0]["metadata"], json!({"client": till.ada.id}));
    assert_eq!((&all["data"][0]["email"], &all["data"][0]["name"]), (&json!(null), &json!(null)));
}

#[actix_web::test]
async fn a_card_that_autopay_takes_from_stays_until_autopay_does_not() {
    let till = Till::open().await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    let consent = till.ada.get("portal/payments/autopay").await.expect(200)["consent"]["asked"].clone();
    let on = json!({"on": true, "method": card, "consent": consent});
    till.ada.put("portal/payments/autopay", on).await.expect(200);
    let path = format!("portal/payments/methods/{card}");
    let refused = till.ada.delete(&path).await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("Autopay"), "{refused}");
    till.ada.put("portal/payments/autopay", json!({"on": false})).await.expect(200);
    till.sql(&format!(
        "INSERT INTO payment_plans (id, practice_id, client_id, currency, total, rhythm, time_zone, method, method_name,
            consent, made_at)
        SELECT gen_random_uuid(), practice_id, id, 'USD', 4200, 'weekly', 'UTC', '{card}', 'Visa', 'x', now()
        FROM users WHERE id = '{}'",
        till.ada.id
    ))
    .await;
    let refused = till.ada.delete(&path).await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("plan"), "{refused}");
    till.sql("UPDATE payment_plans SET ended_at = now(), ended_because = 'cancelled'").await;
    till.ada.delete(&path).await.expect(204);
}

#[actix_web::test]
async fn nobody_asks_to_give_card_after_card() {
    let till = Till::open().await;
    for _ in 0..30 {
        till.ada.post("portal/payments/methods", json!({})).await.expect(201);
    }
    till.ada.post("portal/payments/methods", json!({})).await.refused(429, "rateLimited");
    till.sql("ALTER TABLE audit_events DISABLE TRIGGER USER").await;
    till.sql("UPDATE audit_events SET at = at - interval '1 day' WHERE action = 'paymentMethod.asked'").await;
    till.ada.post("portal/payments/methods", json!({})).await.expect(201);
}
