//! Frames from the hub, borrowed from the text they came in. Owns their shape; must never copy a
//! body, because the generator shares its cores with what it measures.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use uuid::Uuid;

/// Any frame from the hub. One flat shape: what a type does not carry is absent.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Frame<'a> {
    /// `type`.
    #[serde(rename = "type", borrow)]
    pub name: Cow<'a, str>,
    pub id: Option<&'a str>,
    pub thread: Option<&'a str>,
    pub seq: Option<u64>,
    pub at: Option<&'a str>,
    #[serde(borrow)]
    pub body: Cow<'a, str>,
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    pub from: Option<Author<'a>>,
    /// Of an `escalation`.
    #[serde(borrow)]
    pub state: Cow<'a, str>,
    /// An id in `receipt`, `typing` and `presence`; an object in `welcome`.
    pub user: Option<&'a RawValue>,
    pub delivered: Option<u64>,
    pub read: Option<u64>,
    pub head: Option<u64>,
    pub unread: Option<u64>,
    #[serde(borrow)]
    pub code: Cow<'a, str>,
    #[serde(borrow)]
    pub message: Cow<'a, str>,
    pub retry_after_ms: Option<u64>,
    #[serde(rename = "ref", borrow)]
    pub reference: Cow<'a, str>,
    pub epoch: Option<&'a RawValue>,
    pub window: Option<WindowLimits>,
    pub limits: Option<Limits>,
    pub cursor: Option<&'a RawValue>,
    /// Summaries of a `synced`.
    pub threads: Option<&'a RawValue>,
    /// Entries of a `page`.
    pub entries: Option<&'a RawValue>,
    pub more: Option<bool>,
}

/// Who wrote an entry.
#[derive(Debug, Deserialize)]
pub struct Author<'a> {
    pub id: &'a str,
}

/// How much may be under way to a connection without being confirmed.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct WindowLimits {
    pub frames: u64,
    pub bytes: u64,
}

/// The limits a `welcome` tells.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Limits {
    pub sends_per_minute: Option<u64>,
}

/// A thread's summary, in `synced`.
#[derive(Debug, Deserialize)]
pub struct Summary {
    pub id: Uuid,
    pub head: u64,
    #[serde(default)]
    pub delivered: u64,
    #[serde(default)]
    pub read: u64,
    pub unread: Option<u64>,
}

/// An entry inside a `page`.
#[derive(Debug, Deserialize)]
pub struct PageEntry<'a> {
    pub seq: u64,
    pub id: Uuid,
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    pub from: Option<Author<'a>>,
    #[serde(borrow, default)]
    pub body: Cow<'a, str>,
    pub at: &'a str,
}

impl Frame<'_> {
    /// `thread`, as an id.
    pub fn thread_id(&self) -> Option<Uuid> {
        self.thread.and_then(|text| Uuid::try_parse(text).ok())
    }

    /// `id`, as an id.
    pub fn message_id(&self) -> Option<Uuid> {
        self.id.and_then(|text| Uuid::try_parse(text).ok())
    }

    /// `user`, where it is an id.
    pub fn user_id(&self) -> Option<Uuid> {
        let text = self.user?.get();
        Uuid::try_parse(text.strip_prefix('"')?.strip_suffix('"')?).ok()
    }

    /// The summaries of a `synced`.
    pub fn summaries(&self) -> Result<Vec<Summary>, serde_json::Error> {
        self.threads.map_or(Ok(Vec::new()), |raw| serde_json::from_str(raw.get()))
    }

    /// The entries of a `page`.
    pub fn page_entries(&self) -> Result<Vec<PageEntry<'_>>, serde_json::Error> {
        self.entries.map_or(Ok(Vec::new()), |raw| serde_json::from_str(raw.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_without_copying_its_body() {
        let text = r#"{"type":"entry","thread":"018f0000-0000-7000-8000-000000000001","seq":7,"id":"018f0000-0000-7000-8000-000000000002","kind":"message","from":{"id":"018f0000-0000-7000-8000-000000000003","name":"A","role":"client"},"body":"hello","priority":"normal","attachments":[],"replyTo":null,"at":"2026-01-02T03:04:05.678901Z","later":{"x":[1,2]}}"#;
        let frame: Frame<'_> = serde_json::from_str(text).unwrap();
        assert_eq!((&*frame.name, frame.seq, &*frame.kind), ("entry", Some(7), "message"));
        assert!(matches!(frame.body, Cow::Borrowed("hello")));
        assert!(frame.thread_id().is_some() && frame.message_id().is_some());
    }

    #[test]
    fn escapes_a_null_author_and_both_shapes_of_user_are_understood() {
        let entry: Frame<'_> = serde_json::from_str(r#"{"type":"entry","from":null,"body":"a\nb \u00e9"}"#).unwrap();
        assert_eq!(&*entry.body, "a\nb é");
        let welcome: Frame<'_> = serde_json::from_str(
            r#"{"type":"welcome","user":{"id":"x"},"window":{"frames":64,"bytes":9},"limits":{"sendsPerMinute":60}}"#,
        )
        .unwrap();
        assert!(welcome.user_id().is_none());
        assert_eq!(welcome.window.unwrap().frames, 64);
        let receipt: Frame<'_> = serde_json::from_str(
            r#"{"type":"receipt","user":"018f0000-0000-7000-8000-000000000003","delivered":4,"read":3}"#,
        )
        .unwrap();
        assert!(receipt.user_id().is_some());
    }

    #[test]
    fn synced_gives_its_summaries() {
        let frame: Frame<'_> = serde_json::from_str(r#"{"type":"synced","cursor":{"n":1},"threads":[{"id":"018f0000-0000-7000-8000-000000000001","head":5,"delivered":5,"read":2,"unread":3,"subject":"x"}]}"#).unwrap();
        assert_eq!(frame.summaries().unwrap()[0].head, 5);
        assert_eq!(frame.cursor.unwrap().get(), r#"{"n":1}"#);
    }
}
