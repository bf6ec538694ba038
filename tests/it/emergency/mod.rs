//! Emergencies, through the real API.

mod on_call;
mod policy;
mod rota;
