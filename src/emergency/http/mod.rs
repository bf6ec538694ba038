//! The calls about emergencies. Decide nothing: permission, then the slice, then its answer.
//!
//! - [`list`], [`show`], [`alarms`]: what staff read
//! - [`act`]: take, hand over, pass on, close; [`escalate`]: raise
//! - [`drill`]: trying it out, and the report
//! - [`ack`]: the link in a page
//! - [`client`]: what the client reads
//! - [`duty`], [`on_call`], [`policy`]: whom it calls

pub mod ack;
pub mod act;
pub mod alarms;
pub mod client;
pub mod crisis_phrases;
pub mod crisis_resources;
pub mod drill;
pub mod duty;
pub mod escalate;
pub mod list;
pub mod on_call;
pub mod policy;
pub mod show;
