//! Emergencies: somebody always says "I have it". The lower half knows people and rules, and may be used by the hub;
//! the upper half acts.
//!
//! - [`phrases`]: whether words tell of danger
//! - [`resources`]: where a client in danger finds help at once
//! - [`policy`]: whom a practice calls, in which order, by which channels; never none
//! - [`rota`]: who is on call
//! - [`reach`]: the people of a step, and by which ways each is reached
//! - [`lookout`]: warns of holes in the coming week
//! - [`http`]: the calls

pub mod http;
pub mod lookout;
pub mod phrases;
pub mod policy;
pub mod reach;
pub mod resources;
pub mod rota;
