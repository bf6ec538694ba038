//! The hub from the outside, through the real program.

mod bodies;
mod echo;
mod frames;
mod framing;
mod malformed;
mod messages;
mod order;
mod privacy;
mod receipts;
mod resume;
