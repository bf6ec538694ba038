//! F19: hubs that are killed while money goes back, and while a bank asks its customer. It goes back once, it is taken once,
//! the ledger has it, and Stripe says the same.

use super::{
    OWED, Till,
    events::{applied, tell},
    faults::one_key,
    look, pay,
    reconcile::reconcile,
};
use crate::{
    faults::held::Held,
    support::{
        eventually,
        stripe::{ASKING_CARD, Fault, GOOD_CARD, event},
    },
};
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use uuid::Uuid;

const INTENTS: &str = "/v1/payment_intents";
const REFUNDS: &str = "/v1/refunds";
const PATIENCE: Duration = Duration::from_secs(20);
const GIVEN_BACK: i64 = 4_000;

impl Till {
    /// Kills the hub; what PostgreSQL was still doing for it ends, too.
    async fn kill(&mut self) {
        self.practice.hub.kill();
        self.sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'carehub_service'
            AND datname = current_database()",
        )
        .await;
    }

    /// What localstripe itself lists.
    async fn at_stripe(&self, path: &str) -> Vec<Value> {
        let all = self.stripe.own(Method::GET, &format!("{path}?limit=100"), &[]).await;
        all["data"].as_array().unwrap().clone()
    }

    /// Waits until the store or Stripe comes to something.
    async fn until(&self, what: &str, is_so: impl AsyncFn(&Self) -> bool) {
        eventually(what, PATIENCE, async || is_so(self).await.then_some(())).await;
    }

    /// The ledger and Stripe say the same.
    async fn of_one_mind(&self) {
        self.stripe.age(3_600);
        let (same, said, complaint) = reconcile(self, &[]).await;
        assert!(same, "{said}{complaint}");
        assert_eq!(self.one("SELECT COALESCE(sum(amount), 0) FROM ledger_postings").await, "0", "it adds up");
    }
}

/// Where a refund is when its hub is killed.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Refund {
    WrittenDown,
    BeforeTheCall,
    BetweenCallAndAnswer,
    BetweenAnswerAndRecord,
    Recorded,
}

async fn killed_at(killed: Refund) {
    let mut till = Till::open().await;
    let ruth = till.practice.person("Ruth Okafor", Role::Admin).await;
    let card = till.card(&till.ada, GOOD_CARD).await;
    let paid = pay(&till.ada, Uuid::now_v7(), json!({"amount": 10_000, "method": card})).await.expect(201);
    let path = format!("ehr/billing/payments/{}/refunds", paid["id"].as_str().unwrap());
    let (key, body) = (Uuid::now_v7(), json!({"amount": GIVEN_BACK, "reason": "Paid twice"}));
    let begin = || {
        let (ruth, path, body) = (ruth.clone(), path.clone(), body.clone());
        actix_web::rt::spawn(async move { ruth.try_post_once(&path, key, body).await })
    };
    let database = till.practice.database.clone();
    let giving = match killed {
        Refund::WrittenDown => {
            // It is written and not committed yet; whoever wants to go on with it queues behind another lock.
            let log = Held::table(&database, "audit_events").await;
            let giving = begin();
            let holds = "SELECT count(*) FROM pg_locks WHERE relation = 'stripe_refunds'::regclass AND granted
                AND mode = 'RowExclusiveLock'";
            till.until("the row", async |till| till.one(holds).await == "1").await;
            let next = database.clone();
            let rows = actix_web::rt::spawn(async move { Held::table(&next, "stripe_refunds").await });
            let queues = "SELECT count(*) FROM pg_locks WHERE relation = 'stripe_refunds'::regclass AND NOT granted";
            till.until("the queue", async |till| till.one(queues).await == "1").await;
            log.release().await;
            let rows = rows.await.unwrap();
            rows.until_somebody_waits().await;
            till.kill().await;
            rows.release().await;
            assert!(till.stripe.asked("POST", REFUNDS).is_empty(), "the call had left");
            giving
        }
        Refund::BeforeTheCall => {
            till.stripe.once("POST", REFUNDS, Fault::HoldBefore(Arc::new(Notify::new())));
            let giving = begin();
            till.until("the call", async |till| !till.stripe.asked("POST", REFUNDS).is_empty()).await;
            till.kill().await;
            giving
        }
        Refund::BetweenCallAndAnswer => {
            till.stripe.once("POST", REFUNDS, Fault::HoldAfter(Arc::new(Notify::new())));
            let giving = begin();
            till.until("the refund", async |till| till.at_stripe(REFUNDS).await.len() == 1).await;
            till.kill().await;
            giving
        }
        Refund::BetweenAnswerAndRecord => {
            let books = Held::table(&database, "refunds").await;
            let giving = begin();
            books.until_somebody_waits().await;
            till.kill().await;
            books.release().await;
            giving
        }
        Refund::Recorded => {
            let giving = begin();
            till.until("the record", async |till| till.one("SELECT count(*) FROM refunds").await == "1").await;
            till.kill().await;
            giving
        }
    };
    let _ = giving.await;
    let is_made = !matches!(killed, Refund::WrittenDown | Refund::BeforeTheCall);
    assert_eq!(till.at_stripe(REFUNDS).await.len(), usize::from(is_made), "{killed:?}: at Stripe");
    let is_recorded = killed == Refund::Recorded;
    let recorded = till.one("SELECT count(*) FROM refunds").await;
    assert_eq!(recorded, u8::from(is_recorded).to_string(), "{killed:?}: in the ledger");
    assert_eq!(till.one("SELECT count(*) FROM stripe_refunds").await, "1", "{killed:?}: written down");

    till.practice.hub.start_again().await;
    till.let_go().await;
    // Whoever clicks again and the hub's own loop come to the same, and another refund of it is one beside it.
    ruth.post_once(key, &path, body.clone()).await.expect(200);
    till.settled().await;
    ruth.post_once(key, &path, body).await.expect(200);
    let made = till.at_stripe(REFUNDS).await;
    assert_eq!((made.len(), &made[0]["amount"]), (1, &json!(GIVEN_BACK)), "{killed:?}: at Stripe");
    let noted = till.sql("SELECT amount || ' as ' || stripe_refund FROM refunds").await;
    assert_eq!(noted, [format!("{GIVEN_BACK} as {}", made[0]["id"].as_str().unwrap())], "{killed:?}");
    assert_eq!(till.one("SELECT count(*) FROM ledger_transactions WHERE kind ~ 'refund'").await, "1", "{killed:?}");
    assert_eq!(till.balance(till.ada.id).await, OWED - 10_000 + GIVEN_BACK, "{killed:?}");
    one_key(&till, REFUNDS);
    ruth.post(&path, json!({"amount": 10_000, "reason": "x"})).await.refused(422, "invalid");
    till.of_one_mind().await;
}

#[actix_web::test]
async fn a_hub_that_is_killed_at_any_step_of_a_refund_gives_the_money_back_once() {
    for killed in [
        Refund::WrittenDown,
        Refund::BeforeTheCall,
        Refund::BetweenCallAndAnswer,
        Refund::BetweenAnswerAndRecord,
        Refund::Recorded,
    ] {
        killed_at(killed).await;
    }
}

/// Where a payment about which the bank asks (3-D Secure) is when its hub is killed.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Question {
    /// Stripe says that there is one, and the hub does not hear it.
    NotHeard,
    Open,
    /// The client answered, and nobody told the hub yet.
    Answered,
    /// The webhook was taken, and not looked at yet.
    Told,
    /// What it comes to is about to be recorded.
    LookedUp,
}

async fn killed_while(killed: Question) {
    let mut till = Till::open().await;
    let card = till.card(&till.ada, ASKING_CARD).await;
    let (key, body) = (Uuid::now_v7(), json!({"amount": OWED, "method": card}));
    if killed == Question::NotHeard {
        till.stripe.once("POST", INTENTS, Fault::HoldAfter(Arc::new(Notify::new())));
        let (ada, wanted) = (till.ada.clone(), body.clone());
        let paying =
            actix_web::rt::spawn(async move { ada.try_post_once("portal/payments/process", key, wanted).await });
        till.until("the question", async |till| till.at_stripe(INTENTS).await.len() == 1).await;
        till.kill().await;
        let _ = paying.await;
    } else {
        let asked = pay(&till.ada, key, body.clone()).await.expect(201);
        assert_eq!(asked["state"], "requiresAction");
        if killed != Question::Open {
            till.stripe.authenticate(asked["authentication"]["clientSecret"].as_str().unwrap(), true).await;
        }
    }
    let intent = till.at_stripe(INTENTS).await[0]["id"].as_str().unwrap().to_owned();
    let told = |n: usize| event(&format!("evt_{n}"), "payment_intent.succeeded", &intent);
    let one = format!("{INTENTS}/{intent}");
    match killed {
        Question::NotHeard => {}
        Question::Open => till.kill().await,
        Question::Answered => {
            till.kill().await;
            let hook = reqwest::Client::new().post(till.practice.hub.url("/hooks/stripe"));
            assert!(hook.body(told(0)).send().await.is_err(), "somebody heard it");
        }
        Question::Told => {
            let before = till.stripe.asked("GET", &one).len();
            till.stripe.once("GET", &one, Fault::HoldBefore(Arc::new(Notify::new())));
            tell(&till, &told(0)).await;
            till.until("a look", async |till| till.stripe.asked("GET", &one).len() > before).await;
            till.kill().await;
        }
        Question::LookedUp => {
            let books = Held::table(&till.practice.database, "payments").await;
            tell(&till, &told(0)).await;
            books.until_somebody_waits().await;
            till.kill().await;
            books.release().await;
        }
    }
    assert_eq!(till.one("SELECT count(*) FROM payments").await, "0", "{killed:?} was too late");
    let open = "SELECT count(*) FROM payment_attempts WHERE settled_at IS NULL";
    assert_eq!(till.one(open).await, "1", "{killed:?}");

    till.practice.hub.start_again().await;
    match killed {
        Question::NotHeard | Question::Open => {
            till.let_go().await;
            // The page asks again what became of it, and is given the bank's question.
            let again = pay(&till.ada, key, body).await.expect(200);
            let asked = async || {
                let found = look(&till.ada, &again).await;
                found["authentication"]["clientSecret"].as_str().map(str::to_owned)
            };
            let secret = eventually("the bank's question", Duration::from_secs(60), asked).await;
            till.took(&[]).await;
            till.stripe.authenticate(&secret, true).await;
            tell(&till, &told(1)).await;
        }
        // The page asks before Stripe tells.
        Question::Answered => {
            till.let_go().await;
            pay(&till.ada, key, body).await.expect(200);
            till.settled().await;
        }
        // Nobody asks: what was taken of the event, once its claim is over, is enough.
        Question::Told | Question::LookedUp => {
            till.sql("UPDATE stripe_events SET claimed_until = NULL, next_at = now() WHERE applied_at IS NULL").await;
        }
    }
    applied(&till).await;
    till.settled().await;
    // Stripe tells what it did not see taken again, and more than once.
    for n in [0, 1, 1, 2] {
        tell(&till, &told(n)).await;
    }
    applied(&till).await;
    till.took(&[OWED]).await;
    assert_eq!(till.balance(till.ada.id).await, 0, "{killed:?}");
    assert_eq!(till.one("SELECT state FROM payment_attempts").await, "succeeded", "{killed:?}");
    assert_eq!(till.one("SELECT count(*) FROM notifications WHERE kind = 'paymentReceived'").await, "1", "{killed:?}");
    one_key(&till, INTENTS);
    till.of_one_mind().await;
}

#[actix_web::test]
async fn a_hub_that_is_killed_while_a_bank_asks_its_customer_takes_the_money_once() {
    for killed in [Question::NotHeard, Question::Open, Question::Answered, Question::Told, Question::LookedUp] {
        killed_while(killed).await;
    }
}

#[actix_web::test]
async fn what_a_bank_refuses_while_the_hub_is_dead_is_not_taken_and_can_be_paid_otherwise() {
    let mut till = Till::open().await;
    let (asking, good) = (till.card(&till.ada, ASKING_CARD).await, till.card(&till.ada, GOOD_CARD).await);
    let wanted = json!({"amount": OWED, "method": asking});
    let asked = pay(&till.ada, Uuid::now_v7(), wanted).await.expect(201);
    till.kill().await;
    till.stripe.authenticate(asked["authentication"]["clientSecret"].as_str().unwrap(), false).await;
    till.practice.hub.start_again().await;
    let intent = till.at_stripe(INTENTS).await[0]["id"].as_str().unwrap().to_owned();
    tell(&till, &event("evt_1", "payment_intent.payment_failed", &intent)).await;
    applied(&till).await;
    till.settled().await;
    assert_eq!(look(&till.ada, &asked).await["state"], "failed");
    till.took(&[]).await;
    let wanted = json!({"amount": OWED, "method": good});
    assert_eq!(pay(&till.ada, Uuid::now_v7(), wanted).await.expect(201)["state"], "succeeded");
    till.took(&[OWED]).await;
    till.of_one_mind().await;
}
