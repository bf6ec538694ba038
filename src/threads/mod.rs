//! Threads, their entries and who takes part. Owns `threads`, `participants`, `entries` and `drafts`.
//!
//! Invariants: entries are append-only, `seq` runs 1…head without a gap and is given inside the commit; marks only
//! grow and never pass the head; a subject, body or draft is stored only sealed; nothing is read without an
//! [`access::ThreadAccess`] or for somebody who takes part.
//!
//! - [`model`]: entries, summaries, marks as everybody sees them
//! - [`access`]: who may see a thread: the proof that the reading functions demand
//! - [`entries`]: reading entries
//! - [`summaries`]: lists of threads as one person sees them, and what changed since a cursor
//! - [`record`]: a thread as its mailbox keeps it
//! - [`commit`]: the journal's batch
//! - [`open`]: opening a thread
//! - [`counts`]: unread, and the inbox's counts
//! - [`assignment`], [`closing`]: who looks after a thread, and its end; both made of [`change`]
//! - [`withdrawal`]: out of all threads of a client at once
//! - [`notices`]: what the hub itself says in a thread
//! - [`drafts`]: text not yet sent
//! - `integrity`: what does not open in its place
//! - [`members`]: joining and leaving
//! - [`view`]: what the audit log keeps of a reading
//! - [`http`]: the calls

pub mod access;
pub mod assignment;
pub mod attachments;
pub mod change;
pub mod closing;
pub mod commit;
pub mod counts;
pub mod drafts;
pub mod entries;
pub mod http;
mod integrity;
pub(crate) mod members;
pub mod model;
pub mod notices;
pub mod open;
pub mod record;
pub mod summaries;
pub mod view;
pub mod withdrawal;
