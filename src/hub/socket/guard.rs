//! Reads the header of every frame before anything buffers its payload, and ends the stream at the first one that
//! breaks RFC 6455 or a limit. The library checks a length only when the whole frame is in memory: one client that
//! announced 8 GiB would cost what it sends.

use crate::hub::wire::Disconnect;
use actix_web::{error::PayloadError, web::Bytes};
use futures_util::Stream;
use std::{
    cell::Cell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// A control frame's payload (RFC 6455, 5.5).
const CONTROL_BYTES: u64 = 125;
/// Empty fragments cost no bytes; their number is bounded too.
const MAX_FRAGMENTS: u32 = 100_000;

/// What a connection may send.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// The most bytes of a frame, and of all fragments of a message together.
    pub message_bytes: u64,
    /// A frame that was begun must be complete after this.
    pub frame_time: Duration,
    pub binary: bool,
}

/// What guard and socket tell each other. Both live on one thread.
#[derive(Default)]
pub struct Shared {
    /// Why the guard ended the stream.
    pub verdict: Cell<Option<Disconnect>>,
    /// The socket was told of it.
    told: Cell<bool>,
    /// Frames that the socket has handled: the end must not overtake what came before it.
    pub handled: Cell<u64>,
}

/// Frame headers, read byte by byte. Pure.
struct Headers {
    bounds: Bounds,
    head: [u8; 14],
    have: usize,
    /// Payload bytes of the current frame that are still to come.
    left: u64,
    /// The close frame's payload, unmasked as it comes.
    close: Option<(Vec<u8>, [u8; 4])>,
    in_message: bool,
    message_bytes: u64,
    fragments: u32,
    complete: u64,
    over: bool,
}

impl Headers {
    fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            head: [0; 14],
            have: 0,
            left: 0,
            close: None,
            in_message: false,
            message_bytes: 0,
            fragments: 0,
            complete: 0,
            over: false,
        }
    }

    fn mid_frame(&self) -> bool {
        !self.over && (self.have > 0 || self.left > 0)
    }

    /// Takes bytes in. On a violation: how many of them belong to whole frames before it, and why.
    fn feed(&mut self, bytes: &[u8]) -> Result<(), (usize, Disconnect)> {
        let mut at = 0;
        let mut whole = 0;
        while at < bytes.len() && !self.over {
            if self.left > 0 {
                let some = self.left.min((bytes.len() - at) as u64) as usize;
                if let Some((close, mask)) = &mut self.close {
                    for byte in &bytes[at..at + some] {
                        close.push(byte ^ mask[close.len() % 4]);
                    }
                }
                self.left -= some as u64;
                at += some;
            } else {
                self.head[self.have] = bytes[at];
                self.have += 1;
                at += 1;
                if !self.header().map_err(|why| (whole, why))? {
                    continue;
                }
            }
            if self.left == 0 {
                self.finish().map_err(|why| (whole, why))?;
                whole = at;
            }
        }
        Ok(())
    }

    /// Judges the header as far as it has come. True when it is complete.
    fn header(&mut self) -> Result<bool, Disconnect> {
        let (first, opcode) = (self.head[0], self.head[0] & 0x0f);
        let finished = first & 0x80 != 0;
        let control = opcode >= 8;
        if self.have == 1 {
            let known = matches!(opcode, 0..=2 | 8..=10);
            let in_order = control || (opcode == 0) == self.in_message;
            if first & 0x70 != 0 || !known || (control && !finished) || !in_order {
                return Err(Disconnect::ProtocolError);
            }
            if opcode == 2 && !self.bounds.binary {
                return Err(Disconnect::Unsupported);
            }
            return Ok(false);
        }
        let short = u64::from(self.head[1] & 0x7f);
        if self.have == 2 && (self.head[1] & 0x80 == 0 || (control && short > CONTROL_BYTES)) {
            return Err(Disconnect::ProtocolError);
        }
        let extended = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if self.have < 2 + extended {
            return Ok(false);
        }
        let length = match extended {
            0 => short,
            _ => self.head[2..2 + extended].iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
        };
        if self.have == 2 + extended {
            // Announced is enough: what is too large is refused before its first byte.
            let so_far = if opcode == 0 { self.message_bytes } else { 0 };
            if length > self.bounds.message_bytes || (!control && so_far + length > self.bounds.message_bytes) {
                return Err(Disconnect::TooBig);
            }
        }
        if self.have < 2 + extended + 4 {
            return Ok(false);
        }
        let mut mask = [0; 4];
        mask.copy_from_slice(&self.head[2 + extended..2 + extended + 4]);
        self.close = (opcode == 8).then(|| (Vec::new(), mask));
        if !control {
            if opcode != 0 {
                (self.message_bytes, self.fragments) = (0, 0);
            }
            self.message_bytes += length;
            self.fragments += 1;
            if self.fragments > MAX_FRAGMENTS {
                return Err(Disconnect::TooBig);
            }
            self.in_message = !finished;
        }
        self.have = 0;
        self.left = length;
        Ok(true)
    }

    fn finish(&mut self) -> Result<(), Disconnect> {
        if let Some((close, _)) = self.close.take() {
            check_close(&close)?;
            self.over = true;
        }
        // Only what is handed on: the verdict waits until all of it was handled.
        self.complete += 1;
        Ok(())
    }
}

/// RFC 6455, 7.4: which codes may be on the wire, and that the reason is text.
fn check_close(payload: &[u8]) -> Result<(), Disconnect> {
    let Some((code, reason)) = payload.split_at_checked(2) else {
        return if payload.is_empty() { Ok(()) } else { Err(Disconnect::ProtocolError) };
    };
    let code = u16::from_be_bytes([code[0], code[1]]);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(Disconnect::ProtocolError);
    }
    std::str::from_utf8(reason).map(|_| ()).map_err(|_| Disconnect::InvalidUtf8)
}

/// The guarded stream of bytes.
pub struct Guard<S> {
    inner: S,
    headers: Headers,
    shared: Rc<Shared>,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S> Guard<S> {
    /// Guards `inner`.
    pub fn new(inner: S, bounds: Bounds, shared: Rc<Shared>) -> Self {
        Self { inner, headers: Headers::new(bounds), shared, deadline: None }
    }

    fn set_deadline(&mut self) {
        if !self.headers.mid_frame() {
            self.deadline = None;
        } else if self.deadline.is_none() {
            let at = Instant::now() + self.headers.bounds.frame_time;
            self.deadline = Some(Box::pin(tokio::time::sleep_until(at)));
        }
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Guard<S> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.shared.verdict.get().is_some() {
            // The socket first handles what came before.
            if this.shared.handled.get() < this.headers.complete {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            // Once. What comes after is not read: the connection is about to be closed.
            return if this.shared.told.replace(true) {
                Poll::Pending
            } else {
                Poll::Ready(Some(Err(PayloadError::Overflow)))
            };
        }
        match Pin::new(&mut this.inner).poll_next(cx) {
            Poll::Ready(Some(Ok(bytes))) => {
                if let Err((whole, why)) = this.headers.feed(&bytes) {
                    this.shared.verdict.set(Some(why));
                    return Poll::Ready(Some(Ok(bytes.slice(..whole))));
                }
                this.set_deadline();
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Pending => {
                if let Some(deadline) = &mut this.deadline
                    && deadline.as_mut().poll(cx).is_ready()
                {
                    this.shared.verdict.set(Some(Disconnect::TooSlow));
                    cx.waker().wake_by_ref();
                }
                Poll::Pending
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers() -> Headers {
        Headers::new(Bounds { message_bytes: 1_000, frame_time: Duration::from_secs(10), binary: false })
    }

    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![first, 0x80 | payload.len() as u8, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        frame
    }

    #[test]
    fn a_length_is_refused_when_it_is_announced() {
        let mut huge = vec![0x81, 0xff];
        huge.extend_from_slice(&(8u64 << 30).to_be_bytes());
        assert_eq!(headers().feed(&huge), Err((0, Disconnect::TooBig)));
    }

    #[test]
    fn fragments_count_together() {
        let mut headers = headers();
        assert_eq!(headers.feed(&masked(0x01, &[b'a'; 100])), Ok(()));
        for _ in 0..9 {
            assert_eq!(headers.feed(&masked(0x00, &[b'a'; 100])), Ok(()));
        }
        assert_eq!(headers.feed(&masked(0x00, b"a")), Err((0, Disconnect::TooBig)));
    }

    #[test]
    fn what_came_before_a_violation_is_kept() {
        let mut bytes = masked(0x81, b"hello");
        let whole = bytes.len();
        bytes.extend(masked(0x91, b"reserved bit"));
        assert_eq!(headers().feed(&bytes), Err((whole, Disconnect::ProtocolError)));
    }

    #[test]
    fn every_violation_has_its_code() {
        let unmasked = vec![0x81, 0x01, b'x'];
        let long_ping = vec![0x89, 0xfe];
        for (bytes, why) in [
            (unmasked, Disconnect::ProtocolError),
            (long_ping, Disconnect::ProtocolError),
            (masked(0x83, b""), Disconnect::ProtocolError),
            (masked(0x09, b""), Disconnect::ProtocolError),
            (masked(0x80, b""), Disconnect::ProtocolError),
            (masked(0x82, b""), Disconnect::Unsupported),
            (masked(0x88, b"x"), Disconnect::ProtocolError),
            (masked(0x88, &1005u16.to_be_bytes()), Disconnect::ProtocolError),
            (masked(0x88, b"\x03\xe8\xff"), Disconnect::InvalidUtf8),
        ] {
            assert_eq!(headers().feed(&bytes), Err((0, why)), "{bytes:?}");
        }
        let mut twice = masked(0x01, b"a");
        twice.extend(masked(0x81, b"b"));
        assert!(headers().feed(&twice).is_err(), "a new message inside a message");
    }

    #[test]
    fn bytes_may_come_one_by_one() {
        let mut headers = headers();
        let mut bytes = masked(0x81, &[b'x'; 100]);
        bytes.extend(masked(0x88, &1000u16.to_be_bytes()));
        for byte in bytes {
            assert_eq!(headers.feed(&[byte]), Ok(()));
        }
        assert_eq!((headers.complete, headers.over), (2, true));
    }
}
