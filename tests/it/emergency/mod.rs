//! Emergencies, through the real API.

mod drill;
mod escalation;
mod lookout;
mod on_call;
mod policy;
mod rota;
