//! What goes between a session and its socket.

use crate::hub::wire::Disconnect;
use actix::Message;
use bytes::Bytes;
use bytestring::ByteString;

/// What a socket hands over.
#[derive(Message)]
#[rtype(result = "()")]
pub enum FromSocket {
    Text(ByteString),
    Binary(Bytes),
    /// A sign of life that is no message: a ping, a pong, a fragment.
    Alive,
    /// The frame that was sent as [`ToSocket::Large`] has left.
    Drained,
    /// The client broke RFC 6455 or a limit: nothing more is heard of it, and it is to be closed with this. By way of
    /// the one who hears, so that what came before is answered first.
    Failed(Disconnect),
    /// The connection is over.
    Closed,
}

/// What a socket is to send.
#[derive(Message)]
#[rtype(result = "()")]
pub enum ToSocket {
    Text(ByteString),
    Binary(Bytes),
    /// Like `Text`, and say [`FromSocket::Drained`] when it has left.
    Large(ByteString),
    Ping,
    Close(Disconnect),
}
