//! The hub from the outside, through the real program.

mod bodies;
mod frames;
mod messages;
mod order;
mod privacy;
mod receipts;
mod resume;
