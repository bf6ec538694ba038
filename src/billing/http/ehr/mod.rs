//! What those who work for the practice call. All but [`appointment`] asks for `ManageBilling`.
//!
//! - [`account`]: a client's account and its history
//! - [`charges`], [`payments`], [`adjustments`], [`invoices`]: what changes it
//! - [`practice`]: all accounts: how old debts are, what is still to be charged, the export; [`free`]: what costs nothing
//! - [`papers`]: what clients have on paper
//! - [`planned`]: what is taken without clients being there; [`disputes`]: what payers dispute with their banks
//! - [`settings`]: how the practice bills
//! - [`appointment`]: what an appointment was charged, for its clinician, too

pub mod account;
pub mod adjustments;
pub mod appointment;
pub mod charges;
pub mod disputes;
pub mod free;
pub mod invoices;
pub mod papers;
pub mod payments;
pub mod planned;
pub mod practice;
pub mod settings;
