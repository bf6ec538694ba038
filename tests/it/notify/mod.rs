//! What leaves the hub.

mod faults;
mod odd_answers;
pub(crate) mod office;
mod phones;
mod push;
mod relay;
mod texts;
mod undelivered;
mod unsubscribe;
mod words;
