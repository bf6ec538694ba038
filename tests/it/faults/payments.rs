//! The database goes away in the middle of a payment by card: after Stripe took the money, before the hub noted it. The
//! money is taken once, and known in the end.

use super::{
    alone,
    disk_full::{SmallDisk, free_bytes},
    must_bite,
};
use crate::{
    dev::{Place, query},
    support::{
        Hub, Stripe,
        database::OwnCluster,
        eventually,
        practice::{Caller, Practice},
        stripe::{Fault, GOOD_CARD},
    },
};
use carehub::{
    accounts::Role,
    billing::{
        Amount, Currency,
        ledger::{self, Account, Entry, Kind},
    },
    clock::Clock,
};
use diesel_async::AsyncConnection;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinHandle};
use uuid::Uuid;

const INTENTS: &str = "/v1/payment_intents";
const OWED: i64 = 20_000;

/// Somebody who pays all that they owe, at a database of their own.
struct Till {
    own: OwnCluster,
    stripe: Stripe,
    practice: Practice,
    ada: Caller,
    body: Value,
    key: Uuid,
}

impl Till {
    async fn open(own: OwnCluster) -> Self {
        let stripe = Stripe::start().await;
        let settings = stripe.settings();
        let settings: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let hub = Hub::start_with(&own.database, &settings).await;
        let practice = Practice::on(own.database.clone(), hub).await;
        let ada = practice.person("Ada Field", Role::Client).await;
        let now = Clock::system().now();
        let entry = Entry {
            kind: Kind::Charge,
            cause: Uuid::now_v7(),
            practice: practice.id,
            client: ada.id,
            currency: Currency::USD,
            receivable: Amount(OWED),
            against: Account::Revenue,
            occurred_at: now,
            recorded_by: None,
            recorded_at: now,
        };
        let mut conn = practice.database.connect().await;
        conn.transaction(async |conn| ledger::record(conn, &entry).await).await.unwrap();
        let asked = ada.post("portal/payments/methods", json!({})).await.expect(201);
        let card = stripe.give_card(asked["clientSecret"].as_str().unwrap(), GOOD_CARD).await;
        let body = json!({"amount": OWED, "method": card});
        Self { own, stripe, practice, ada, body, key: Uuid::now_v7() }
    }

    async fn one(&self, text: &str) -> String {
        self.practice.database.query(text).await.into_iter().next().unwrap_or_default()
    }

    /// Begins to pay. Stripe has the money when this comes back, and its answer waits for the gate.
    async fn pay_until_the_answer(&self) -> (Arc<Notify>, JoinHandle<()>) {
        let gate = Arc::new(Notify::new());
        self.stripe.once("POST", INTENTS, Fault::HoldAfter(gate.clone()));
        let (ada, key, body) = (self.ada.clone(), self.key, self.body.clone());
        let paying = tokio::spawn(async move {
            ada.try_post_once("portal/payments/process", key, body).await;
        });
        eventually("the money", Duration::from_secs(20), async || (self.stripe.taken().await.len() == 1).then_some(()))
            .await;
        let open = self.one("SELECT count(*) FROM payment_attempts WHERE settled_at IS NULL").await;
        must_bite("payments under way", open.parse().unwrap(), 1);
        assert_eq!(self.one("SELECT count(*) FROM payments").await, "0", "it was too late");
        (gate, paying)
    }

    /// Waits until PostgreSQL answers again.
    async fn up_again(&self) {
        let probe = async || query(&self.own.database.url, "SELECT 1").await.ok();
        eventually("PostgreSQL", Duration::from_secs(60), probe).await;
    }

    /// Whoever clicks again and the hub's own loop come to the same: it is paid, once.
    async fn paid_once(&self) {
        let free = "UPDATE payment_attempts SET claimed_until = NULL, next_at = now() WHERE settled_at IS NULL";
        self.practice.database.query(free).await;
        let again = async || {
            let answer = self.ada.try_post_once("portal/payments/process", self.key, self.body.clone()).await?;
            (answer.status == 200 && answer.body["state"] == "succeeded").then_some(())
        };
        eventually("the payment", Duration::from_secs(60), again).await;
        let taken = self.stripe.taken().await;
        assert_eq!((taken.len(), &taken[0]["amount"]), (1, &json!(OWED)), "at Stripe");
        assert_eq!(self.one("SELECT count(*) || ' of ' || sum(amount) FROM payments").await, format!("1 of {OWED}"));
        let sums = "SELECT sum(p.amount) || ' ' || sum(p.amount) FILTER (WHERE p.account = 'receivable')
            FROM ledger_postings p JOIN ledger_transactions t ON t.id = p.transaction_id";
        assert_eq!(self.one(sums).await, "0 0", "the ledger adds up, and nothing is owed");
        let mut keys: Vec<_> = self.stripe.asked("POST", INTENTS).into_iter().map(|asked| asked.key).collect();
        keys.dedup();
        assert_eq!(keys.len(), 1, "one key: {keys:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_during_which_postgresql_is_killed_is_taken_once_and_known_in_the_end() {
    let _alone = alone().await;
    let till = Till::open(OwnCluster::start().await).await;
    let (gate, paying) = till.pay_until_the_answer().await;
    till.own.signal(Signal::KILL);
    let gone = async || query(&till.own.database.url, "SELECT 1").await.err();
    eventually("PostgreSQL's end", Duration::from_secs(5), gone).await;
    gate.notify_one();
    let _ = paying.await;
    till.up_again().await;
    till.paid_once().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_during_which_the_disk_is_full_is_taken_once_and_known_in_the_end() {
    let _alone = alone().await;
    let place = Place::new();
    let Some(disk) = SmallDisk::mount(place.path().join("data")) else {
        println!("skipped: mounting a small disk needs root");
        return;
    };
    let own = tokio::task::spawn_blocking(move || {
        let cluster = place.start().expect("PostgreSQL on a small disk");
        let url = cluster.url("carehub");
        carehub::db::migrate(&secrecy::SecretString::from(url.clone())).expect("migrations");
        OwnCluster { place, cluster: Some(cluster), database: crate::support::Database::at(url) }
    });
    let till = Till::open(own.await.unwrap()).await;
    let (gate, paying) = till.pay_until_the_answer().await;
    disk.fill();
    // What is there already of the log takes a few commits more.
    let mut refused = 0;
    for _ in 0..64 {
        let more = "SELECT pg_logical_emit_message(true, 'ballast', repeat('x', 4000000))";
        if query(&till.own.database.url, more).await.is_err() {
            refused = 1;
            break;
        }
    }
    must_bite("commits that the disk refused", refused, 1);
    gate.notify_one();
    let _ = paying.await;
    println!("{} bytes free", free_bytes(disk.path()));
    disk.free();
    till.up_again().await;
    till.paid_once().await;
}
