//! Forms: what a practice asks its clients in writing, and what they answer and sign. Owns `forms`, `form_versions`,
//! `form_assignments`, `form_drafts`, `form_files`, `form_submissions` and `form_reviews`.
//!
//! Invariants: a version that was published is never changed, and neither is what was submitted; a client is asked by the
//! version that they were given, whatever was published since; nothing typed is written over by what started from
//! something older; what a client answers is sealed with the client's key, and its seal shows one changed byte.
//!
//! - [`definition`]: what a form asks; [`check`]: whether that makes sense; [`condition`]: what is asked only sometimes
//! - [`library`]: building, publishing and retiring forms
//! - [`assignments`]: who is to fill in what, and when; [`welcome`]: what every new client is given
//! - [`drafts`]: what somebody is writing; [`files`]: what they add to it
//! - [`answers`]: whether answers may be submitted; [`signature`]: how somebody signs
//! - [`seal`]: what shows that nothing was changed; [`submit`], [`submissions`]: what was submitted; [`review`]: who
//!   looked at it, and what they said
//! - [`print`]: a submission on paper; [`history`]: what happened to what a client was given
//! - [`http`]: the calls

pub mod answers;
pub mod assignments;
pub mod check;
pub mod condition;
pub mod definition;
pub mod drafts;
pub mod files;
pub mod history;
pub mod http;
pub mod library;
pub mod print;
pub mod review;
pub mod seal;
pub mod signature;
pub mod submissions;
pub mod submit;
pub mod welcome;

pub use definition::{Definition, Field, FormKind};
