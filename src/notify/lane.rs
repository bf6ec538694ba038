//! Two lanes lead out of the outbox, so that somebody who is needed now never waits behind a thousand reminders: each
//! has its own loop, connection to the store, and connections to providers. Holds their figures.

use std::time::Duration;

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lane {
    Urgent,
    Ordinary,
}

impl Lane {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Urgent, Self::Ordinary];

    /// For logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Ordinary => "ordinary",
        }
    }

    /// How often it looks.
    pub fn pause(self) -> Duration {
        match self {
            Self::Urgent => Duration::from_millis(200),
            Self::Ordinary => Duration::from_secs(1),
        }
    }

    /// So long nobody else takes a row that was taken; longer than [`Lane::patience`]. A hub that dies with a page in its
    /// hands leaves it to another after this.
    pub fn lease(self) -> Duration {
        match self {
            Self::Urgent => Duration::from_secs(25),
            Self::Ordinary => Duration::from_secs(300),
        }
    }

    /// For one message, whatever the provider does.
    pub fn patience(self) -> Duration {
        match self {
            Self::Urgent => Duration::from_secs(20),
            Self::Ordinary => Duration::from_secs(60),
        }
    }

    /// After a failure; each further one takes twice as long.
    pub fn first_wait(self) -> Duration {
        match self {
            Self::Urgent => Duration::from_secs(5),
            Self::Ordinary => Duration::from_secs(30),
        }
    }

    /// Also the longest that a provider's Retry-After is obeyed.
    pub fn longest_wait(self) -> Duration {
        match self {
            Self::Urgent => Duration::from_secs(400),
            Self::Ordinary => Duration::from_secs(3600),
        }
    }

    /// Then it is given up: after some two hours, and some five.
    pub fn attempts(self) -> i32 {
        match self {
            Self::Urgent => 24,
            Self::Ordinary => 12,
        }
    }

    /// How long after a failure of attempt `attempts`, without what providers and dice add to it.
    pub fn wait(self, attempts: i32) -> Duration {
        let doublings = u32::try_from(attempts - 1).unwrap_or_default().min(10);
        (self.first_wait() * 2u32.pow(doublings)).min(self.longest_wait())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_bound() {
        let seconds = |lane: Lane| [1, 2, 3, 7, 8, 11].map(|attempts| lane.wait(attempts).as_secs());
        assert_eq!(seconds(Lane::Ordinary), [30, 60, 120, 1920, 3600, 3600]);
        assert_eq!(seconds(Lane::Urgent), [5, 10, 20, 320, 400, 400]);
    }

    #[test]
    fn nobody_is_taken_a_row_from_while_a_provider_is_asked() {
        for lane in Lane::ALL {
            assert!(lane.patience() < lane.lease(), "{lane:?}");
        }
    }
}
