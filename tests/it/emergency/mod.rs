//! Emergencies, through the real API.

mod crisis_settings;
mod drill;
pub(crate) mod escalation;
mod labelled_phrases;
pub mod last_resort;
mod lookout;
mod on_call;
mod phrases_under_attack;
mod policy;
mod rota;
