//! `carehub billing reconcile`: finds what was planted, at Stripe and in the ledger, and nothing where nothing was.

use super::{Till, pay};
use crate::support::stripe::GOOD_CARD;
use carehub::clock::Clock;
use reqwest::Method;
use serde_json::json;
use std::process::Command;
use uuid::Uuid;

pub(super) async fn reconcile(till: &Till, arguments: &[&str]) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carehub"));
    command.args(["billing", "reconcile"]).args(arguments).env_clear();
    command.envs(till.stripe.settings()).env("DATABASE_URL", till.practice.database.service_url());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// A payment that somebody makes at Stripe itself.
async fn foreign(till: &Till, amount: &str, attempt: &str) -> String {
    let form = [
        ("amount", amount),
        ("currency", "usd"),
        ("payment_method", "pm_card_visa"),
        ("confirm", "true"),
        ("metadata[attempt]", attempt),
    ];
    let made = till.stripe.own(Method::POST, "/v1/payment_intents", &form).await;
    made["id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn every_planted_difference_is_found_and_nothing_else() {
    let till = Till::open().await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    let mut attempts = Vec::new();
    for amount in [1_000, 2_000, 3_000, 4_000] {
        let paid = pay(&till.ada, Uuid::now_v7(), json!({"amount": amount, "method": card})).await.expect(201);
        attempts.push(paid["id"].as_str().unwrap().to_owned());
    }
    till.stripe.age(3_600);
    let (same, said, complaint) = reconcile(&till, &[]).await;
    assert!(same, "{said}{complaint}");
    assert_eq!(said.trim(), "The ledger and Stripe say the same.");

    let stray = foreign(&till, "777", "").await;
    let again = foreign(&till, "1000", &attempts[0]).await;
    let third = till.one(&format!("SELECT stripe_payment_intent FROM payments WHERE id = '{}'", attempts[2])).await;
    let refund = till.stripe.own(Method::POST, "/v1/refunds", &[("payment_intent", &third), ("amount", "300")]).await;
    till.stripe.dispute("dp_planted", &third, 2_700, "lost");
    // As its owner alone can do.
    till.sql(&format!("UPDATE payments SET amount = 1999 WHERE id = '{}'", attempts[1])).await;
    till.sql(&format!("UPDATE payments SET stripe_payment_intent = 'pi_gone' WHERE id = '{}'", attempts[3])).await;
    till.sql(
        "INSERT INTO payment_attempts (id, practice_id, client_id, key, purpose, amount, currency, off_session, state,
            created_at, first_sent_at, next_at)
        SELECT '00000000-0000-7000-8000-000000000001', practice_id, client_id, gen_random_uuid(), 'balance', 5, 'USD',
            false, 'unknown', now() - interval '2 days', now() - interval '2 days', now() + interval '1 day'
        FROM payment_attempts LIMIT 1",
    )
    .await;
    let fourth = till.stripe.taken().await;
    let fourth = fourth.iter().find(|intent| intent["amount"] == 4_000).unwrap()["id"].as_str().unwrap().to_owned();
    let second = till.one(&format!("SELECT stripe_payment_intent FROM payments WHERE id = '{}'", attempts[1])).await;
    let first = till.one(&format!("SELECT stripe_payment_intent FROM payments WHERE id = '{}'", attempts[0])).await;
    let mut twice = [first, again.clone()];
    twice.sort();

    let (same, said, complaint) = reconcile(&till, &[]).await;
    assert!(!same);
    let mut expected = vec![
        format!("payment not in the ledger: {stray} of 777 was taken at Stripe"),
        format!("payment not in the ledger: {again} of 1000 was taken at Stripe"),
        format!("payment not in the ledger: {fourth} of 4000 was taken at Stripe"),
        format!("payment not at Stripe: {} (pi_gone) of 4000 is in the ledger", attempts[3]),
        format!("payment of another amount: {} is 1999 in the ledger, {second} is 2000 at Stripe", attempts[1]),
        format!("payment entered otherwise: {} is 1999, its entry in the ledger 2000", attempts[1]),
        format!("payment taken more than once: attempt {} as {}", attempts[0], twice.join(", ")),
        format!("refund not in the ledger: {} of 300 was made at Stripe", refund["id"].as_str().unwrap()),
        "dispute not in the ledger: dp_planted took 2700".to_owned(),
        "payment not known for a day: attempt 00000000-0000-7000-8000-000000000001".to_owned(),
    ];
    let mut found: Vec<String> = said.lines().map(str::to_owned).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    assert!(complaint.contains("10 differences"), "{complaint}");
    for secret in ["sk_test", "Ada", "Field"] {
        assert!(!said.contains(secret) && !complaint.contains(secret));
    }
    // What was before the day that is asked for is left alone.
    let tomorrow = (Clock::system().now() + chrono::TimeDelta::days(1)).format("%Y-%m-%d").to_string();
    let (_, said, _) = reconcile(&till, &["--since", &tomorrow]).await;
    assert_eq!(said.lines().count(), 1, "only what is not known for a day: {said}");
}

#[actix_web::test]
async fn a_stripe_that_does_not_answer_is_no_reconciliation() {
    let till = Till::open().await;
    let fault = crate::support::stripe::Fault::CutBefore;
    till.stripe.once("GET", "/v1/refunds", fault);
    let (same, said, complaint) = reconcile(&till, &[]).await;
    assert!(!same && said.is_empty(), "{said}");
    assert!(complaint.contains("Stripe could not be asked"), "{complaint}");
}
