//! Processor time and memory of the processes measured, from /proc. Owns the reading of it; a
//! process that is not named is left out, one that is gone is an error.

use anyhow::{Context, Result};
use std::collections::HashMap;
use std::fs;

/// The processes whose processor time a run accounts for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Processes {
    pub hub: Option<u32>,
    /// The postmaster; its children count too.
    pub postgres: Option<u32>,
}

/// Processor time used so far, in milliseconds.
#[derive(Clone, Debug)]
pub struct Reading {
    hub: Option<f64>,
    /// Of the living children one by one, so that one that ends does not take its past away.
    postgres: Option<HashMap<u32, f64>>,
    generator: f64,
}

/// Processor time used in a span, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    pub hub: Option<f64>,
    pub postgres: Option<f64>,
    pub generator: f64,
}

impl Processes {
    /// Reads the clocks now.
    pub fn read(self) -> Result<Reading> {
        Ok(Reading {
            hub: self.hub.map(|pid| used(pid, false)).transpose()?,
            postgres: self.postgres.map(family).transpose()?,
            generator: used(std::process::id(), false)?,
        })
    }

    /// What was used since `before`.
    pub fn since(self, before: &Reading) -> Result<Used> {
        let now = self.read()?;
        let difference = |(now, before): (f64, f64)| now - before;
        Ok(Used {
            hub: now.hub.zip(before.hub).map(difference),
            postgres: now.postgres.zip(before.postgres.as_ref()).map(|(now, before)| {
                now.iter().map(|(pid, used)| (used - before.get(pid).unwrap_or(&0.0)).max(0.0)).sum()
            }),
            generator: now.generator - before.generator,
        })
    }
}

/// A process and its children. The parent's figure holds what ended children had used.
fn family(parent: u32) -> Result<HashMap<u32, f64>> {
    let mut all = HashMap::from([(parent, used(parent, true)?)]);
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    for child in children.split_whitespace().filter_map(|pid| pid.parse().ok()) {
        // One that has just ended is in the parent's figure by the next reading.
        if let Ok(milliseconds) = used(child, false) {
            all.insert(child, milliseconds);
        }
    }
    Ok(all)
}

fn used(pid: u32, with_ended_children: bool) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("no process {pid}"))?;
    // The name in parentheses may hold anything; the figures start behind the last one.
    let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    // utime, stime, cutime, cstime are fields 14 to 17 of proc(5); two came before the parenthesis.
    let own = ticks(11) + ticks(12);
    let ended = if with_ended_children { ticks(13) + ticks(14) } else { 0.0 };
    Ok((own + ended) * 1000.0 / rustix::param::clock_ticks_per_second() as f64)
}

/// Resident memory in KiB.
pub fn resident_kib(pid: u32) -> Result<u64> {
    memory(pid, "VmRSS:")
}

fn memory(pid: u32, name: &'static str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).with_context(|| format!("no process {pid}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    let number = line.split_whitespace().next().and_then(|number| number.parse().ok());
    number.with_context(|| format!("{name} is no number"))
}

/// The most resident memory that it had, in KiB, since that was forgotten.
pub fn peak_kib(pid: u32) -> Result<u64> {
    memory(pid, "VmHWM:")
}

/// Lets the peak begin anew at what there is now. The process must be the generator's own user's.
pub fn forget_peak(pid: u32) -> Result<()> {
    fs::write(format!("/proc/{pid}/clear_refs"), "5")
        .with_context(|| format!("the memory of process {pid} is not ours"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_spent_computing_is_seen() {
        let me = Processes { hub: Some(std::process::id()), postgres: None };
        let before = me.read().unwrap();
        let began = std::time::Instant::now();
        let mut sum = 0_u64;
        while began.elapsed().as_millis() < 150 {
            sum = sum.wrapping_add(std::hint::black_box(sum) ^ 1);
        }
        let used = me.since(&before).unwrap();
        assert!(used.hub.unwrap() >= 30.0 && used.generator >= 30.0, "{used:?} {sum}");
        assert!(used.postgres.is_none());
        assert!(resident_kib(std::process::id()).unwrap() > 500);
    }
}
