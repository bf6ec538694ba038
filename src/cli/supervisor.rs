//! The demo under a watch: a hub that dies is started again at once, as a service manager does it for `carehub serve`.
//! Ends when the hub ends by itself, and passes on what it said.

use super::{block_on, notice};
use crate::dev::lifeline::end_with_us;
use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    os::unix::process::ExitStatusExt,
    process::{Command, ExitCode, ExitStatus},
    time::{Duration, Instant},
};
use tokio::signal::unix::{SignalKind, signal};

/// A hub that dies younger than this has not served anybody.
const INFANCY: Duration = Duration::from_secs(10);
/// So many such deaths in a row are enough.
const INFANT_DEATHS: u32 = 5;
/// Between such deaths.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs this program again with this hidden command, for as long as it dies.
pub fn run(command: &'static str) -> anyhow::Result<ExitCode> {
    block_on(async {
        let mut deaths = 0;
        loop {
            let born = Instant::now();
            let (status, told_to_stop) = live(command).await?;
            let Some(killed_by) = status.signal() else {
                return Ok(ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)));
            };
            deaths = if born.elapsed() < INFANCY { deaths + 1 } else { 0 };
            if told_to_stop || deaths >= INFANT_DEATHS {
                notice(&format!("The demo has died (signal {killed_by}); its data is kept."));
                return Ok(ExitCode::FAILURE);
            }
            notice(&format!("The hub has died (signal {killed_by}) and is started again."));
            if deaths > 0 {
                tokio::time::sleep(PAUSE).await;
            }
        }
    })
}

/// One life; and whether we were told to end it.
async fn live(command: &'static str) -> anyhow::Result<(ExitStatus, bool)> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut program = Command::new(std::env::current_exe().context("this program is not to be found any more")?);
    program.arg(command);
    end_with_us(&mut program, Signal::KILL);
    let mut child = tokio::process::Command::from(program).spawn().context("cannot start the hub")?;
    let mut told_to_stop = false;
    loop {
        tokio::select! {
            status = child.wait() => return Ok((status?, told_to_stop)),
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        told_to_stop = true;
        let pid = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        // Ctrl-C in a terminal reaches both of us; that it hears of it twice does no harm.
        let _ = pid.map(|pid| kill_process(pid, Signal::TERM));
    }
}
