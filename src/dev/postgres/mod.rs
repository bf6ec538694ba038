//! A private PostgreSQL cluster that belongs to one Carehub process.
//!
//! It listens on a unix socket inside the data folder and on no port, never runs as root, always keeps its durability
//! settings on, and ends with the process that started it, however that process ends.
//!
//! - `find` looks for the server's programs, `install` gets them where there are none;
//! - `initialise` makes a new cluster, whole or not at all;
//! - `server` starts and stops the one server process after its `predecessor` has gone, `log` keeps its log bounded;
//! - `cluster` puts these together and is what the rest of Carehub calls.
//!
//! It must never remove or alter a folder that holds somebody's data.

mod account;
mod apt;
mod cluster;
mod database;
mod error;
mod find;
mod initialise;
mod install;
mod log;
mod predecessor;
mod process;
mod server;
mod socket;

pub use cluster::{Cluster, ClusterOptions};
pub use error::ClusterError;
pub use find::{OLDEST_MAJOR, ServerBinaries, find_servers};
