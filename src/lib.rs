//! Carehub: a realtime messaging hub with the client portal around it, for health practices.
//!
//! Read `docs/ARCHITECTURE.md` first. Arrows of import run one way only, in the order of this list:
//! ids, clock, config → crypto, telemetry → schema, db → audit → error → keys → notify → notices → slices (accounts, threads, emergency) → hub → http,
//! pages → app, dev.
#![deny(unsafe_op_in_unsafe_fn, unused_must_use)]
#![warn(clippy::disallowed_methods)]

pub mod accounts;
pub mod app;
pub mod assessments;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod db;
pub mod dev;
pub mod egress;
pub mod emergency;
pub mod epoch;
pub mod error;
pub mod http;
pub mod hub;
pub mod ids;
pub mod keys;
pub mod lifecycle;
pub mod notices;
pub mod notify;
pub mod pages;
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
