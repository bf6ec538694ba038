//! Billing: what clients owe, and what they paid. Owns `billing_*`, `charges`, `charge_voids`, `invoices`, `invoice_*`,
//! `payments`, `refunds`, `chargebacks`, `adjustments`, `free_appointments`, `ledger_*`, `autopay_choices`,
//! `payment_plan*` and `planned_payment*`.
//!
//! Invariants: the ledger is double entry and only ever added to, and each of its transactions sums to zero, by a
//! constraint of the database; a balance is always its sum, never a stored figure; what causes an entry causes it once;
//! of a payment no more is given back than came in, and what Stripe and banks did is entered in any order; one account
//! changes one step after another; money is whole numbers of minor units; no invoice's number is left out, and its figures
//! never change.
//!
//! - [`money`]: amounts and currencies
//! - [`access`]: who may see and do what
//! - [`settings`], [`clinicians`]: how a practice bills, what it asks for what, what superbills say of its clinicians
//! - [`ledger`]: the entries, the balance, the history
//! - [`charges`], [`to_charge`], [`adjustments`], [`payments`]: what causes entries; [`free`]: what costs nothing
//! - [`stripe`]: payments by card
//! - [`invoices`]: charges that a client is asked to pay
//! - [`settle`]: which charge is paid by what (pure); [`account`]: the rows that it works on; [`aging`]: how old debts are
//! - [`plans`], [`autopay`], [`planned`]: what clients agree to have taken without being there, and taking it
//! - [`statements`]: an account month by month
//! - [`papers`], [`print`]: receipts, statements and superbills: what is on them, and as PDF
//! - [`words`]: what is sealed of all that
//! - [`export`]: for spreadsheets
//! - [`http`]: the calls

pub mod access;
pub mod account;
pub mod adjustments;
pub mod aging;
pub mod autopay;
pub mod charges;
pub mod clinicians;
pub mod export;
pub mod free;
pub mod http;
pub mod invoices;
pub mod ledger;
pub mod money;
pub mod papers;
pub mod payments;
pub mod planned;
pub mod plans;
pub mod print;
pub mod settings;
pub mod settle;
pub mod statements;
pub mod stripe;
pub mod to_charge;
pub mod words;

pub use access::{ClientBilling, StaffBilling};
pub use money::{Amount, Currency};
