//! Where people are reached beside their e-mail address: telephone numbers and browsers. Owns `contact_points`. What is
//! stored is sealed with the client's or the practice's key, and found by a digest that only the hub can make. Nothing is sent to a
//! number that was not shown to be its person's, nor to one that answered STOP.
//!
//! - [`point`]: a contact point, and finding it
//! - [`phone`]: entering a number, and the code that proves it
//! - [`number`]: telephone numbers as such
//! - [`consent`]: STOP and START
//! - [`browser`]: subscriptions to push messages

pub mod browser;
pub mod consent;
pub mod number;
pub mod phone;
pub mod point;

pub use point::reachable;
