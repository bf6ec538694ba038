//! Frames to the hub. Owns how they are written; the `send` frames of the hot path are glued from
//! ready-made pieces, everything else goes through serde.

use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Every request the generator makes, except the ready-made sends.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Request<'a> {
    Sync {
        cursor: Option<&'a RawValue>,
        have: &'a BTreeMap<Uuid, u64>,
    },
    Send {
        id: Uuid,
        thread: Uuid,
        body: &'a str,
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
    },
    Delivered {
        thread: Uuid,
        seq: u64,
    },
    Read {
        thread: Uuid,
        seq: u64,
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
    },
    Fetch {
        thread: Uuid,
        after: u64,
        limit: u64,
        #[serde(rename = "ref")]
        reference: &'a str,
    },
}

impl Request<'_> {
    /// The frame's text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("ids, numbers and strings always serialize")
    }
}

/// Makes the `send` frames of one thread whose bodies need no escaping.
pub struct SendFrames {
    before_id: String,
    before_body: String,
    after_body: String,
}

impl SendFrames {
    pub(super) fn new(before_id: String, before_body: String, after_body: String) -> Self {
        Self { before_id, before_body, after_body }
    }

    /// One frame. `body` must be free of quotes, backslashes and control characters.
    pub fn frame(&self, id: Uuid, body: &str) -> String {
        let length = self.before_id.len() + 36 + self.before_body.len() + body.len() + self.after_body.len();
        let mut text = String::with_capacity(length);
        text.push_str(&self.before_id);
        text.push_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
        text.push_str(&self.before_body);
        text.push_str(body);
        text.push_str(&self.after_body);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Dialect;

    #[test]
    fn a_ready_made_send_is_the_frame_serde_would_write() {
        let (id, thread) = (Uuid::now_v7(), Uuid::now_v7());
        let ready = Dialect::Carehub.send_frames(thread).frame(id, "hello");
        assert_eq!(ready, Request::Send { id, thread, body: "hello", reference: None }.to_json());
    }

    #[test]
    fn a_sync_carries_the_cursor_as_it_was_given() {
        let cursor = RawValue::from_string(r#"{"opaque":[1]}"#.into()).unwrap();
        let have = BTreeMap::from([(Uuid::nil(), 3)]);
        let text = Request::Sync { cursor: Some(&cursor), have: &have }.to_json();
        assert_eq!(
            text,
            r#"{"type":"sync","cursor":{"opaque":[1]},"have":{"00000000-0000-0000-0000-000000000000":3}}"#
        );
        let first = Request::Sync { cursor: None, have: &BTreeMap::new() }.to_json();
        assert_eq!(first, r#"{"type":"sync","cursor":null,"have":{}}"#);
    }
}
