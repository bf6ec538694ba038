//! What clients send. A frame that cannot be read gets `badFrame`, one whose content is refused `invalid`, `tooLarge`
//! or `notFound`; the connection stays in all cases.

use super::outbound::{Code, Refused};
use crate::{
    ids::{EntryId, EscalationId, ObjectId, ThreadId},
    threads::{
        attachments::NO_SUCH_FILE,
        entries::{MAX_PAGE, Range},
        model::{BodyError, MOST_ATTACHMENTS, Priority, Text, check_body_beside},
    },
};
use secrecy::SecretString;
use serde::Deserialize;
use std::{borrow::Cow, collections::HashMap};

const REF_CHARACTERS: usize = 64;
const CURSOR_CHARACTERS: usize = 200;
const HAVE_THREADS: usize = 1_000;
const DEFAULT_PAGE: i64 = 50;

/// A frame with the mark that its answer will carry.
#[derive(Debug)]
pub struct Request {
    pub reference: Option<String>,
    pub frame: Frame,
}

/// What a client asks for.
#[derive(Debug)]
pub enum Frame {
    Auth { token: SecretString },
    Sync { cursor: Option<String>, have: HashMap<ThreadId, i64> },
    Send(Send),
    Delivered { thread: ThreadId, seq: i64 },
    Read { thread: ThreadId, seq: i64 },
    Typing { thread: ThreadId, on: bool },
    Fetch { thread: ThreadId, range: Range, limit: i64 },
    Acknowledge { escalation: EscalationId },
    Ping,
}

/// A message to be sent.
#[derive(Debug)]
pub struct Send {
    pub id: EntryId,
    pub thread: ThreadId,
    pub body: Text,
    pub priority: Priority,
    pub reply_to: Option<EntryId>,
    pub attachments: Vec<ObjectId>,
    pub based_on: Option<i64>,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(rename = "ref", borrow, default)]
    reference: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct AuthFields {
    token: String,
}

#[derive(Deserialize)]
struct SyncFields {
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    have: Option<HashMap<String, i64>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SendFields {
    id: String,
    thread: String,
    body: String,
    #[serde(default)]
    priority: Option<String>,
    #[serde(default)]
    attachments: Option<Vec<String>>,
    #[serde(default)]
    reply_to: Option<String>,
    #[serde(default)]
    based_on: Option<i64>,
}

#[derive(Deserialize)]
struct MarkFields {
    thread: String,
    seq: i64,
}

#[derive(Deserialize)]
struct TypingFields {
    thread: String,
    on: bool,
}

#[derive(Deserialize)]
struct FetchFields {
    thread: String,
    #[serde(default)]
    before: Option<i64>,
    #[serde(default)]
    after: Option<i64>,
    #[serde(default)]
    limit: Option<i64>,
}

#[derive(Deserialize)]
struct AcknowledgeFields {
    escalation: String,
}

impl Request {
    /// Reads a text frame.
    ///
    /// # Errors
    /// The `error` frame to answer, with `ref` and `id` where these could be read.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        // serde would read a struct from an array too; the protocol knows objects only.
        if !text.trim_start().starts_with('{') {
            return Err(Refused::new(Code::BadFrame, "A frame is one JSON object."));
        }
        let head: Head<'_> = serde_json::from_str(text).map_err(|_| {
            Refused::new(Code::BadFrame, "This frame is not a JSON object with a `type`, each key once.")
        })?;
        let reference = head.reference.map(Cow::into_owned);
        if reference.as_ref().is_some_and(|r| r.chars().count() > REF_CHARACTERS) {
            return Err(Refused::new(Code::BadFrame, "`ref` is longer than 64 characters."));
        }
        match parse_fields(&head.kind, text) {
            Ok(frame) => Ok(Self { reference, frame }),
            Err(refused) => Err(refused.with_reference(reference)),
        }
    }
}

fn fields<'a, T: Deserialize<'a>>(text: &'a str, expected: &'static str) -> Result<T, Refused> {
    serde_json::from_str(text).map_err(|_| Refused::new(Code::BadFrame, expected))
}

fn parse_fields(kind: &str, text: &str) -> Result<Frame, Refused> {
    Ok(match kind {
        "auth" => Frame::Auth { token: fields::<AuthFields>(text, "`auth` needs `token`.")?.token.into() },
        "sync" => sync(fields(text, "`sync` takes `cursor` (text or null) and `have` ({thread: seq}).")?)?,
        "send" => Frame::Send(send(fields(text, "`send` needs `id`, `thread` and `body`, all text.")?)?),
        "delivered" | "read" => {
            let mark: MarkFields = fields(text, "A mark needs `thread` and `seq`.")?;
            let (thread, seq) = (thread(&mark.thread)?, mark.seq);
            if seq < 0 {
                return Err(Refused::new(Code::Invalid, "`seq` cannot be negative."));
            }
            if kind == "read" { Frame::Read { thread, seq } } else { Frame::Delivered { thread, seq } }
        }
        "typing" => {
            let typing: TypingFields = fields(text, "`typing` needs `thread` and `on` (true or false).")?;
            Frame::Typing { thread: thread(&typing.thread)?, on: typing.on }
        }
        "fetch" => fetch(&fields(text, "`fetch` needs `thread`; `before`, `after` and `limit` are numbers.")?)?,
        "acknowledge" => {
            let asked: AcknowledgeFields = fields(text, "`acknowledge` needs `escalation`.")?;
            let escalation = asked.escalation.parse().map_err(|_| Refused::no_escalation())?;
            Frame::Acknowledge { escalation }
        }
        "ping" => Frame::Ping,
        _ => return Err(Refused::new(Code::BadFrame, "This hub knows no frame of this `type`.")),
    })
}

/// An id that is no UUID names no thread.
fn thread(text: &str) -> Result<ThreadId, Refused> {
    text.parse().map_err(|_| Refused::not_found())
}

fn sync(fields: SyncFields) -> Result<Frame, Refused> {
    let have = fields.have.unwrap_or_default();
    if have.len() > HAVE_THREADS {
        return Err(Refused::new(Code::Invalid, "`have` names more than 1,000 threads."));
    }
    if fields.cursor.as_ref().is_some_and(|cursor| cursor.len() > CURSOR_CHARACTERS) {
        return Err(Refused::new(Code::Invalid, "`cursor` is not one that this hub gave."));
    }
    // A thread that cannot exist is passed over like one that is not the caller's.
    let have = have.into_iter().filter_map(|(id, seq)| Some((id.parse().ok()?, seq.max(0)))).collect();
    Ok(Frame::Sync { cursor: fields.cursor, have })
}

fn send(fields: SendFields) -> Result<Send, Refused> {
    let id: EntryId =
        fields.id.parse().map_err(|_| Refused::new(Code::Invalid, "`id` must be a UUID that the sender chose."))?;
    let refuse = |refused: Refused| refused.with_id(id);
    let thread = thread(&fields.thread).map_err(refuse)?;
    let priority = match fields.priority.as_deref() {
        None => Priority::Normal,
        Some(text) => Priority::parse(text)
            .ok_or_else(|| refuse(Refused::new(Code::Invalid, "`priority` is one of normal, urgent, emergency.")))?,
    };
    let attachments = fields.attachments.unwrap_or_default();
    if attachments.len() > MOST_ATTACHMENTS {
        return Err(refuse(Refused::new(Code::Invalid, "A message takes at most 10 attachments.")));
    }
    let attachments = attachments.iter().map(|id| id.parse().ok()).collect::<Option<Vec<ObjectId>>>();
    let attachments = attachments.ok_or_else(|| refuse(Refused::new(Code::Invalid, NO_SUCH_FILE)))?;
    check_body_beside(&fields.body, attachments.len()).map_err(|error| {
        let code = if error == BodyError::TooLong { Code::TooLarge } else { Code::Invalid };
        refuse(Refused::new(code, error.to_string()))
    })?;
    let reply_to = fields.reply_to.map(|text| text.parse()).transpose();
    let reply_to =
        reply_to.map_err(|_| refuse(Refused::new(Code::Invalid, "`replyTo` names no entry of this thread.")))?;
    Ok(Send { id, thread, body: Text(fields.body), priority, reply_to, attachments, based_on: fields.based_on })
}

fn fetch(fields: &FetchFields) -> Result<Frame, Refused> {
    let range = match (fields.before, fields.after) {
        (None, None) => Range::Newest,
        (Some(seq), None) => Range::Before(seq),
        (None, Some(seq)) => Range::After(seq),
        (Some(_), Some(_)) => return Err(Refused::new(Code::Invalid, "`fetch` takes `before` or `after`, not both.")),
    };
    let limit = fields.limit.unwrap_or(DEFAULT_PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Refused::new(Code::Invalid, "`limit` is a number from 1 to 200."));
    }
    Ok(Frame::Fetch { thread: thread(&fields.thread)?, range, limit })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Request::parse(text).expect_err("refused").code
    }

    #[test]
    fn what_is_no_object_with_a_known_type_is_a_bad_frame() {
        let deep = format!("{{\"type\":\"ping\",\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(Request::parse(&deep).is_ok() || code(&deep) == Code::BadFrame);
        for text in [
            "",
            "null",
            "[]",
            "[\"ping\",null]",
            "{",
            "{}",
            "{\"type\":1}",
            "{\"type\":\"nonsense\"}",
            "{\"type\":\"ping\",\"type\":\"ping\"}",
            "{\"type\":\"send\",\"id\":1}",
            "{\"type\":\"\\ud800\"}",
            "{\"type\":\"read\",\"thread\":\"x\",\"seq\":1e400}",
            "{\"type\":\"read\",\"thread\":\"x\",\"seq\":NaN}",
        ] {
            assert_eq!(code(text), Code::BadFrame, "{text}");
        }
    }

    #[test]
    fn refusals_of_a_send_carry_its_id_and_ref() {
        let id = uuid::Uuid::now_v7();
        let text = format!(r#"{{"type":"send","ref":"r1","id":"{id}","thread":"{id}","body":"   "}}"#);
        let refused = Request::parse(&text).expect_err("empty");
        assert_eq!(
            (refused.code, refused.id, refused.reference.as_deref()),
            (Code::Invalid, Some(EntryId(id)), Some("r1"))
        );
        let long = "é".repeat(8_001);
        let text = format!(r#"{{"type":"send","id":"{id}","thread":"{id}","body":"{long}"}}"#);
        assert_eq!(code(&text), Code::TooLarge);
        let just = "é".repeat(8_000);
        let text = format!(r#"{{"type":"send","id":"{id}","thread":"{id}","body":" {just} "}}"#);
        assert!(Request::parse(&text).is_ok());
    }

    #[test]
    fn a_thread_that_is_no_uuid_is_not_found() {
        assert_eq!(code(r#"{"type":"fetch","thread":"x"}"#), Code::NotFound);
    }
}
