//! What a client has of billing: a payment in the month that runs, and a payment plan that runs.

use super::cast::{Ids, unknown};
use crate::support::practice::{Caller, Practice};
use carehub::{
    billing::{
        payments::{self, Method, NewPayment},
        statements::Month,
    },
    clock::Clock,
    ids::PaymentId,
};
use diesel_async::AsyncConnection;

/// A payment by this client, and the month that it is in.
pub async fn payment(practice: &Practice, client: &Caller) -> Ids {
    let mut conn = practice.database.connect().await;
    let now = Clock::system().now();
    let zone = practice.database.query(&format!(
        "SELECT p.id || ' ' || p.time_zone FROM practices p JOIN users u ON u.practice_id = p.id WHERE u.id = '{}'",
        client.id
    ));
    let zone = zone.await.remove(0);
    let (of, zone) = zone.split_once(' ').unwrap();
    let new = NewPayment {
        id: PaymentId::new(),
        practice: of.parse().unwrap(),
        client: client.id,
        amount: Amount(4_200),
        currency: Currency::USD,
        method: Method::Cash,
        stripe_payment_intent: None,
        occurred_at: now,
        recorded_by: None,
        recorded_at: now,
        invoice: None,
        note: None,
    };
    let id = conn.transaction(async |conn| payments::record(conn, &new).await).await.unwrap();
    // Whoever is told of it is told at some time later.
    practice.database.query(&format!("DELETE FROM notifications WHERE about = '{id}'")).await;
    Ids::from([("payment", id.to_string()), ("month", Month::of(now, zone.parse().unwrap()).to_string())])
}

/// A payment plan of this client.
pub async fn plan(practice: &Practice, client: &Caller) -> String {
    let row = format!(
        "INSERT INTO payment_plans (id, practice_id, client_id, currency, total, rhythm, time_zone, method, method_name,
            consent, made_at)
        SELECT '{}', practice_id, id, 'USD', 4200, 'weekly', 'UTC', 'pm_1', 'Visa', 'x', now() FROM users WHERE id = '{}'
        RETURNING id",
        unknown(),
        client.id
    );
    practice.database.query(&row).await.remove(0)
}
