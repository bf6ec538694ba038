//! Emergencies, through the real API.

mod lookout;
mod on_call;
mod policy;
mod rota;
