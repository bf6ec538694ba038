//! F19: answers that get lost, and hubs that are killed at each step. The money is taken once, and the ledger has it.

use super::{OWED, Till, look, pay};
use crate::support::{
    Hub, eventually,
    stripe::{Fault, GOOD_CARD},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use uuid::Uuid;

const INTENTS: &str = "/v1/payment_intents";

/// Every request that asked for it had one key.
pub(super) fn one_key(till: &Till, path: &str) {
    let mut keys: Vec<_> = till.stripe.asked("POST", path).into_iter().map(|asked| asked.key.unwrap()).collect();
    keys.dedup();
    assert_eq!(keys.len(), 1, "{keys:?}");
}

async fn succeeded(till: &Till, attempt: &Value) {
    till.settled().await;
    assert_eq!(look(&till.ada, attempt).await["state"], "succeeded");
    till.took(&[OWED]).await;
    assert_eq!(till.balance(till.ada.id).await, 0);
    one_key(till, INTENTS);
}

#[actix_web::test]
async fn an_answer_that_gets_lost_takes_the_money_once() {
    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::FailAfter] {
        let till = Till::open().await;
        let card = till.card(&till.ada, GOOD_CARD).await;
        till.stripe.once("POST", INTENTS, fault);
        let (key, body) = (Uuid::now_v7(), json!({"amount": OWED, "method": card}));
        let asked = pay(&till.ada, key, body.clone()).await.expect(201);
        assert_eq!(asked["state"], "unknown", "nobody is told that it failed");
        // Whoever clicks again meanwhile begins nothing new, by the same key or another.
        pay(&till.ada, key, body.clone()).await.expect(200);
        pay(&till.ada, Uuid::now_v7(), body).await.refused(409, "conflict");
        succeeded(&till, &asked).await;
    }
}

#[actix_web::test]
async fn a_stripe_that_hangs_lets_people_go_and_takes_the_money_once() {
    let till = Till::open().await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    till.stripe.once("POST", INTENTS, Fault::HoldAfter(Arc::new(Notify::new())));
    let asked = pay(&till.ada, Uuid::now_v7(), json!({"amount": OWED, "method": card})).await.expect(201);
    assert_eq!(asked["state"], "unknown");
    succeeded(&till, &asked).await;
}

#[derive(Clone, Copy, Debug)]
enum Killed {
    BeforeTheCall,
    BetweenCallAndAnswer,
    BetweenAnswerAndRecord,
}

#[actix_web::test]
async fn a_hub_that_is_killed_at_any_step_takes_the_money_once() {
    for killed in [Killed::BeforeTheCall, Killed::BetweenCallAndAnswer, Killed::BetweenAnswerAndRecord] {
        let mut till = Till::open().await;
        let card = till.card(&till.ada, GOOD_CARD).await;
        let gate = Arc::new(Notify::new());
        match killed {
            Killed::BeforeTheCall => till.stripe.once("POST", INTENTS, Fault::HoldBefore(gate.clone())),
            Killed::BetweenCallAndAnswer | Killed::BetweenAnswerAndRecord => {
                till.stripe.once("POST", INTENTS, Fault::HoldAfter(gate.clone()));
            }
        }
        let (key, body) = (Uuid::now_v7(), json!({"amount": OWED, "method": card}));
        let (ada, wanted) = (till.ada.clone(), body.clone());
        let paying =
            actix_web::rt::spawn(async move { ada.try_post_once("portal/payments/process", key, wanted).await });
        eventually("the call", Duration::from_secs(20), async || {
            (!till.stripe.asked("POST", INTENTS).is_empty()).then_some(())
        })
        .await;
        if matches!(killed, Killed::BetweenAnswerAndRecord) {
            // The row is held, so that the answer comes and cannot be noted.
            let database = &till.practice.database;
            let holder = database.connect().await;
            let held = actix_web::rt::spawn(hold(holder));
            eventually("the lock", Duration::from_secs(20), async || {
                let locks = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active'
                    AND query NOT LIKE '%pg_stat_activity%'";
                (till.one(locks).await == "1").then_some(())
            })
            .await;
            gate.notify_one();
            eventually("a record that waits", Duration::from_secs(20), async || {
                let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                    AND datname = current_database()";
                (till.one(waits).await != "0").then_some(())
            })
            .await;
            till.practice.hub.kill();
            held.abort();
            till.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'
                AND pid <> pg_backend_pid() AND datname = current_database()",
            )
            .await;
        } else {
            till.practice.hub.kill();
        }
        let _ = paying.await;
        assert_eq!(till.one("SELECT count(*) FROM payments").await, "0", "{killed:?} was too late");
        assert_eq!(till.one("SELECT count(*) FROM payment_attempts WHERE settled_at IS NULL").await, "1");
        till.practice.hub.start_again().await;
        till.let_go().await;
        // The same intent of the client again, and the loop at the same time.
        let again = pay(&till.ada, key, body).await.expect(200);
        succeeded(&till, &again).await;
    }
}

async fn hold(mut conn: diesel_async::AsyncPgConnection) {
    use diesel_async::SimpleAsyncConnection;
    let _ = conn.batch_execute("BEGIN; SELECT * FROM payment_attempts FOR UPDATE; SELECT pg_sleep(60)").await;
}

#[actix_web::test]
async fn two_hubs_take_a_payment_once_between_them() {
    let till = Till::open().await;
    let settings = till.stripe.settings();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let _other = Hub::start_with(&till.practice.database, &settings).await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    // The first answer gets lost, and then both are at it, again and again.
    till.stripe.times(3, "POST", INTENTS, Fault::CutAfter);
    let asked = pay(&till.ada, Uuid::now_v7(), json!({"amount": OWED, "method": card})).await.expect(201);
    for _ in 0..20 {
        till.let_go().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    succeeded(&till, &asked).await;
}

#[actix_web::test]
async fn beyond_a_day_nothing_is_asked_for_again() {
    let till = Till::open().await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    for (fault, state, failure) in
        [(Fault::CutAfter, "succeeded", Value::Null), (Fault::CutBefore, "failed", json!("neverArrived"))]
    {
        till.stripe.once("POST", INTENTS, fault);
        // Nobody looks before a day is over.
        till.stripe.times(3, "GET", INTENTS, Fault::CutBefore);
        let asked = pay(&till.ada, Uuid::now_v7(), json!({"amount": 1_000, "method": card})).await.expect(201);
        let many = till.stripe.asked("POST", INTENTS).len();
        till.sql(
            "UPDATE payment_attempts SET first_sent_at = first_sent_at - interval '25 hours' WHERE settled_at IS NULL",
        )
        .await;
        till.stripe.forget_keys();
        till.settled().await;
        let found = look(&till.ada, &asked).await;
        assert_eq!((&found["state"], &found["failure"]), (&json!(state), &failure));
        assert_eq!(till.stripe.asked("POST", INTENTS).len(), many, "it was only looked up");
    }
    till.took(&[1_000]).await;
}
