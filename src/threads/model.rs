//! Entries, summaries and marks, in the shapes that clients see (PROTOCOL `entry`, `thread`). Knows no SQL.

use crate::{
    accounts::{Person, Role},
    error::Error,
    ids::{EntryId, ThreadId, UserId},
    objects::Described,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// Words that somebody wrote. Prints `…`, so that no log or panic can show them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, ToSchema)]
#[serde(transparent)]
pub struct Text(pub String);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// As stored and as sent.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads what `as_str` wrote.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

pub(crate) use words;

words! {
    /// What an entry is.
    Kind {
        /// Said by a person.
        Message = "message",
        /// Said by the hub.
        Notice = "notice",
        /// Among staff only; a client sees a notice without a body in its place.
        Note = "note",
        /// A new wording of the entry that it replies to.
        Correction = "correction",
        /// Takes back the entry that it replies to; the original stays in the record.
        Retraction = "retraction",
    }
}

words! {
    /// How soon somebody should look.
    #[derive(Default)]
    Priority { #[default] Normal = "normal", Urgent = "urgent", Emergency = "emergency", }
}

words! {
    /// Whether a thread takes messages.
    Status { Open = "open", Closed = "closed", }
}

/// An entry of a thread, stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    pub thread: ThreadId,
    pub seq: i64,
    pub id: EntryId,
    pub kind: Kind,
    /// None: the hub's own.
    pub from: Option<Person>,
    pub body: Text,
    pub priority: Priority,
    pub attachments: Vec<Described>,
    pub reply_to: Option<EntryId>,
    pub at: DateTime<Utc>,
}

impl Entry {
    /// What a viewer of this role gets: for a client, a note is a notice without a body or an author, so that the log
    /// has no gap.
    pub fn seen_by(self, role: Role) -> Self {
        if self.kind != Kind::Note || role.is_staff() {
            return self;
        }
        Self {
            kind: Kind::Notice,
            from: None,
            body: Text::default(),
            attachments: Vec::new(),
            priority: Priority::Normal,
            reply_to: None,
            ..self
        }
    }
}

/// How far one person has got in a thread. `read <= delivered`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Marks {
    pub delivered: i64,
    pub read: i64,
}

/// Somebody who takes part, with their marks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    #[serde(flatten)]
    pub marks: Marks,
}

/// A name to show beside an id.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Named {
    pub id: UserId,
    pub name: String,
}

/// A thread as one person sees it (PROTOCOL `thread`).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub id: ThreadId,
    pub subject: Text,
    pub client: Named,
    pub assignee: Option<Named>,
    pub status: Status,
    pub priority: Priority,
    pub head: i64,
    /// The viewer's own marks.
    #[serde(flatten)]
    pub marks: Marks,
    /// Messages by others above the viewer's read mark.
    pub unread: i64,
    pub last_entry_at: DateTime<Utc>,
    pub participants: Vec<Participant>,
    pub can_reply: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cannot_reply_because: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_entry: Option<Preview>,
}

/// The beginning of the newest entry that the viewer may see.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Preview {
    pub kind: Kind,
    pub from: Option<Person>,
    /// At most 120 characters.
    pub preview: Text,
    pub at: DateTime<Utc>,
}

/// Why somebody who sees a thread cannot write into it, in words for them.
pub fn cannot_reply_because(status: Status, takes_part: bool, assigned: bool, viewer: Role) -> Option<&'static str> {
    match (status, takes_part, viewer.is_staff()) {
        (Status::Open, false, _) if assigned => Some("A colleague looks after this thread. You can read it."),
        (Status::Closed, _, false) => Some("This conversation is closed. Start a new one to write to your practice."),
        (Status::Closed, _, true) => Some("This thread is closed. Reopen it to write."),
        (Status::Open, false, _) => Some("Claim this thread to answer it."),
        (Status::Open, true, _) => None,
    }
}

/// The most characters a body may have, after trimming.
pub const BODY_CHARACTERS: usize = 8_000;
/// The most characters a subject may have, after trimming.
pub const SUBJECT_CHARACTERS: usize = 200;

/// The most files of a message.
pub const MOST_ATTACHMENTS: usize = 10;

/// Whether a body can be sent that has so many files beside it.
pub fn check_body_beside(body: &str, attachments: usize) -> Result<(), BodyError> {
    match check_body(body) {
        Err(BodyError::Empty) if attachments > 0 => Ok(()),
        other => other,
    }
}

/// Whether a body can be sent; the answer is what to do about it.
pub fn check_body(body: &str) -> Result<(), BodyError> {
    let trimmed = body.trim();
    if trimmed.is_empty() {
        return Err(BodyError::Empty);
    }
    if trimmed.len() > BODY_CHARACTERS && trimmed.chars().count() > BODY_CHARACTERS {
        return Err(BodyError::TooLong);
    }
    Ok(())
}

/// Why a body cannot be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BodyError {
    #[error("Write something first: the message is empty.")]
    Empty,
    #[error("The message is longer than 8,000 characters. Split it in two.")]
    TooLong,
}

impl From<BodyError> for Error {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Empty => Self::field("/body", error.to_string()),
            BodyError::TooLong => Self::TooLarge(error.to_string()),
        }
    }
}

/// A subject as it is stored: trimmed, one line.
pub fn check_subject(subject: &str) -> Result<&str, SubjectError> {
    let trimmed = subject.trim();
    if trimmed.is_empty() {
        return Err(SubjectError::Empty);
    }
    if trimmed.len() > SUBJECT_CHARACTERS && trimmed.chars().count() > SUBJECT_CHARACTERS {
        return Err(SubjectError::TooLong);
    }
    if trimmed.chars().any(char::is_control) {
        return Err(SubjectError::SeveralLines);
    }
    Ok(trimmed)
}

/// Why a subject cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SubjectError {
    #[error("Give the conversation a subject.")]
    Empty,
    #[error("The subject is longer than 200 characters. Shorten it.")]
    TooLong,
    #[error("The subject must be a single line of text.")]
    SeveralLines,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_of_at_most_200_characters() {
        assert_eq!(check_subject("  Sleep  "), Ok("Sleep"));
        assert_eq!(check_subject(" \n "), Err(SubjectError::Empty));
        assert_eq!(check_subject(&"ä".repeat(200)), Ok("ä".repeat(200).as_str()));
        assert_eq!(check_subject(&"ä".repeat(201)), Err(SubjectError::TooLong));
        assert_eq!(check_subject("a\nb"), Err(SubjectError::SeveralLines));
    }
}
