//! Ends a connection from outside. A socket whose client does not read is not polled any more and cannot end itself;
//! shutting its file descriptor down wakes it up with an error. Also bounds how long the kernel waits for a peer that
//! acknowledges nothing (TCP_USER_TIMEOUT).
//!
//! The descriptor is not duplicated, which would double what ten thousand connections need; instead the socket's
//! kernel cookie, unique for the machine's uptime, tells whether the number still means this connection.

use actix_web::{HttpRequest, dev::Extensions, rt::net::TcpStream};
use socket2::SockRef;
use std::{
    any::Any,
    net::Shutdown,
    os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
    time::Duration,
};

/// A peer that acknowledges nothing for so long is gone: within two heartbeats.
const UNACKNOWLEDGED: Duration = Duration::from_secs(45);

/// Which connection a request came on.
#[derive(Clone, Copy)]
pub struct Connection {
    fd: RawFd,
    cookie: u64,
}

/// For `HttpServer::on_connect`: bounds the connection and remembers how to end it.
pub fn remember_connection(io: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = io.downcast_ref::<TcpStream>() else { return };
    // A kernel that refuses an option still serves.
    let _ = SockRef::from(stream).set_tcp_user_timeout(Some(UNACKNOWLEDGED));
    if let Ok(cookie) = rustix::net::sockopt::socket_cookie(stream.as_fd()) {
        extensions.insert(Connection { fd: stream.as_raw_fd(), cookie });
    }
}

impl Connection {
    /// The connection of this request.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        request.conn_data::<Self>().copied()
    }

    /// Shuts the connection down, if it is still there. Call it on the worker that serves the connection: nobody else
    /// closes or reuses the descriptor between the check and the shutdown.
    pub fn cut(self) {
        // SAFETY: the descriptor is used only for two system calls that fail harmlessly when it is closed, and shut
        // down only when its cookie says that it is still this socket.
        #[allow(unsafe_code)]
        let fd = unsafe { BorrowedFd::borrow_raw(self.fd) };
        if rustix::net::sockopt::socket_cookie(fd).is_ok_and(|cookie| cookie == self.cookie) {
            // One that is shut down already stays so.
            let _ = SockRef::from(&fd).shutdown(Shutdown::Both);
        }
    }
}
