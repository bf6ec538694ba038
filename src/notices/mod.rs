//! Notices: telling people that something happened, in Carehub and outside of it. Owns `notifications`,
//! `notification_deliveries`, `notification_preferences`, `notification_watermark` and `reminders`.
//!
//! Invariants: a notice is written in the transaction that caused it; it holds a kind, ids and times, and nothing that says
//! more; outside of Carehub nothing leaves in its person's quiet hours but emergencies and security; for each notice,
//! person and channel one message goes to a provider; what was read is told nowhere else.
//!
//! - [`notice`]: telling, and taking back: what other parts call
//! - [`preferences`]: who wants what how; [`quiet`], [`rhythm`]: the clock on somebody's wall
//! - [`ways`]: which channels a notice takes, and when; [`person`]: whom it takes them to
//! - [`telling`], [`dispatch`]: from a notice that is due to rows of the outbox; [`turns`]: the rows in between
//! - [`unread`]: messages that stay unread; [`pool`]: those that nobody has taken; [`thread`]: the one notice of a thread; [`reminders`]: what comes again and again
//! - [`confirm`]: devices that say what they showed
//! - [`list`], [`live`]: what people see in Carehub
//! - [`engine`]: the loop behind all of it
//! - [`http`]: the calls

pub mod confirm;
pub mod dispatch;
pub mod engine;
pub mod http;
pub mod list;
pub mod live;
pub mod notice;
pub mod person;
pub mod pool;
pub mod preferences;
pub mod quiet;
pub mod reminders;
pub mod rhythm;
pub mod telling;
mod thread;
pub mod turns;
pub mod unread;
pub mod ways;

pub use crate::notify::kind::Kind;
pub use notice::{Notice, cancel, tell};
