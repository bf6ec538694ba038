//! One row of the audit log before it is written.

use crate::ids::{PracticeId, SignInId, UserId};
use serde_json::Value;
use std::net::IpAddr;
use uuid::Uuid;

/// Who did something, and from where.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    pub user: Option<UserId>,
    pub practice: Option<PracticeId>,
    /// As stored: `client`, `clinician`, `staff`, `admin`; `key` for an API key, `hub` for the hub itself.
    pub role: Option<&'static str>,
    pub sign_in: Option<SignInId>,
    pub address: Option<IpAddr>,
    /// At most [`Actor::USER_AGENT_CHARACTERS`] of it.
    pub user_agent: Option<String>,
}

impl Actor {
    pub const USER_AGENT_CHARACTERS: usize = 300;

    /// The hub itself: loops, commands.
    pub fn hub() -> Self {
        Self { role: Some("hub"), ..Self::default() }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Not allowed.
    Refused,
    /// Allowed, and went wrong.
    Failed,
}

impl Outcome {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// One thing that somebody did.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    pub(super) actor: &'a Actor,
    pub(super) action: &'static str,
    pub(super) practice: Option<PracticeId>,
    pub(super) client: Option<UserId>,
    pub(super) object: Option<(&'a str, Uuid)>,
    pub(super) outcome: Outcome,
    pub(super) emergency: bool,
    pub(super) detail: Value,
}

impl<'a> Event<'a> {
    /// `action` is a noun, a dot, and a past participle: `thread.viewed`.
    pub fn new(actor: &'a Actor, action: &'static str) -> Self {
        Self {
            actor,
            action,
            practice: actor.practice,
            client: None,
            object: None,
            outcome: Outcome::Done,
            emergency: false,
            detail: Value::Object(serde_json::Map::new()),
        }
    }

    /// In this practice, where the actor does not tell.
    pub fn in_practice(mut self, practice: PracticeId) -> Self {
        self.practice = Some(practice);
        self
    }

    /// Of this client's record.
    pub fn of_client(mut self, client: UserId) -> Self {
        self.client = Some(client);
        self
    }

    /// What it was done to: `("thread", id)`.
    pub fn on(mut self, kind: &'a str, id: impl Into<Uuid>) -> Self {
        self.object = Some((kind, id.into()));
        self
    }

    pub fn refused(mut self) -> Self {
        self.outcome = Outcome::Refused;
        self
    }

    pub fn failed(mut self) -> Self {
        self.outcome = Outcome::Failed;
        self
    }

    /// Under break-glass.
    pub fn emergency(mut self) -> Self {
        self.emergency = true;
        self
    }

    /// Codes, counts, names of fields: a JSON object.
    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}
