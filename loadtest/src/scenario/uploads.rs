//! `uploads`: files of the largest size, one and many at once, and what they cost the hub in memory. The generator sends
//! each piece by piece and holds none.

use crate::cli::Common;
use crate::measure::{Report, Row, forget_peak, peak_kib};
use crate::session::Target;
use crate::tokens::{self, Person};
use crate::wire::Dialect;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

/// How long one file may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// Bytes of one write.
const PIECE: usize = 64 * 1024;
const HEAD: &[u8] = b"%PDF-1.7\n";
const FOOT: &[u8] = b"\n%%EOF\n";

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
    /// Files at the same time, stage by stage; each is another client's.
    #[arg(long, value_delimiter = ',', default_value = "1,20")]
    pub at_once: Vec<usize>,
    /// Bytes of each file. The hub takes 25 MiB at most.
    #[arg(long, default_value_t = 25 << 20)]
    pub bytes: usize,
    /// Memory the hub may gain by a stage.
    #[arg(long, default_value_t = 64 * 1024)]
    pub most_kib: u64,
}

pub async fn run(options: &Options) -> Result<Report> {
    let hub = options.common.hub_pid.context("--hub-pid says whose memory is measured")?;
    let most = options.at_once.iter().copied().max().unwrap_or_default();
    if most == 0 || options.bytes < HEAD.len() + FOOT.len() {
        bail!("--at-once must be at least 1, --bytes at least {}", HEAD.len() + FOOT.len());
    }
    let target = Target::new(&options.common.url, Dialect::Carehub).await?;
    let rooms = tokens::pairs(&options.common.tokens, most)?;
    let mut report = Report::new("uploads", options.common.seed());
    // The first file of a hub makes what all others use.
    send(&target, &rooms[0].people[0], HEAD.len() + FOOT.len()).await?;
    for at_once in &options.at_once {
        forget_peak(hub)?;
        let (before, began) = (peak_kib(hub)?, Instant::now());
        let sent = rooms[..*at_once].iter().map(|room| send(&target, &room.people[0], options.bytes));
        futures_util::future::try_join_all(sent).await?;
        let (gained, seconds) = (peak_kib(hub)?.saturating_sub(before), began.elapsed().as_secs_f64());
        let megabytes = (options.bytes * at_once) as f64 / 1e6;
        report.rows.push(
            Row::new(format!("{at_once} at once"))
                .figure("peak KiB more", gained as f64)
                .figure("seconds", seconds)
                .figure("MB/s", megabytes / seconds),
        );
        if gained > options.most_kib {
            report.failures.push(format!("{at_once} at once took {gained} KiB, more than {}", options.most_kib));
        }
    }
    Ok(report)
}

async fn send(target: &Target, who: &Person, bytes: usize) -> Result<()> {
    tokio::time::timeout(PATIENCE, upload(target, who, bytes)).await.context("a file took too long")?
}

async fn upload(target: &Target, who: &Person, bytes: usize) -> Result<()> {
    let mut stream = TcpStream::connect(target.address()).await?;
    let head = format!(
        "POST /api/v1/portal/messages/attachments HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"large.pdf\"\r\n\
         Idempotency-Key: {}\r\nContent-Length: {bytes}\r\nConnection: close\r\n\r\n",
        who.token,
        Uuid::now_v7()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(HEAD).await?;
    let (piece, mut left) = (vec![b'x'; PIECE], bytes - HEAD.len() - FOOT.len());
    while left > 0 {
        let part = left.min(PIECE);
        stream.write_all(&piece[..part]).await?;
        left -= part;
    }
    stream.write_all(FOOT).await?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    if !answer.starts_with(b"HTTP/1.1 201") {
        bail!("the hub did not take a file: {}", String::from_utf8_lossy(&answer[..answer.len().min(300)]));
    }
    Ok(())
}
