//! Assessments: published instruments that clients answer, scored by their published rules. Owns `assessment_plans` and
//! `assessments`.
//!
//! Invariants: item texts and scoring are constants of this program, in versions; answers and what comes of them are
//! sealed with the client's key; nobody but the server scores; an answer that means danger and the emergency that it
//! raises are one commit; what was submitted is not changed.
//!
//! - [`instruments`]: what is asked, in versions
//! - [`answers`]: whether answers are whole; [`score`]: what they mean
//! - [`recurrence`]: when the next time is, as pure functions
//! - [`model`]: assessments as they are stored
//! - [`access`]: who may see one
//! - [`store`]: reading them; [`trend`]: scores over time
//! - [`plans`]: assigning an instrument, and ending that
//! - [`occasions`]: asking for it, each time once
//! - [`draft`]: answers so far; [`submit`]: all of them, and the alarm
//! - [`calendar`]: the loop that asks when the time has come
//! - [`http`]: the calls

pub mod access;
pub mod answers;
pub mod calendar;
pub mod draft;
pub mod http;
pub mod instruments;
pub mod model;
pub mod occasions;
pub mod plans;
pub mod recurrence;
pub mod score;
pub mod store;
pub mod submit;
pub mod trend;
