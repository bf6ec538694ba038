//! The transport: frames in, frames out, ping, close. Knows no user, no thread, no protocol but RFC 6455.
//!
//! - [`actor`]: the only file that names actix-web-actors
//! - [`guard`]: refuses a frame by its header, before anything buffers it
//! - [`assemble`]: fragments into one text, inside the same limit
//! - [`cut`]: ends a stalled connection from outside
//! - [`hang_up`]: ends the connection once the close frame is out
//! - [`echo`]: `carehub bench-echo`: the bare socket, for conformance and speed

mod actor;
mod assemble;
mod cut;
pub mod echo;
mod guard;
mod hang_up;

pub use actor::open;
pub use cut::{Connection, remember_connection, tcp_of};
pub use guard::Bounds;
