//! Watches the loops that emergencies depend on, from a thread of its own that needs neither the store nor a runtime. One
//! that has done nothing of use for too long is an alarm: in the log, the metrics, the readiness and the staff's banner.
//! One that hangs or died is started anew.

use crate::pulse::Pulse;
use anyhow::Context;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A loop that does nothing of use for so long is silent. Together with the look after it well below a minute.
const SILENT_AFTER: Duration = Duration::from_secs(40);
/// One that does not even go round for so long hangs, and is started anew.
const HANGS_AFTER: Duration = Duration::from_secs(30);
/// Whoever looks so late was held up with everything else: the loops get a moment to show that they live.
const LATE: Duration = Duration::from_secs(5);
/// Threads of a loop that hung and were left behind. After so many it is not the loop that is at fault: it stays an alarm.
const LEFT_BEHIND: u32 = 10;

/// Starts a loop anew, and gives its new pulse.
type Restart = Box<dyn FnMut() -> anyhow::Result<Pulse> + Send>;

/// A loop that is watched.
pub struct Watched {
    name: &'static str,
    pulse: Pulse,
    restart: Option<Restart>,
    /// It was started anew, and has done nothing of use since.
    on_trial: bool,
    left_behind: u32,
}

impl Watched {
    /// One that nobody but its process can start anew.
    pub fn new(name: &'static str, pulse: Pulse) -> Self {
        Self { name, pulse, restart: None, on_trial: false, left_behind: 0 }
    }

    /// One that can be started anew.
    pub fn with_restart(mut self, restart: impl FnMut() -> anyhow::Result<Pulse> + Send + 'static) -> Self {
        self.restart = Some(Box::new(restart));
        self
    }
}

/// Which loops are silent. Cheap to clone.
#[derive(Clone, Default, Debug)]
pub struct Board {
    silent: Arc<Mutex<BTreeSet<&'static str>>>,
}

impl Board {
    /// Those that are silent now.
    pub fn silent(&self) -> Vec<&'static str> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    /// Notes how it is with a loop; true when that is news.
    fn note(&self, name: &'static str, silent: bool) -> bool {
        let mut all = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        if silent { all.insert(name) } else { all.remove(name) }
    }
}

/// Watches from now on.
///
/// # Errors
/// When there is no thread to be had.
pub fn watch(mut loops: Vec<Watched>, board: Board) -> anyhow::Result<()> {
    std::thread::Builder::new()
        .name("watchdog".into())
        .spawn(move || {
            let mut looked = Instant::now();
            loop {
                if looked.elapsed() < LATE {
                    loops.iter_mut().for_each(|watched| look(watched, &board));
                }
                looked = Instant::now();
                std::thread::sleep(LOOK_EVERY);
            }
        })
        .context("cannot start the watchdog")?;
    Ok(())
}

fn look(watched: &mut Watched, board: &Board) {
    let name = watched.name;
    if watched.pulse.rests() {
        return;
    }
    if watched.pulse.still() >= HANGS_AFTER || watched.pulse.has_ended() {
        start_anew(watched);
    }
    watched.on_trial &= !watched.pulse.has_worked();
    let silent = watched.on_trial || watched.pulse.has_ended() || watched.pulse.idle() >= SILENT_AFTER;
    if board.note(name, silent) {
        if silent {
            tracing::error!(name, "this loop is silent: emergencies may not be carried on by this node");
        } else {
            tracing::info!(name, "this loop works again");
        }
    }
    metrics::gauge!("carehub_loop_silent", "loop" => name).set(f64::from(u8::from(silent)));
}

fn start_anew(watched: &mut Watched) {
    let (name, Some(restart)) = (watched.name, &mut watched.restart) else { return };
    if watched.left_behind >= LEFT_BEHIND {
        return;
    }
    watched.left_behind += u32::from(!watched.pulse.has_ended());
    tracing::error!(name, "this loop hangs or died; starting it anew");
    metrics::counter!("carehub_loop_restarts_total", "loop" => name).increment(1);
    match restart() {
        Ok(pulse) => {
            watched.pulse.retire();
            (watched.pulse, watched.on_trial) = (pulse, true);
        }
        Err(error) => tracing::error!(name, error = format!("{error:#}"), "this loop cannot be started anew"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_that_died_is_started_anew_and_an_alarm_until_the_new_one_has_worked() {
        let (pulse, board) = (Pulse::default(), Board::default());
        let second = Pulse::default();
        let given = second.clone();
        let mut watched = Watched::new("engine", pulse.clone()).with_restart(move || Ok(given.clone()));
        pulse.work();
        look(&mut watched, &board);
        assert!(board.silent().is_empty());
        drop(pulse.life());
        look(&mut watched, &board);
        assert_eq!(board.silent(), ["engine"]);
        second.beat();
        look(&mut watched, &board);
        assert_eq!(board.silent(), ["engine"], "it goes round, and does nothing yet");
        second.work();
        look(&mut watched, &board);
        assert!(board.silent().is_empty());
        assert!(pulse.is_retired() && !second.is_retired());
    }

    #[test]
    fn a_loop_that_cannot_be_started_anew_stays_an_alarm() {
        let (pulse, board) = (Pulse::default(), Board::default());
        let mut watched = Watched::new("herald", pulse.clone());
        drop(pulse.life());
        for _ in 0..3 {
            look(&mut watched, &board);
            assert_eq!(board.silent(), ["herald"]);
        }
    }

    #[test]
    fn a_loop_that_was_told_to_end_is_no_alarm_and_stays_ended() {
        let (pulse, board) = (Pulse::default(), Board::default());
        let mut watched = Watched::new("relay", pulse.clone()).with_restart(|| panic!("it was told to end"));
        pulse.rest();
        drop(pulse.life());
        look(&mut watched, &board);
        assert!(board.silent().is_empty());
    }

    #[test]
    fn an_alarm_comes_within_a_minute() {
        assert!(SILENT_AFTER + LOOK_EVERY < Duration::from_secs(60));
        assert!(HANGS_AFTER + LOOK_EVERY < Duration::from_secs(60));
    }
}
