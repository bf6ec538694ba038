//! Messaging by REST.

mod assignment;
mod drafts;
mod lists;
mod opening;
mod record;
