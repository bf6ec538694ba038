//! Assessments as they are stored. Knows no SQL.

use super::{answers::Answers, instruments::Instrument, recurrence::Recurrence, score::Outcome};
use crate::{
    ids::{AssessmentId, AssessmentPlanId, EscalationId, UserId},
    threads::model::words,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

words! {
    /// What became of it.
    AssessmentState {
        /// It waits for answers.
        Open = "open",
        /// It was answered.
        Submitted = "submitted",
        /// It was not answered before the next one was due.
        Missed = "missed",
        /// It was taken back.
        Cancelled = "cancelled",
    }
}

/// What is sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// In which it was asked.
    pub language: String,
    pub answers: Answers,
    /// Once it was submitted.
    #[serde(default)]
    pub outcome: Option<Outcome>,
}

/// One time that somebody is asked.
#[derive(Clone, Debug)]
pub struct Assessment {
    pub id: AssessmentId,
    pub client: UserId,
    pub plan: AssessmentPlanId,
    pub instrument: &'static Instrument,
    pub state: AssessmentState,
    pub assigned_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    /// When it was submitted, missed or taken back.
    pub closed_at: Option<DateTime<Utc>>,
    pub revision: i64,
    pub escalation: Option<EscalationId>,
    /// None: nothing was answered yet, or it does not open.
    pub kept: Option<Kept>,
}

impl Assessment {
    /// What came of it.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.kept.as_ref()?.outcome.as_ref()
    }

    /// How many items have an answer, and how many are asked by what was answered so far.
    pub fn progress(&self) -> (usize, usize) {
        let none = Answers::default();
        let answers = self.kept.as_ref().map_or(&none, |kept| &kept.answers);
        let asked: Vec<_> = self.instrument.items.iter().filter(|item| answers.asks(self.instrument, item)).collect();
        (asked.iter().filter(|item| answers.get(item).is_some()).count(), asked.len())
    }
}

/// An instrument that is assigned to somebody.
#[derive(Clone, Debug)]
pub struct Plan {
    pub id: AssessmentPlanId,
    pub client: UserId,
    pub instrument: &'static Instrument,
    pub recurrence: Recurrence,
    pub due_days: i16,
    pub made_by: String,
    pub made_at: DateTime<Utc>,
    /// When it is asked for again; None: not by the clock.
    pub next_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}
