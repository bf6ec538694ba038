//! Messaging by REST.

mod access;
mod assignment;
mod drafts;
mod lists;
mod opening;
mod record;
