//! One mailbox per active thread: it orders what is said, keeps the marks and who takes part in memory, and shows
//! every stored entry to all who take part. A cache: it can be thrown away at any moment, and several may exist for
//! one thread; the store alone decides. Never waits, never touches SQL.
//!
//! - [`actor`]: carries out
//! - [`position`]: what was shown, what is known to be stored (pure)
//! - [`pending`]: what was handed to the journal and is not settled (pure)
//! - [`members`]: who takes part, their marks, who is typing (pure)
//! - [`look`]: reading from the store what others wrote
//! - [`show`]: frames for those who take part
//! - [`seal`]: a message as the journal takes it
//! - [`upkeep`]: what the directory asks of it

mod actor;
mod look;
mod members;
mod pending;
mod position;
mod seal;
mod show;
mod upkeep;

pub use actor::{MailboxActor, Mailroom};
pub use upkeep::{At, Flush, Retire};
