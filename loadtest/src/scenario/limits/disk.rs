//! A small write and `fdatasync`, again and again: the time one commit cannot get below.

use super::Options;
use crate::measure::{Latency, Row};
use anyhow::{Context, Result};
use std::fs::{File, remove_file};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

pub async fn measure(options: &Options, dir: &Path) -> Result<Row> {
    let path = dir.join(format!("loadtest-{}", uuid::Uuid::now_v7()));
    let (seconds, bytes) = (options.seconds, options.body_bytes);
    let file = File::create(&path).with_context(|| format!("cannot write into {}", dir.display()))?;
    let looped = tokio::task::spawn_blocking(move || sync_loop(file, seconds, bytes)).await?;
    remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    let (latency, count) = looped?;
    Ok(Row::new(format!("append {bytes} bytes, fdatasync"))
        .figure("per second", count as f64 / seconds)
        .latency("write + fdatasync", latency.percentiles()))
}

fn sync_loop(mut file: File, seconds: f64, bytes: usize) -> std::io::Result<(Latency, u64)> {
    let (latency, block, began) = (Latency::default(), vec![b'x'; bytes], Instant::now());
    let mut count = 0;
    while began.elapsed() < Duration::from_secs_f64(seconds) {
        let start = Instant::now();
        file.write_all(&block)?;
        // fdatasync on Linux
        file.sync_data()?;
        latency.record(start.elapsed().as_nanos() as u64);
        count += 1;
    }
    Ok((latency, count))
}
