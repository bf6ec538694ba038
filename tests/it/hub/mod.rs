//! The hub from the outside, through the real program.

mod frames;
mod messages;
mod order;
