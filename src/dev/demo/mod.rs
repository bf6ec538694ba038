//! The practice that the demo shows: a few invented people and believable, routine conversations, written once.
//!
//! All of them share one well-known password, so a production configuration refuses them.
//!
//! - [`people`]: who works and who is treated there
//! - [`conversations`]: what they said
//! - `appointments`: what stands in the calendar
//! - `billing`: what was charged and paid
//! - `diary`: one long conversation, for paging back
//! - `answers`: what was answered to questionnaires
//! - `files`: documents, and a picture
//! - `forms`: what clients are asked
//! - `on_call`: who is on call, and whom an emergency calls
//! - `writing`: how it becomes rows

mod answers;
mod appointments;
mod billing;
pub mod conversations;
mod diary;
mod files;
mod forms;
mod on_call;
pub mod people;
mod writing;

pub use people::{PASSWORD, PEOPLE, PRACTICE_NAME};
pub use writing::{ensure, ensure_files};
