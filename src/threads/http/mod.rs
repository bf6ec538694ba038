//! The calls of messaging, one idea a file. Those that exist at both doors are generic over the caller: what a caller
//! may see is decided where it is read, not here.

pub mod amend;
pub mod attachments;
pub mod change;
pub mod draft;
pub mod inbox;
pub mod list;
pub mod open;
pub mod post;
pub mod read;
pub mod reply;
pub mod show;
pub mod unread;
