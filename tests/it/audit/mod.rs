//! Proof: what is written of who did what, and that nobody can take it back unseen.

mod chain;
mod command;
mod integrity;
mod lines;
mod live;
mod reading;
mod role;
mod rows;
