//! The frames of `carehub.v1` as text and back. Pure: knows no connection, no thread, no store.
//!
//! - [`inbound`]: what clients send, read and checked for form
//! - [`outbound`]: what the hub sends
//! - [`close`]: why a connection ends, and whether the client should come back

pub mod close;
pub mod inbound;
pub mod outbound;

pub use close::Disconnect;
pub use inbound::{Frame, Request};
pub use outbound::{Code, Refused, frame};

/// The most bytes a frame, or all fragments of a message together, may have.
pub const FRAME_BYTES: usize = 64 * 1024;
/// The subprotocol.
pub const SUBPROTOCOL: &str = "carehub.v1";
