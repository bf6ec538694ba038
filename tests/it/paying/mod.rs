//! What clients see of billing, and what is taken without them.

mod autopay;
mod papers;
mod plans;
mod statements;
mod through_stripe;

use crate::support::{
    people::master_key,
    practice::{Caller, Practice},
};
use carehub::{
    accounts::Role,
    billing::{
        Amount, ClientBilling, Currency,
        charges::{self, Kind, NewCharge},
        invoices,
        payments::{self, Method, NewPayment, NewRefund},
        planned::upkeep,
        words::ChargeWords,
    },
    clock::Clock,
    crypto::Keyring,
    ids::{ChargeId, InvoiceId, PaymentId, RefundId},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde_json::Value;

/// A client with an account, their clinician, and somebody who bills.
struct Account {
    practice: Practice,
    ann: Caller,
    maya: Caller,
    keyring: Keyring,
    conn: AsyncPgConnection,
    access: ClientBilling,
}

impl Account {
    async fn open() -> Self {
        Self::open_with(&[]).await
    }

    async fn open_with(settings: &[(&str, &str)]) -> Self {
        let practice = Practice::start_with(settings).await;
        // Which day it is, is the practice's to say; the tests reckon in UTC, at whatever hour they run.
        practice.database.query("UPDATE practices SET time_zone = 'UTC'").await;
        let ann = practice.person("Ann Field", Role::Client).await;
        let maya = practice.person("Maya Lind", Role::Clinician).await;
        let conn = practice.database.connect().await;
        let access = ClientBilling::of_hub(practice.id, ann.id);
        Self { keyring: Keyring::new(master_key()), practice, ann, maya, conn, access }
    }

    /// Charges for a service.
    async fn charge(&mut self, amount: i64, on: &str, at: DateTime<Utc>) -> ChargeId {
        let words = ChargeWords {
            code: Some("90834".into()),
            modifiers: vec!["95".into()],
            place: Some("10".into()),
            description: format!("Psychotherapy of {on}"),
            diagnoses: vec!["F41.1".into()],
        };
        let new = NewCharge {
            id: ChargeId::new(),
            kind: Kind::Service,
            clinician: Some(self.maya.id),
            appointment: None,
            fee: None,
            words,
            units: 1,
            unit_amount: Amount(amount),
            service_on: on.parse().unwrap(),
            added_by: None,
            now: at,
        };
        let Self { conn, keyring, access, .. } = self;
        conn.transaction(async |conn| charges::add(conn, keyring, access, new).await).await.unwrap().0
    }

    /// Notes a payment by card.
    async fn pay(&mut self, amount: i64, at: DateTime<Utc>) -> PaymentId {
        let card = Method::Card { brand: Some("visa".into()), last4: Some("4242".into()) };
        self.paid(PaymentId::new(), amount, card, at).await
    }

    async fn paid(&mut self, id: PaymentId, amount: i64, method: Method, at: DateTime<Utc>) -> PaymentId {
        let new = NewPayment {
            id,
            practice: self.practice.id,
            client: self.ann.id,
            amount: Amount(amount),
            currency: Currency::USD,
            method,
            stripe_payment_intent: None,
            occurred_at: at,
            recorded_by: None,
            recorded_at: at,
            invoice: None,
            note: None,
        };
        self.conn.transaction(async |conn| payments::record(conn, &new).await).await.unwrap()
    }

    /// Gives a part of a payment back.
    async fn refund(&mut self, payment: PaymentId, amount: i64, at: DateTime<Utc>) {
        let new = NewRefund {
            id: RefundId::new(),
            payment,
            amount: Amount(amount),
            reason: "Paid twice.",
            stripe_refund: None,
            occurred_at: at,
            recorded_by: None,
            recorded_at: at,
        };
        let Self { conn, keyring, .. } = self;
        conn.transaction(async |conn| payments::refund(conn, keyring, &new).await).await.unwrap();
    }

    /// Puts everything that is on no invoice on one.
    async fn invoice(&mut self, due_on: NaiveDate, at: DateTime<Utc>) -> InvoiceId {
        let id = InvoiceId::new();
        let Self { conn, access, .. } = self;
        conn.transaction(async |conn| invoices::issue(conn, access, id, None, Some(due_on), at).await).await.unwrap();
        id
    }

    /// One look of the loop; how many payments it began.
    async fn look(&mut self, now: DateTime<Utc>) -> usize {
        upkeep::look(&mut self.conn, now).await.unwrap()
    }

    /// The attempts for Stripe that no hub has settled, as amount and card, oldest first.
    async fn asked(&self) -> Vec<String> {
        let text = "SELECT amount || ' from ' || method FROM payment_attempts WHERE settled_at IS NULL ORDER BY id";
        self.practice.database.query(text).await
    }

    /// What Stripe would say of all that is asked: the card is declined.
    async fn decline(&self) {
        let text =
            "UPDATE payment_attempts SET state = 'failed', failure = 'declined', settled_at = now(), next_at = NULL
            WHERE settled_at IS NULL";
        self.practice.database.query(text).await;
    }

    /// What Stripe would say: it was paid. As the hub notes it.
    async fn accept(&mut self, now: DateTime<Utc>) {
        let text = "UPDATE payment_attempts SET state = 'succeeded', settled_at = now(), next_at = NULL
            WHERE settled_at IS NULL RETURNING id || ' ' || amount";
        for row in self.practice.database.query(text).await {
            let (id, amount) = row.split_once(' ').unwrap();
            let card = Method::Card { brand: Some("visa".into()), last4: Some("4242".into()) };
            self.paid(id.parse().unwrap(), amount.parse().unwrap(), card, now).await;
        }
    }

    /// A count, or any other one value.
    async fn one(&self, text: &str) -> String {
        self.practice.database.query(text).await.remove(0)
    }

    async fn balance(&self) -> i64 {
        self.ann.get("portal/billing/balance").await.expect(200)["balance"].as_i64().unwrap()
    }

    /// How the parts of the newest plan stand.
    async fn parts(&self) -> Vec<String> {
        let plans = self.ann.get("portal/payments/plans").await.expect(200);
        let state = |part: &Value| part["state"].as_str().unwrap().to_owned();
        plans["items"][0]["parts"].as_array().unwrap().iter().map(state).collect()
    }
}

fn now() -> DateTime<Utc> {
    Clock::system().now()
}

/// Ten in the morning, UTC, so many days from now: past nine in the practice's zone.
fn morning(days: i64) -> DateTime<Utc> {
    (now() + TimeDelta::days(days)).date_naive().and_hms_opt(10, 0, 0).unwrap().and_utc()
}
