//! Telling people of things.

mod calls;
mod desk;
mod killed;
mod reminders;
mod unread;
mod ways;
