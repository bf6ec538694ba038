//! Counts how many receivers have got each message and tells the writer which messages have
//! reached everybody. Owns that count; messages are numbered from 0 and reach each receiver in order.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// The count.
#[derive(Debug)]
pub struct Fan {
    receivers: usize,
    open: Mutex<Open>,
    complete: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Open {
    first: u64,
    /// Receivers that have got `first`, `first + 1`, …
    got: VecDeque<usize>,
}

impl Fan {
    /// A count for so many receivers, and the number of messages that all of them have.
    pub fn new(receivers: usize) -> (Self, watch::Receiver<u64>) {
        let (complete, told) = watch::channel(0);
        (Self { receivers, open: Mutex::default(), complete }, told)
    }

    /// One receiver has got this message.
    pub fn got(&self, number: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // One that is complete already came twice; the receiver itself tells of that.
        let Some(index) = number.checked_sub(open.first).map(|index| index as usize) else { return };
        if open.got.len() <= index {
            open.got.resize(index + 1, 0);
        }
        open.got[index] += 1;
        let before = open.first;
        while open.got.front().is_some_and(|got| *got >= self.receivers) {
            open.got.pop_front();
            open.first += 1;
        }
        if open.first > before {
            self.complete.send_replace(open.first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_complete_when_the_last_receiver_has_it() {
        let (fan, told) = Fan::new(2);
        [0, 1, 1].into_iter().for_each(|number| fan.got(number));
        assert_eq!(*told.borrow(), 0);
        fan.got(0);
        assert_eq!(*told.borrow(), 2);
        fan.got(0);
        assert_eq!(*told.borrow(), 2);
    }
}
