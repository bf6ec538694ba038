//! Whom a practice calls in an emergency. Owns `escalation_policies`. Every practice has a policy: the built-in one, until
//! it switches on its own.
//!
//! - [`plan`]: the document: steps, rounds, the last resort
//! - [`hole`]: where a plan would reach nobody; [`facts`]: what has to be known for that
//! - [`change`]: switching one on
//! - [`store`]: which one is on, and the earlier ones

pub mod change;
pub mod facts;
pub mod hole;
pub mod plan;
pub mod store;

pub use plan::{LastResort, Plan, Step, Target};
pub use store::{Policy, active, find};
