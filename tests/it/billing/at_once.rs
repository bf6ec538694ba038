//! Many at once: never more than there is, and nothing twice.

use super::{Till, id};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio::task::JoinSet;
use uuid::Uuid;

/// The same call, twenty times at once; how many were answered with 201, and what else there was.
async fn twenty(till: &Till, path: &str, body: Value) -> (usize, BTreeSet<u16>) {
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let (flo, path, body) = (till.flo.clone(), path.to_owned(), body.clone());
        calls.spawn(async move { flo.post(&path, body).await.status });
    }
    let statuses = calls.join_all().await;
    let made = statuses.iter().filter(|status| **status == 201).count();
    (made, statuses.into_iter().filter(|status| *status != 201).collect())
}

#[actix_web::test]
async fn twenty_refunds_of_one_payment_at_once_give_back_no_more_than_came_in() {
    let till = Till::open().await;
    till.charge(10_000).await;
    let payment = till.paid(10_000).await;
    let body = json!({"amount": 3_000, "reason": "x"});
    let outcome = twenty(&till, &format!("ehr/billing/payments/{payment}/refunds"), body).await;
    assert_eq!(outcome, (3, BTreeSet::from([409])));
    assert_eq!(till.balance().await, 9_000);
}

#[actix_web::test]
async fn twenty_payments_and_corrections_at_once_take_no_more_than_is_owed() {
    let till = Till::open().await;
    till.charge(10_000).await;
    let outcome = twenty(&till, &till.of_ann("payments"), json!({"amount": 4_000, "method": "cash"})).await;
    assert_eq!(outcome, (2, BTreeSet::from([409])));
    let outcome = twenty(&till, &till.of_ann("adjustments"), json!({"amount": -900, "reason": "x"})).await;
    assert_eq!(outcome, (2, BTreeSet::from([409])));
    assert_eq!(till.balance().await, 200);
}

#[actix_web::test]
async fn voided_twenty_times_at_once_a_charge_is_voided_once() {
    let till = Till::open().await;
    till.charge(10_000).await;
    let charge = till.charge(2_500).await;
    let path = format!("ehr/billing/charges/{charge}/void");
    assert_eq!(twenty(&till, &path, json!({"reason": "x"})).await, (0, BTreeSet::from([200])));
    assert_eq!(till.balance().await, 10_000);
}

#[actix_web::test]
async fn of_twenty_invoices_of_the_same_charges_one_is_issued_and_numbers_have_no_gaps() {
    let till = Till::open().await;
    till.charge(10_000).await;
    assert_eq!(twenty(&till, &till.of_ann("invoices"), json!({})).await, (1, BTreeSet::from([409])));
    // Different clients, and one in three refused: the numbers follow each other all the same.
    let mut calls = JoinSet::new();
    for n in 0..12 {
        let (flo, client) = (till.flo.clone(), till.practice.person("Cleo", carehub::accounts::Role::Client).await);
        calls.spawn(async move {
            let path = |what: &str| format!("ehr/billing/clients/{}/{what}", client.id);
            if n % 3 > 0 {
                flo.post(&path("charges"), json!({"description": "x", "unitAmount": 100})).await.expect(201);
            }
            flo.post(&path("invoices"), json!({})).await.status
        });
    }
    let issued = calls.join_all().await.into_iter().filter(|status| *status == 201).count();
    assert_eq!(issued, 8);
    let numbers = till.practice.database.query("SELECT number FROM invoices ORDER BY number").await;
    assert_eq!(numbers, (1..=9).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[actix_web::test]
async fn clicked_twenty_times_a_payment_is_taken_once() {
    let till = Till::open().await;
    till.charge(10_000).await;
    let key = Uuid::now_v7();
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let (flo, path) = (till.flo.clone(), till.of_ann("payments"));
        calls.spawn(async move { flo.post_once(key, &path, json!({"amount": 500, "method": "cash"})).await });
    }
    let answers = calls.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| [200, 201].contains(&answer.status) && id(&answer.body) == key.to_string()));
    assert_eq!(till.balance().await, 9_500);
    let notices = "SELECT count(*) FROM notifications WHERE kind = 'paymentReceived'";
    assert_eq!(till.practice.database.query(notices).await, ["1"]);
}
