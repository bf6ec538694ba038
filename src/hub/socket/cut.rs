//! Ends a connection from outside. A socket whose client does not read is not polled any more and cannot end itself;
//! shutting its file descriptor down wakes it up with an error. Also bounds how long the kernel waits for a peer that
//! acknowledges nothing (TCP_USER_TIMEOUT).
//!
//! The descriptor is not duplicated, which would double what ten thousand connections need; instead the socket's
//! kernel cookie, unique for the machine's uptime, tells whether the number still means this connection.

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::{HttpRequest, dev::Extensions, rt::net::TcpStream};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
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

/// The TCP connection below what the web server hands to `on_connect`, with TLS or without.
pub fn tcp_of(io: &dyn Any) -> Option<&TcpStream> {
    io.downcast_ref::<TcpStream>().or_else(|| io.downcast_ref::<TlsStream<TcpStream>>().map(|tls| tls.get_ref().0))
}

/// For `HttpServer::on_connect`: bounds the connection and remembers how to end it.
pub fn remember_connection(io: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = tcp_of(io) else { return };
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

    /// Shuts the connection down, if it is still there.
    pub fn cut(self) {
        self.shut_down(Shutdown::Both);
    }

    /// Tells the client that nothing more comes.
    pub fn end_writing(self) {
        self.shut_down(Shutdown::Write);
    }

    /// Whether the socket would take more to send. Yes, too, for a connection that is gone.
    pub fn has_room(self) -> bool {
        let room = |fd: BorrowedFd<'_>| {
            let mut wanted = [PollFd::from_borrowed_fd(fd, PollFlags::OUT)];
            poll(&mut wanted, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
        };
        self.with(room).unwrap_or(true)
    }

    fn shut_down(self, how: Shutdown) {
        // One that is shut down already stays so.
        self.with(|fd| drop(SockRef::from(&fd).shutdown(how)));
    }

    /// Call it on the worker that serves the connection: nobody else closes or reuses the descriptor meanwhile.
    fn with<T>(self, act: impl FnOnce(BorrowedFd<'_>) -> T) -> Option<T> {
        // SAFETY: the descriptor is used only for system calls that fail harmlessly when it is closed, and for any that
        // changes something only when its cookie says that it is still this socket.
        #[allow(unsafe_code)]
        let fd = unsafe { BorrowedFd::borrow_raw(self.fd) };
        rustix::net::sockopt::socket_cookie(fd).is_ok_and(|cookie| cookie == self.cookie).then(|| act(fd))
    }
}
