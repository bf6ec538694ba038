//! Words and shapes of escalations. Knows no SQL.

use crate::{
    ids::{EntryId, EscalationId, PolicyId, PracticeId, ThreadId, UserId},
    threads::model::words,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

words! {
    /// Why it was raised.
    Cause {
        /// The client said so.
        Button = "button",
        /// What the client wrote matched a crisis phrase.
        Phrase = "phrase",
        /// What the client answered in an assessment means danger.
        Assessment = "assessment",
        /// A member of staff raised it.
        Staff = "staff",
    }
}

words! {
    /// How far it has come.
    State {
        /// Stored; nobody is called yet.
        Raised = "raised",
        /// People are being called.
        Paging = "paging",
        /// Somebody has it.
        Acknowledged = "acknowledged",
        /// Everybody was called in vain: the last resort.
        Exhausted = "exhausted",
        /// Over.
        Resolved = "resolved",
    }
}

impl State {
    /// Whether somebody still has to take it.
    pub fn is_unanswered(self) -> bool {
        matches!(self, Self::Raised | Self::Paging | Self::Exhausted)
    }
}

/// An escalation as it is stored, but for its note.
#[derive(Clone, Debug)]
pub struct Escalation {
    pub id: EscalationId,
    pub practice: PracticeId,
    /// None: a drill.
    pub client: Option<UserId>,
    /// None: a drill, or not raised in a thread.
    pub thread: Option<ThreadId>,
    /// The message that raised it.
    pub entry: Option<EntryId>,
    pub cause: Cause,
    pub drill: bool,
    /// None: the built-in one.
    pub policy: Option<PolicyId>,
    pub course: super::course::Course,
    /// Messages that joined in it.
    pub emergencies: i32,
    pub raised_at: DateTime<Utc>,
    pub resolved_by: Option<UserId>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub version: i64,
}
