//! The hub from the outside, through the real program.

mod bodies;
mod echo;
mod expiry;
mod frames;
mod framing;
mod limits;
mod malformed;
mod messages;
mod order;
mod privacy;
mod receipts;
mod resume;
mod secrets;
mod upgrade;
