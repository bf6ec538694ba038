//! What the hub sends.

use crate::{
    accounts::Person,
    ids::{ConnectionId, EntryId, ThreadId, UserId},
    threads::model::{Entry, Marks, Summary},
};
use bytestring::ByteString;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

/// The text of a frame: `type` and `ref` before the fields of `fields`, which must serialise to an object.
pub fn frame(kind: &str, reference: Option<&str>, fields: &impl Serialize) -> ByteString {
    let mut text = Vec::with_capacity(512);
    text.extend_from_slice(b"{\"type\":\"");
    text.extend_from_slice(kind.as_bytes());
    text.push(b'"');
    if let Some(reference) = reference {
        text.extend_from_slice(b",\"ref\":");
        // Writing text into a vector cannot fail.
        let _ = serde_json::to_writer(&mut text, reference);
    }
    let before = text.len();
    if serde_json::to_writer(&mut text, fields).is_err() || text.get(before) != Some(&b'{') {
        text.truncate(before);
        text.extend_from_slice(b"{}");
    }
    if text.get(before + 1) == Some(&b'}') {
        text.remove(before);
    } else {
        text[before] = b',';
    }
    ByteString::try_from(text).unwrap_or_default()
}

/// `welcome`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome<'a> {
    pub connection: ConnectionId,
    pub user: &'a Person,
    pub server_time: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub epoch: Uuid,
    pub heartbeat_seconds: u64,
    pub window: WindowSize,
    pub limits: Limits,
}

/// `window` of `welcome`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WindowSize {
    pub frames: usize,
    pub bytes: usize,
}

/// `limits` of `welcome`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    pub frame_bytes: usize,
    pub body_characters: usize,
    pub sends_per_minute: u32,
}

/// `synced`.
#[derive(Serialize)]
pub struct Synced<'a> {
    pub cursor: &'a str,
    pub threads: &'a [Summary],
}

/// `sent`.
#[derive(Serialize)]
pub struct Sent {
    pub id: EntryId,
    pub thread: ThreadId,
    pub seq: i64,
    pub at: DateTime<Utc>,
}

/// `receipt`.
#[derive(Serialize)]
pub struct Receipt {
    pub thread: ThreadId,
    pub user: UserId,
    #[serde(flatten)]
    pub marks: Marks,
}

/// `typing`.
#[derive(Serialize)]
pub struct Typing {
    pub thread: ThreadId,
    pub user: UserId,
    pub on: bool,
}

/// `authExpiring`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthExpiring {
    pub expires_at: DateTime<Utc>,
}

/// A frame without fields.
#[derive(Serialize)]
pub struct Empty {}

/// The error codes of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Code {
    BadFrame,
    NotFound,
    Conflict,
    Invalid,
    TooLarge,
    RateLimited,
    Busy,
    ThreadClosed,
    Forbidden,
    Internal,
}

/// An `error` frame.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    pub code: Code,
    /// Safe to show; says what to do.
    pub message: std::borrow::Cow<'static, str>,
    /// Of a refused `send`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<EntryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// What colleagues wrote meanwhile (`conflict` after `basedOn`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
    /// Who has the emergency (`conflict` after `acknowledge`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<Box<serde_json::Value>>,
    #[serde(skip)]
    pub reference: Option<String>,
}

impl Refused {
    /// A refusal with a code and words.
    pub fn new(code: Code, message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            id: None,
            retry_after_ms: None,
            entries: Vec::new(),
            acknowledged_by: None,
            reference: None,
        }
    }

    /// Unknown, or not the caller's: both alike.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is no such thread, or it is not yours to see.")
    }

    /// Unknown, or not the caller's to take: both alike.
    pub fn no_escalation() -> Self {
        Self::new(Code::NotFound, "There is no such escalation.")
    }

    /// The hub cannot take it now.
    pub fn busy(retry_after: std::time::Duration) -> Self {
        let refused = Self::new(Code::Busy, "The hub cannot store this right now. Nothing is lost: send it again.");
        Self { retry_after_ms: Some(retry_after.as_millis() as u64), ..refused }
    }

    /// Too much in too short a time.
    pub fn rate_limited(retry_after: std::time::Duration) -> Self {
        let refused =
            Self::new(Code::RateLimited, "That was too much in a short time. Wait a moment, then send it again.");
        Self { retry_after_ms: Some(retry_after.as_millis().max(1) as u64), ..refused }
    }

    /// For this `send`.
    pub fn with_id(self, id: EntryId) -> Self {
        Self { id: Some(id), ..self }
    }

    /// In answer to this `ref`.
    pub fn with_reference(self, reference: Option<String>) -> Self {
        Self { reference, ..self }
    }

    /// The frame.
    pub fn frame(&self) -> ByteString {
        frame("error", self.reference.as_deref(), self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_carries_its_type_and_ref_before_its_fields() {
        assert_eq!(frame("pong", None, &Empty {}), r#"{"type":"pong"}"#);
        assert_eq!(frame("pong", Some("a\"b"), &Empty {}), r#"{"type":"pong","ref":"a\"b"}"#);
        let refused = Refused::new(Code::BadFrame, "no");
        assert_eq!(
            frame("error", Some("1"), &refused),
            r#"{"type":"error","ref":"1","code":"badFrame","message":"no"}"#
        );
    }
}
