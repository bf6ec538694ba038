//! The ledger: double entry, only ever added to. Nothing here changes or removes a row, and the database's role could not.
//!
//! - [`entry`]: what is written, and how
//! - [`history`]: what is read of it

pub mod entry;
pub mod history;

pub use entry::{Account, Entry, Kind, lock, record};
pub use history::{Balance, Line, balance, history};
