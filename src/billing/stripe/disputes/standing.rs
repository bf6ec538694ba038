//! How a dispute stands. Pure.

use serde::Serialize;
use utoipa::ToSchema;

/// How a dispute stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = DisputeState)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// The bank asks, and has taken nothing yet: Stripe waits for an answer.
    Inquiry,
    /// It was answered; the bank looks at it.
    InquiryUnderReview,
    /// It ended there: nothing was taken.
    InquiryClosed,
    /// It never became a dispute.
    Prevented,
    /// The bank took the money back: Stripe waits for evidence.
    NeedsResponse,
    /// Evidence was handed in; the bank looks at it.
    UnderReview,
    /// What Stripe says of it is not known here.
    Unknown,
    Lost,
    Won,
}

impl State {
    const ALL: [Self; 9] = [
        Self::Inquiry,
        Self::InquiryUnderReview,
        Self::InquiryClosed,
        Self::Prevented,
        Self::NeedsResponse,
        Self::UnderReview,
        Self::Unknown,
        Self::Lost,
        Self::Won,
    ];

    /// Of a status of Stripe's.
    pub(super) fn of(status: &str) -> Self {
        match status {
            "warning_needs_response" => Self::Inquiry,
            "warning_under_review" => Self::InquiryUnderReview,
            "warning_closed" => Self::InquiryClosed,
            "prevented" => Self::Prevented,
            "needs_response" => Self::NeedsResponse,
            "under_review" => Self::UnderReview,
            "lost" => Self::Lost,
            "won" => Self::Won,
            _ => Self::Unknown,
        }
    }

    /// As stored and as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::InquiryUnderReview => "inquiryUnderReview",
            Self::InquiryClosed => "inquiryClosed",
            Self::Prevented => "prevented",
            Self::NeedsResponse => "needsResponse",
            Self::UnderReview => "underReview",
            Self::Unknown => "unknown",
            Self::Lost => "lost",
            Self::Won => "won",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether something may still come of it.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::InquiryClosed | Self::Prevented | Self::Lost | Self::Won)
    }

    /// Whether this may follow on `before`. Two hubs may ask at the same time, and what was asked first be noted last: an
    /// inquiry may become a dispute and a dispute be decided, and never the other way round.
    pub(super) fn follows(self, before: Self) -> bool {
        let step = |state: Self| match state {
            Self::Inquiry | Self::InquiryUnderReview | Self::Unknown => 0,
            Self::InquiryClosed | Self::Prevented => 1,
            Self::NeedsResponse | Self::UnderReview => 2,
            Self::Lost => 3,
            Self::Won => 4,
        };
        step(self) >= step(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_stored_under_a_name_of_its_own_and_sent_by_it() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(State::of("a status of next year"), State::Unknown);
    }

    #[test]
    fn a_dispute_goes_on_and_never_back() {
        use State::*;
        for (before, after) in [(Inquiry, NeedsResponse), (InquiryClosed, NeedsResponse), (Unknown, Lost), (Lost, Won)]
        {
            assert!(after.follows(before) && !before.follows(after), "{before:?}, {after:?}");
        }
        // Evidence may be asked for again.
        assert!(NeedsResponse.follows(UnderReview) && UnderReview.follows(NeedsResponse));
    }
}
