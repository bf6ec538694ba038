//! A timer of microseconds. Tokio's own counts whole milliseconds, which would be most of the
//! latency of an open loop on a quiet machine.

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use std::io;
use std::os::fd::OwnedFd;
use tokio::io::unix::AsyncFd;

/// Ticks at a fixed period, whoever listens.
#[derive(Debug)]
pub struct Ticker {
    timer: AsyncFd<OwnedFd>,
}

impl Ticker {
    /// First tick after `first` nanoseconds, then every `period`.
    pub fn start(first: u64, period: u64) -> io::Result<Self> {
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        // A first value of zero would disarm the timer.
        let spec = Itimerspec { it_interval: timespec(period), it_value: timespec(first.max(1)) };
        timerfd_settime(&timer, TimerfdTimerFlags::empty(), &spec)?;
        // SAFETY: the timer owns its open descriptor, and nothing closes or replaces it while
        // `AsyncFd` holds it.
        Ok(Self { timer: unsafe { AsyncFd::register(timer)? } })
    }

    /// Waits for ticks and says how many there were. Cancel safe.
    pub async fn ticks(&self) -> io::Result<u64> {
        loop {
            let mut ready = self.timer.readable().await?;
            let mut count = [0; 8];
            match ready.try_io(|timer| Ok(rustix::io::read(timer.get_ref(), &mut count)?)) {
                Ok(Ok(_)) => return Ok(u64::from_ne_bytes(count)),
                Ok(Err(error)) => return Err(error),
                Err(_would_block) => {}
            }
        }
    }
}

fn timespec(nanos: u64) -> Timespec {
    Timespec { tv_sec: (nanos / 1_000_000_000) as i64, tv_nsec: (nanos % 1_000_000_000) as i64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test]
    async fn no_tick_is_lost_when_nobody_listens() {
        let began = Instant::now();
        let ticker = Ticker::start(1_000_000, 500_000).unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let ticks = ticker.ticks().await.unwrap();
        let possible = began.elapsed().as_micros() as u64 / 500;
        assert!((30..=possible).contains(&ticks), "{ticks} of at most {possible}");
    }
}
