//! Says goodbye in TCP as soon as the close frame is out. The web server waits for the client to end a connection
//! whose requests it has not read to the end, as every upgraded one is, while RFC 6455 (7.1.1) has the server end it.

use super::cut::Connection;
use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Sleep, sleep};

/// How often a client that reads slowly is looked at; it is cut off from outside when that takes too long.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// The server writes what it has after each time that the body has nothing: after two of them, with room in the
/// socket's buffer, everything is out.
const ROUNDS: u8 = 2;

/// The body of an upgraded response.
pub struct HangUp {
    frames: BoxBody,
    connection: Option<Connection>,
    ended: bool,
    rounds: u8,
    wait: Option<Pin<Box<Sleep>>>,
}

impl HangUp {
    /// Ends `connection` for writing after the last of `frames`.
    pub fn after(frames: BoxBody, connection: Option<Connection>) -> Self {
        Self { frames, connection, ended: false, rounds: 0, wait: None }
    }
}

impl MessageBody for HangUp {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.frames.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = &mut *self;
        if !this.ended {
            match ready!(Pin::new(&mut this.frames).poll_next(cx)) {
                Some(Ok(frames)) => return Poll::Ready(Some(Ok(frames))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => this.ended = true,
            }
        }
        let Some(connection) = this.connection else { return Poll::Ready(None) };
        if let Some(wait) = &mut this.wait {
            ready!(wait.as_mut().poll(cx));
            this.wait = None;
        }
        if connection.has_room() {
            if this.rounds >= ROUNDS {
                connection.end_writing();
                return Poll::Ready(None);
            }
            this.rounds += 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        this.rounds = 0;
        let mut wait = Box::pin(sleep(LOOK_AGAIN));
        if wait.as_mut().poll(cx).is_pending() {
            this.wait = Some(wait);
        }
        Poll::Pending
    }
}
