//! Emergencies, through the real API.

mod drill;
mod escalation;
mod lookout;
mod crisis_settings;
mod labelled_phrases;
mod lookout;
mod on_call;
mod phrases_under_attack;
mod policy;
mod rota;
