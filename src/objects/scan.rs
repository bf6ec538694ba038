//! The virus scanner: ClamAV's daemon, which is sent each file as it comes in (`INSTREAM`). A scanner that cannot be
//! reached, answers strangely or not in time has not looked: what it has not looked at is not kept.

use crate::config::files::Clamd;
use bytes::Bytes;
use clamav_client::tokio::{Socket, Tcp, scan_stream};
use std::{io, time::Duration};
use tokio::{sync::mpsc, task::JoinHandle};

/// Pieces that wait for the scanner.
const PIECES: usize = 4;
/// From the last byte to the answer.
const PATIENCE: Duration = Duration::from_secs(60);
const CLEAN: &[u8] = b"stream: OK";
const FOUND: &[u8] = b"FOUND";

/// What the scanner said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Clean,
    Infected,
    /// Nobody looked.
    Away,
}

/// Where the scanner is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scanner(Clamd);

impl Scanner {
    pub fn new(clamd: Clamd) -> Self {
        Self(clamd)
    }

    /// Begins with a file.
    pub fn begin(&self) -> Scan {
        let (to, mut from) = mpsc::channel::<Bytes>(PIECES);
        let pieces = futures_util::stream::poll_fn(move |cx| from.poll_recv(cx).map(|piece| piece.map(Ok)));
        let clamd = self.0.clone();
        let answer = tokio::spawn(async move {
            match clamd {
                Clamd::Address(address) => scan_stream(pieces, Tcp { host_address: address.as_str() }, None).await,
                Clamd::Socket(path) => scan_stream(pieces, Socket { socket_path: path }, None).await,
            }
        });
        Scan { to, answer }
    }
}

/// A file on its way to the scanner.
pub struct Scan {
    to: mpsc::Sender<Bytes>,
    answer: JoinHandle<io::Result<Vec<u8>>>,
}

impl Scan {
    /// Sends it a piece. One that is gone is found out in the end.
    pub async fn push(&self, piece: Bytes) {
        let _ = self.to.send(piece).await;
    }

    /// What it says, now that it has all.
    pub async fn finish(mut self) -> Verdict {
        drop(self.to);
        match tokio::time::timeout(PATIENCE, &mut self.answer).await {
            Ok(Ok(Ok(answer))) => judge(&answer),
            Ok(outcome) => {
                let error = outcome.map_err(io::Error::other).and_then(|answer| answer.map(|_| ())).err();
                tracing::error!(?error, "the virus scanner cannot be reached");
                Verdict::Away
            }
            Err(_) => {
                self.answer.abort();
                tracing::error!("the virus scanner does not answer");
                Verdict::Away
            }
        }
    }
}

/// Believes a clean bill only to the letter.
fn judge(answer: &[u8]) -> Verdict {
    let answer = answer.strip_suffix(b"\0").unwrap_or(answer);
    match answer {
        CLEAN => Verdict::Clean,
        found if found.ends_with(FOUND) => Verdict::Infected,
        other => {
            tracing::error!(answer = %String::from_utf8_lossy(&other[..other.len().min(200)]), "the virus scanner did not look");
            Verdict::Away
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clean_bill_is_a_clean_bill() {
        assert_eq!(judge(b"stream: OK\0"), Verdict::Clean);
        assert_eq!(judge(b"stream: Eicar-Test-Signature FOUND\0"), Verdict::Infected);
        for other in [b"".as_slice(), b"\0", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK FOUND? no", b"OK"] {
            assert_eq!(judge(other), Verdict::Away);
        }
    }

    #[tokio::test]
    async fn a_scanner_that_is_not_there_has_not_looked() {
        let scan = Scanner::new(Clamd::Socket("/nowhere/clamd.ctl".into())).begin();
        for _ in 0..20 {
            scan.push(Bytes::from_static(b"words")).await;
        }
        assert_eq!(scan.finish().await, Verdict::Away);
    }
}
