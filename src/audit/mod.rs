//! Who did what to whose record. Owns `audit_events`, which is only ever inserted into; a row is written in the
//! transaction of what it tells of. Never holds what somebody said: ids, codes, counts, names of fields.
//!
//! - [`event`]: one row, and who caused it
//! - [`store`]: writing rows
//! - [`search`]: reading them
//! - [`http`]: the calls
//! - [`chain`]: proof that none was changed, removed or slipped in

pub mod chain;
pub mod event;
pub mod http;
pub mod search;
pub mod store;

pub use event::{Actor, Event, Outcome};
pub use store::{record, record_all};
