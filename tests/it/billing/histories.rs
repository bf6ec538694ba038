//! Random histories against the real hub and database, beside a model that knows nothing of ledgers.

use super::{Till, id};
use crate::support::people::master_key;
use carehub::{
    billing::{
        Amount,
        payments::{self, NewRefund},
    },
    clock::Clock,
    crypto::Keyring,
    ids::RefundId,
};
use diesel_async::AsyncConnection;
use fastrand::Rng;
use serde_json::{Value, json};

/// What was done, in plain numbers.
#[derive(Default)]
struct Model {
    /// Id, amount, voided, invoiced.
    charges: Vec<(String, i64, bool, bool)>,
    /// Id, amount, returned.
    payments: Vec<(String, i64, i64)>,
    /// Payment, dispute, amount, won.
    disputes: Vec<(usize, String, i64, bool)>,
    adjusted: i64,
}

impl Model {
    fn balance(&self) -> i64 {
        let charged: i64 = self.charges.iter().filter(|(_, _, voided, _)| !voided).map(|(_, amount, ..)| amount).sum();
        let paid: i64 = self.payments.iter().map(|(_, amount, returned)| amount - returned).sum();
        charged - paid + self.held_back(None) + self.adjusted
    }

    /// What banks hold back: of one payment, or of all.
    fn held_back(&self, of: Option<usize>) -> i64 {
        let held = self.disputes.iter().filter(|(payment, _, _, won)| !won && of.is_none_or(|of| of == *payment));
        held.map(|(_, _, amount, _)| amount).sum()
    }
}

impl Till {
    /// A bank takes a payment back, or gives it again, as the hub notes it.
    async fn disputed(&self, payment: &str, dispute: &str, amount: i64, won: bool) {
        let mut conn = self.practice.database.connect().await;
        let (payment, now) = (payment.parse().unwrap(), Clock::system().now());
        conn.transaction(async |conn| match won {
            true => payments::chargeback_won(conn, payment, dispute, Amount(amount), now, now).await,
            false => payments::chargeback(conn, payment, dispute, Amount(amount), now, now).await,
        })
        .await
        .unwrap();
    }

    /// Stripe gave money back, as the hub notes it.
    async fn given_back_elsewhere(&self, payment: &str, refund: &str, amount: i64) {
        let mut conn = self.practice.database.connect().await;
        let (keyring, now) = (Keyring::new(master_key()), Clock::system().now());
        let new = NewRefund {
            id: RefundId::new(),
            payment: payment.parse().unwrap(),
            amount: Amount(amount),
            reason: "Refunded at Stripe",
            stripe_refund: Some(refund.to_owned()),
            occurred_at: now,
            recorded_by: None,
            recorded_at: now,
        };
        conn.transaction(async |conn| payments::refund(conn, &keyring, &new).await).await.unwrap();
    }

    /// The rows of the file for spreadsheets, oldest first: kind, cause, and amount in minor units.
    async fn exported(&self) -> Vec<(String, String, i64)> {
        let (from, until) = (self.today() - chrono::TimeDelta::days(1), self.today() + chrono::TimeDelta::days(1));
        let file = self.flo.fetch(&format!("/api/v1/ehr/billing/export?from={from}&until={until}")).await;
        assert_eq!(file.status(), 200);
        let text = file.text().await.unwrap();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let head = reader.headers().unwrap().clone();
        let at = |name: &str| head.iter().position(|column| column == name).unwrap();
        let (client, kind, amount, cause) = (at("clientId"), at("kind"), at("amount"), at("id"));
        let rows = reader.records().map(Result::unwrap).map(|row| {
            assert_eq!(row[client], self.ann.id.to_string());
            // Two digits after the point, always: without it, it is minor units.
            let (whole, cents) = row[amount].split_once('.').unwrap();
            assert_eq!(cents.len(), 2, "{row:?}");
            (row[kind].to_owned(), row[cause].to_owned(), format!("{whole}{cents}").parse().unwrap())
        });
        rows.collect()
    }

    /// What everybody else is shown of the account, beside the ledger's sum.
    async fn is_the_same_everywhere(&self, balance: i64, account: &Value, at: &str) {
        let own = self.ann.get("portal/billing/balance").await.expect(200);
        assert_eq!(own["balance"], balance, "{at}: the client's own");
        let aging = self.flo.get("ehr/billing/aging").await.expect(200);
        assert_eq!(aging["total"]["balance"], balance, "{at}: aging");
        let open = |items: &Value| -> i64 {
            items["items"].as_array().unwrap().iter().map(|one| one["open"].as_i64().unwrap()).sum()
        };
        let charges = self.flo.get(&(self.of_ann("charges") + "?limit=200")).await.expect(200);
        let invoices = self.flo.get(&(self.of_ann("invoices") + "?limit=200")).await.expect(200);
        let loose = account["notInvoiced"].as_i64().unwrap();
        let debts = balance + account["credit"].as_i64().unwrap();
        assert_eq!(open(&invoices) + loose, debts, "{at}: invoices and what is on none");
        assert!(open(&charges) <= debts, "{at}: charges");
        let exported: i64 = self.exported().await.iter().map(|(_, _, amount)| amount).sum();
        assert_eq!(exported, balance, "{at}: the file for spreadsheets");
        let month = self.ann.get("portal/billing/statements").await.expect(200);
        if let Some(newest) = month["items"].as_array().unwrap().first() {
            assert_eq!(newest["closing"], balance, "{at}: the newest statement");
        }
    }
}

#[actix_web::test]
async fn after_every_step_of_any_history_all_figures_are_what_was_done() {
    const STEPS: usize = 60;
    let seed = fastrand::u64(..);
    let (mut random, till, mut model) = (Rng::with_seed(seed), Till::open().await, Model::default());
    let mut refused = 0;
    for step in 0..STEPS {
        let amount = random.i64(1..20_000);
        let status = match random.u32(0..13) {
            0..=3 => {
                model.charges.push((till.charge_on(amount, random.i64(0..200)).await, amount, false, false));
                201
            }
            4..=5 => {
                let owed = model.balance();
                let answer = till.pay(amount).await;
                assert_eq!(answer.status, if amount <= owed { 201 } else { 409 }, "seed {seed}, step {step}");
                if answer.status == 201 {
                    model.payments.push((id(&answer.body), amount, 0));
                }
                answer.status
            }
            6 => {
                let amount = if random.bool() { amount } else { -amount };
                let may = amount > 0 || -amount <= model.balance();
                let answer = till.adjust(amount).await;
                assert_eq!(answer.status, if may { 201 } else { 409 }, "seed {seed}, step {step}");
                model.adjusted += if may { amount } else { 0 };
                answer.status
            }
            7 if !model.payments.is_empty() => {
                let at = random.usize(0..model.payments.len());
                let (payment, paid, returned) = model.payments[at].clone();
                let may = amount <= paid - returned - model.held_back(Some(at));
                let answer = till.refund(&payment, amount).await;
                assert_eq!(answer.status, if may { 201 } else { 409 }, "seed {seed}, step {step}");
                model.payments[at].2 += if may { amount } else { 0 };
                answer.status
            }
            8 if !model.charges.is_empty() => {
                let at = random.usize(0..model.charges.len());
                let (charge, _, _, invoiced) = model.charges[at].clone();
                let answer = till.void(&charge).await;
                assert_eq!(answer.status, if invoiced { 409 } else { 200 }, "seed {seed}, step {step}");
                model.charges[at].2 |= !invoiced;
                answer.status
            }
            // A bank takes all or a part of a payment back, whatever went back of it before.
            10 if !model.payments.is_empty() => {
                let at = random.usize(0..model.payments.len());
                let (payment, paid, _) = model.payments[at].clone();
                let (dispute, amount) = (format!("dp_{step}"), random.i64(1..=paid));
                // Told twice, it counts once.
                for _ in 0..2 {
                    till.disputed(&payment, &dispute, amount, false).await;
                }
                model.disputes.push((at, dispute, amount, false));
                201
            }
            11 if !model.disputes.is_empty() => {
                let at = random.usize(0..model.disputes.len());
                let (payment, dispute, amount, _) = model.disputes[at].clone();
                till.disputed(&model.payments[payment].0, &dispute, amount, true).await;
                model.disputes[at].3 = true;
                200
            }
            // Stripe gives a part of a payment back, whatever a bank took of it meanwhile.
            12 if !model.payments.is_empty() => {
                let at = random.usize(0..model.payments.len());
                let (payment, paid, _) = model.payments[at].clone();
                let amount = random.i64(1..=paid);
                for _ in 0..2 {
                    till.given_back_elsewhere(&payment, &format!("re_{step}"), amount).await;
                }
                model.payments[at].2 += amount;
                201
            }
            _ => {
                let answer = till.bill(json!({})).await;
                let free = model.charges.iter().any(|(_, _, voided, invoiced)| !voided && !invoiced);
                assert_eq!(answer.status, if free { 201 } else { 409 }, "seed {seed}, step {step}");
                for (_, _, voided, invoiced) in &mut model.charges {
                    *invoiced |= !*voided;
                }
                answer.status
            }
        };
        refused += usize::from(status == 409);
        assert_eq!(till.balance().await, model.balance(), "seed {seed}, step {step}");
        let account = till.account().await;
        till.is_the_same_everywhere(model.balance(), &account, &format!("seed {seed}, step {step}")).await;
        let figure = |name: &str| account[name].as_i64().unwrap();
        let open = ["current", "over30", "over60", "over90"].map(figure);
        assert_eq!(open.iter().sum::<i64>() - figure("credit"), model.balance(), "seed {seed}, step {step}");
        assert!(open.iter().all(|open| *open >= 0) && figure("credit") >= 0, "seed {seed}: {account}");
    }
    let history = till.flo.get(&(till.of_ann("history") + "?limit=200")).await.expect(200);
    let history = history["items"].as_array().unwrap().clone();
    let mut running = 0;
    for line in history.iter().rev() {
        running += line["amount"].as_i64().unwrap();
        assert_eq!(line["balance"], running, "seed {seed}");
    }
    assert_eq!((running, refused < STEPS), (model.balance(), true));
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let entries =
        history.iter().rev().map(|line| (text(line, "kind"), text(line, "cause"), line["amount"].as_i64().unwrap()));
    assert_eq!(till.exported().await, entries.collect::<Vec<_>>(), "seed {seed}: the file for spreadsheets");
    // As the books have them, each kind by itself.
    let sums = "SELECT t.kind || ' ' || sum(p.amount) FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.id
        WHERE p.account = 'receivable' GROUP BY t.kind ORDER BY t.kind COLLATE \"C\"";
    let mut by_kind = std::collections::BTreeMap::<String, i64>::new();
    for (kind, _, amount) in till.exported().await {
        *by_kind.entry(kind).or_default() += amount;
    }
    let by_kind: Vec<String> = by_kind.into_iter().map(|(kind, sum)| format!("{kind} {sum}")).collect();
    assert_eq!(by_kind, till.practice.database.query(sums).await, "seed {seed}");
}
