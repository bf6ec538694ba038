//! The hub from the outside, through the real program.

mod messages;
