//! Which charge is paid by what. A pure function over what is owed and what came in: what was meant for something pays
//! that first, the rest pays whatever is oldest. Nothing of it is stored, so it is right after every void and refund.

use super::money::Amount;
use crate::ids::InvoiceId;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that is owed: a charge, or a correction upwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Item {
    pub id: Uuid,
    /// The day that it is of.
    pub on: NaiveDate,
    pub amount: Amount,
    pub invoice: Option<InvoiceId>,
}

/// What a credit is meant for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    Item(Uuid),
    Invoice(InvoiceId),
}

/// Something that came in: a payment without what went back of it, or a correction downwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Credit {
    pub amount: Amount,
    pub target: Option<Target>,
}

/// An account, settled.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settled {
    /// Oldest first, each with what is still open of it.
    pub items: Vec<(Item, Amount)>,
    /// What is left over.
    pub credit: Amount,
}

impl Settled {
    /// What is open, less what is left over: the balance.
    pub fn balance(&self) -> Amount {
        self.open() - self.credit
    }

    /// What is open of everything.
    pub fn open(&self) -> Amount {
        self.items.iter().map(|(_, open)| *open).sum()
    }

    /// What is open of one item; none where there is no such item.
    pub fn open_of(&self, id: Uuid) -> Option<Amount> {
        self.items.iter().find(|(item, _)| item.id == id).map(|(_, open)| *open)
    }

    /// What is open of an invoice.
    pub fn open_of_invoice(&self, invoice: InvoiceId) -> Amount {
        self.items.iter().filter(|(item, _)| item.invoice == Some(invoice)).map(|(_, open)| *open).sum()
    }
}

/// Settles an account.
pub fn settle(mut items: Vec<Item>, credits: &[Credit]) -> Settled {
    items.sort_by_key(|item| (item.on, item.id));
    let mut items: Vec<(Item, Amount)> = items.into_iter().map(|item| (item, item.amount)).collect();
    let mut pool = Amount::ZERO;
    let mut aimed_at_items: HashMap<Uuid, Amount> = HashMap::new();
    let mut aimed_at_invoices: HashMap<InvoiceId, Amount> = HashMap::new();
    for credit in credits {
        match credit.target {
            Some(Target::Item(id)) => *aimed_at_items.entry(id).or_default() += credit.amount,
            Some(Target::Invoice(id)) => *aimed_at_invoices.entry(id).or_default() += credit.amount,
            None => pool += credit.amount,
        }
    }
    for (item, open) in &mut items {
        if let Some(aimed) = aimed_at_items.get_mut(&item.id) {
            pay(open, aimed);
        }
    }
    for (item, open) in &mut items {
        if let Some(aimed) = item.invoice.and_then(|invoice| aimed_at_invoices.get_mut(&invoice)) {
            pay(open, aimed);
        }
    }
    pool += aimed_at_items.into_values().sum::<Amount>() + aimed_at_invoices.into_values().sum();
    for (_, open) in &mut items {
        pay(open, &mut pool);
    }
    Settled { items, credit: pool }
}

fn pay(open: &mut Amount, credit: &mut Amount) {
    let paid = (*open).min(*credit).at_least_zero();
    *open -= paid;
    *credit -= paid;
}

/// Where an invoice stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = InvoiceStatus)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    Pending,
    Paid,
    Overdue,
    Void,
}

impl Status {
    /// From what is open of it, the day it is due, and whether it was voided.
    pub fn of(open: Amount, due_on: NaiveDate, is_void: bool, today: NaiveDate) -> Self {
        match () {
            () if is_void => Self::Void,
            () if !open.is_positive() => Self::Paid,
            () if due_on < today => Self::Overdue,
            () => Self::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(n.into())
    }

    fn item(n: u128, on: u32, amount: i64, invoice: Option<u128>) -> Item {
        let invoice = invoice.map(|id| InvoiceId(Uuid::from_u128(id)));
        Item { id: Uuid::from_u128(n), on: day(on), amount: Amount(amount), invoice }
    }

    fn invoice(id: u128) -> Option<Target> {
        Some(Target::Invoice(InvoiceId(Uuid::from_u128(id))))
    }

    fn open(settled: &Settled) -> Vec<i64> {
        settled.items.iter().map(|(_, open)| open.0).collect()
    }

    #[test]
    fn the_oldest_is_paid_first_whatever_the_order_of_recording() {
        let items = vec![item(1, 20, 100, None), item(2, 10, 100, None), item(3, 30, 100, None)];
        let settled = settle(items, &[Credit { amount: Amount(150), target: None }]);
        assert_eq!(settled.items[0].0.id, Uuid::from_u128(2));
        assert_eq!((open(&settled), settled.credit), (vec![0, 50, 100], Amount(0)));
    }

    #[test]
    fn what_was_meant_for_an_invoice_pays_it_before_older_charges_and_the_rest_goes_on() {
        let items = vec![item(1, 10, 100, None), item(2, 20, 100, Some(7)), item(3, 30, 50, Some(7))];
        let paid = |amount| settle(items.clone(), &[Credit { amount: Amount(amount), target: invoice(7) }]);
        assert_eq!(open(&paid(120)), [100, 0, 30]);
        assert_eq!(open(&paid(200)), [50, 0, 0]);
        assert_eq!(paid(300).credit, Amount(50));
        let of_a_void_one = settle(items.clone(), &[Credit { amount: Amount(120), target: invoice(8) }]);
        assert_eq!(open(&of_a_void_one), [0, 80, 50]);
    }

    #[test]
    fn a_correction_of_one_charge_lowers_that_one() {
        let items = vec![item(1, 10, 100, None), item(2, 20, 100, None)];
        let lower = Credit { amount: Amount(40), target: Some(Target::Item(Uuid::from_u128(2))) };
        let settled = settle(items, &[lower]);
        assert_eq!(open(&settled), [100, 60]);
        assert_eq!(settled.open_of(Uuid::from_u128(2)), Some(Amount(60)));
    }

    #[test]
    fn an_invoice_is_overdue_from_the_day_after_it_was_due() {
        let of = |open, void, today| Status::of(Amount(open), day(30), void, day(today));
        assert_eq!(of(10, false, 30), Status::Pending);
        assert_eq!(of(10, false, 31), Status::Overdue);
        assert_eq!(of(0, false, 31), Status::Paid);
        assert_eq!(of(10, true, 31), Status::Void);
    }

    fn amounts() -> impl Strategy<Value = i64> {
        1_i64..100_000_000
    }

    proptest! {
        #[test]
        fn whatever_happened_the_open_less_the_credit_is_the_sum_and_nothing_is_less_than_nothing(
            owed in prop::collection::vec((0_u32..400, amounts(), prop::option::of(0_u128..4)), 0..40),
            came in prop::collection::vec((amounts(), 0_usize..3, 0_u128..45), 0..40),
        ) {
            let items: Vec<Item> = owed
                .iter()
                .enumerate()
                .map(|(n, (on, amount, invoice))| item(n as u128, *on, *amount, *invoice))
                .collect();
            let credits: Vec<Credit> = came
                .iter()
                .map(|(amount, kind, id)| Credit {
                    amount: Amount(*amount),
                    target: match kind {
                        0 => None,
                        1 => Some(Target::Item(Uuid::from_u128(*id))),
                        _ => invoice(*id % 5),
                    },
                })
                .collect();
            let sum = items.iter().map(|item| item.amount).sum::<Amount>()
                - credits.iter().map(|credit| credit.amount).sum();
            let settled = settle(items, &credits);
            prop_assert_eq!(settled.balance(), sum);
            prop_assert!(settled.credit >= Amount::ZERO);
            for (item, open) in &settled.items {
                prop_assert!(*open >= Amount::ZERO && *open <= item.amount);
            }
            // What is left over was needed by nobody.
            prop_assert!(settled.credit == Amount::ZERO || settled.open() == Amount::ZERO);
        }
    }
}
