//! Payments by card, against localstripe behind a proxy that fails as tests want. Whatever happens, what Stripe took is
//! what the ledger has.

mod browser;
mod differences;
mod disputes;
mod events;
mod faults;
mod killed;
mod methods;
mod pay;
mod reconcile;
mod refunds;
mod untrusted;

use crate::support::{
    Stripe, eventually,
    practice::{Answer, Caller, Practice},
};
use carehub::{
    accounts::Role,
    billing::{
        Amount, Currency,
        ledger::{self, Account, Entry, Kind},
    },
    clock::Clock,
    ids::UserId,
};
use diesel_async::AsyncConnection;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// A practice that takes cards, with a client who owes 200 dollars.
pub struct Till {
    pub stripe: Stripe,
    pub practice: Practice,
    pub ada: Caller,
}

pub const OWED: i64 = 20_000;

impl Till {
    pub async fn open() -> Self {
        Self::open_with(&[]).await
    }

    pub async fn open_with(settings: &[(&str, &str)]) -> Self {
        let stripe = Stripe::start().await;
        let own = stripe.settings();
        let mut all: Vec<(&str, &str)> = own.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend(settings);
        let practice = Practice::start_with(&all).await;
        let ada = practice.person("Ada Field", Role::Client).await;
        let till = Self { stripe, practice, ada };
        till.owes(&till.ada, OWED).await;
        till
    }

    /// Something to pay.
    pub async fn owes(&self, client: &Caller, amount: i64) {
        let mut conn = self.practice.database.connect().await;
        let now = Clock::system().now();
        let entry = Entry {
            kind: Kind::Charge,
            cause: Uuid::now_v7(),
            practice: self.practice.id,
            client: client.id,
            currency: Currency::USD,
            receivable: Amount(amount),
            against: Account::Revenue,
            occurred_at: now,
            recorded_by: None,
            recorded_at: now,
        };
        conn.transaction(async |conn| ledger::record(conn, &entry).await).await.unwrap();
    }

    /// A card of this client's, kept at Stripe.
    pub async fn card(&self, client: &Caller, number: &str) -> String {
        let setup = client.post("portal/payments/methods", json!({})).await.expect(201);
        self.stripe.give_card(setup["clientSecret"].as_str().unwrap(), number).await
    }

    /// What the ledger says that a client owes.
    pub async fn balance(&self, client: UserId) -> i64 {
        let mut conn = self.practice.database.connect().await;
        ledger::balance(&mut conn, client).await.unwrap().amount.0
    }

    pub async fn sql(&self, text: &str) -> Vec<String> {
        self.practice.database.query(text).await
    }

    /// One value of the store.
    pub async fn one(&self, text: &str) -> String {
        self.sql(text).await.into_iter().next().unwrap_or_default()
    }

    /// Waits until no payment and no refund is open.
    pub async fn settled(&self) {
        let open = "SELECT (SELECT count(*) FROM payment_attempts WHERE settled_at IS NULL)
            + (SELECT count(*) FROM stripe_refunds WHERE settled_at IS NULL)";
        eventually("everything to be settled", Duration::from_secs(60), async || {
            (self.one(open).await == "0").then_some(())
        })
        .await;
    }

    /// As if the time that a claim lasts, and that a loop waits, were over.
    pub async fn let_go(&self) {
        self.sql("UPDATE payment_attempts SET claimed_until = NULL, next_at = now() WHERE settled_at IS NULL").await;
        self.sql("UPDATE stripe_refunds SET claimed_until = NULL, next_at = now() WHERE settled_at IS NULL").await;
    }

    /// What was taken is what the ledger has, and it is this much.
    pub async fn took(&self, amounts: &[i64]) {
        let taken: i64 = self.stripe.taken().await.iter().map(|intent| intent["amount"].as_i64().unwrap()).sum();
        assert_eq!(taken, amounts.iter().sum::<i64>(), "at Stripe");
        assert_eq!(self.stripe.taken().await.len(), amounts.len(), "payments at Stripe");
        assert_eq!(self.one("SELECT count(*) FROM payments").await, amounts.len().to_string(), "in the ledger");
        let entered = "SELECT COALESCE(sum(p.amount), 0) FROM ledger_postings p JOIN ledger_transactions t
            ON t.id = p.transaction_id WHERE t.kind = 'payment' AND p.account = 'stripe'";
        assert_eq!(self.one(entered).await, taken.to_string(), "entered");
        assert_eq!(self.one("SELECT COALESCE(sum(amount), 0) FROM ledger_postings").await, "0", "it adds up");
    }
}

/// Pays under this key.
pub async fn pay(client: &Caller, key: Uuid, body: Value) -> Answer {
    client.try_post_once("portal/payments/process", key, body).await.expect("the hub is there")
}

/// How far a payment is.
pub async fn look(client: &Caller, attempt: &Value) -> Value {
    let id = attempt["id"].as_str().unwrap();
    client.call(Method::GET, &format!("portal/payments/attempts/{id}"), None).await.expect(200)
}
