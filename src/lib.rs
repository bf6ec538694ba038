//! Carehub: a realtime messaging hub with the client portal around it, for health practices.
//!
//! Read `docs/ARCHITECTURE.md` first. Arrows of import run one way only, in the order of this list:
//! ids, clock, config → crypto, telemetry → schema, db → audit → error → keys → objects → notify → notices →
//! slices (accounts, threads, documents, emergency, appointments, forms, billing; on top of pdf) → hub → http,
//! pages → app, dev.
#![deny(unsafe_op_in_unsafe_fn, unused_must_use)]
#![warn(clippy::disallowed_methods)]

pub mod accounts;
pub mod app;
pub mod appointments;
pub mod assessments;
pub mod audit;
pub mod billing;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod db;
pub mod dev;
pub mod documents;
pub mod egress;
pub mod emergency;
pub mod epoch;
pub mod error;
pub mod forms;
pub mod http;
pub mod hub;
pub mod ids;
pub mod keys;
pub mod language;
pub mod lifecycle;
pub mod notices;
pub mod notify;
pub mod objects;
pub mod pages;
pub mod pdf;
pub mod predecessor;
pub mod privacy;
pub mod problem;
pub mod pulse;
pub mod routes;
pub mod schema;
pub mod server;
pub mod telemetry;
pub mod threads;
pub mod watch;
