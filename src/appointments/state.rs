//! The states of an appointment, and what may follow what. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an appointment stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AppointmentState)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Kept for a client who fills in the request. Nobody else sees it.
    Held,
    /// Kept for somebody on the waitlist who was told of it.
    Offered,
    /// By the client; the practice has not answered.
    Requested,
    /// The practice names another time; the client has not answered.
    Proposed,
    /// Moved by the client; the practice has not answered.
    Rescheduled,
    Confirmed,
    /// The client is there.
    CheckedIn,
    Completed,
    NoShow,
    Cancelled,
}

/// What somebody does to an appointment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The practice says yes.
    Confirm,
    /// The practice names another time. What was confirmed stays so until the client takes it.
    Propose,
    /// The client takes what was proposed or offered.
    Accept,
    /// Another time that was proposed is none any more: what was confirmed stays.
    Decline,
    /// The client names another time, for the practice to confirm.
    Move,
    /// It is at another time from now on.
    Settle,
    CheckIn,
    Complete,
    NoShow,
    Cancel,
}

use State::*;

impl State {
    /// All of them.
    pub const ALL: [Self; 10] =
        [Held, Offered, Requested, Proposed, Rescheduled, Confirmed, CheckedIn, Completed, NoShow, Cancelled];

    /// As stored and as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Held => "held",
            Offered => "offered",
            Requested => "requested",
            Proposed => "proposed",
            Rescheduled => "rescheduled",
            Confirmed => "confirmed",
            CheckedIn => "checkedIn",
            Completed => "completed",
            NoShow => "noShow",
            Cancelled => "cancelled",
        }
    }

    /// Reads what [`State::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The state after this step; None: it cannot be taken here.
    pub fn after(self, step: Step) -> Option<Self> {
        let (possible, next): (&[Self], Self) = match step {
            Step::Confirm => (&[Requested, Rescheduled], Confirmed),
            Step::Propose if self == Confirmed => (&[Confirmed], Confirmed),
            Step::Propose => (&[Requested, Rescheduled, Proposed], Proposed),
            Step::Accept => (&[Proposed, Offered, Confirmed], Confirmed),
            Step::Decline => (&[Confirmed], Confirmed),
            // What was never confirmed is still a request.
            Step::Move if self == Requested => (&[Requested], Requested),
            Step::Move => (&[Rescheduled, Confirmed, Proposed], Rescheduled),
            Step::Settle => (&[Requested, Rescheduled, Confirmed, Proposed], Confirmed),
            Step::CheckIn => (&[Confirmed], CheckedIn),
            Step::Complete => (&[Confirmed, CheckedIn], Completed),
            Step::NoShow => (&[Confirmed], NoShow),
            Step::Cancel => (&[Offered, Requested, Proposed, Rescheduled, Confirmed], Cancelled),
        };
        possible.contains(&self).then_some(next)
    }

    /// Both sides count on it: giving it up late has its price.
    pub fn is_firm(self) -> bool {
        matches!(self, Rescheduled | Confirmed)
    }
}

/// How one meets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = AppointmentMode)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    #[default]
    InPerson,
    Video,
    Phone,
}

impl Mode {
    /// As stored and as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InPerson => "inPerson",
            Self::Video => "video",
            Self::Phone => "phone",
        }
    }

    /// Reads what [`Mode::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::InPerson, Self::Video, Self::Phone].into_iter().find(|mode| mode.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 10] = [
        Step::Confirm,
        Step::Propose,
        Step::Accept,
        Step::Decline,
        Step::Move,
        Step::Settle,
        Step::CheckIn,
        Step::Complete,
        Step::NoShow,
        Step::Cancel,
    ];

    #[test]
    fn what_is_over_stays_over_and_nobody_steps_on_what_is_only_held() {
        for state in [Held, Completed, NoShow, Cancelled] {
            assert!(STEPS.iter().all(|step| state.after(*step).is_none()), "{state:?}");
        }
    }

    #[test]
    fn every_state_can_be_reached_and_is_stored_as_it_is_sent() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
            let reached = State::ALL.iter().any(|from| STEPS.iter().any(|step| from.after(*step) == Some(state)));
            assert!(reached || matches!(state, Held | Offered | Requested), "{state:?}");
        }
    }

    #[test]
    fn what_is_proposed_in_place_of_what_was_confirmed_takes_nothing_away() {
        assert_eq!(Confirmed.after(Step::Propose), Some(Confirmed));
        assert_eq!(Confirmed.after(Step::Decline), Some(Confirmed));
        assert_eq!(Requested.after(Step::Propose), Some(Proposed));
        assert_eq!(Proposed.after(Step::Decline), None, "who declines it wants no appointment: that is cancelling");
    }

    #[test]
    fn a_client_who_moves_what_was_confirmed_waits_for_the_practice_again() {
        assert_eq!(Confirmed.after(Step::Move), Some(Rescheduled));
        assert_eq!(Requested.after(Step::Move), Some(Requested));
        assert_eq!(Rescheduled.after(Step::Confirm), Some(Confirmed));
        assert_eq!(CheckedIn.after(Step::Cancel), None);
    }
}
