//! The calls of appointments, one file for what belongs together. Decides nothing about who may see one: that is
//! [`super::access`]'s.

pub mod acts;
pub mod availability;
pub mod calendar;
pub mod client;
pub mod policy;
pub mod series;
pub mod slots;
pub mod staff;
pub mod view;
pub mod waitlist;
