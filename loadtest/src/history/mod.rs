//! What happened in a run, as the clients saw it. Owns the record's shape and how it is taken and
//! kept; must never judge it (that is `check`).

mod file;
mod recorder;

pub use file::{read, write};
pub use recorder::{Book, Recorder};

use crate::clock::Nanos;
use crate::tokens::Role;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A whole run.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub header: Header,
    /// In the order of each device; devices interleave as they please.
    pub events: Vec<Event>,
    /// What the hub holds at the end.
    pub dumps: Vec<Dump>,
}

/// Who took part, and where. Everywhere else users and threads are indices into these.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Header {
    pub seed: u64,
    pub users: Vec<User>,
    pub threads: Vec<Thread>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    pub id: Uuid,
    pub role: Role,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Thread {
    pub id: Uuid,
    pub members: Vec<u32>,
}

/// One thing that one connection saw or did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    pub t: Nanos,
    pub user: u32,
    /// A user's one application, across its connections.
    pub device: u32,
    /// Counts through the device's connections.
    pub connection: u32,
    pub what: What,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    /// The device is to end up with everything of this thread after `seq`.
    Start {
        thread: u32,
        seq: u64,
    },
    /// The device left when the thread stood there, and owes nothing after it.
    Left {
        thread: u32,
        seq: u64,
    },
    /// It told the hub what it has of this thread.
    Resumed {
        thread: u32,
        have: u64,
    },
    /// It sent a message, perhaps again.
    Invoked {
        thread: u32,
        id: Uuid,
        body: u64,
    },
    Sent {
        thread: u32,
        id: Uuid,
        seq: u64,
        at: i64,
    },
    Refused {
        id: Uuid,
        code: String,
    },
    Pushed {
        thread: u32,
        entry: Entry,
    },
    /// It confirmed what it was shown.
    Marked {
        thread: u32,
        delivered: u64,
        read: u64,
    },
    Receipt {
        thread: u32,
        reader: Uuid,
        delivered: u64,
        read: u64,
    },
    Summary {
        thread: u32,
        head: u64,
        delivered: u64,
        read: u64,
        unread: Option<u64>,
        /// When it was asked for: what happened since need not be in it.
        asked: Nanos,
    },
    /// Any other frame about a thread.
    Other {
        thread: u32,
        frame: String,
    },
    /// A frame about a thread that this run does not know.
    Foreign {
        thread: Uuid,
        frame: String,
    },
    /// Somebody who has no part in the thread tried this; what came back, and how many frames
    /// about it reached those who have a part.
    Probed {
        thread: u32,
        request: String,
        answer: String,
        unknown: String,
        leaked: u32,
    },
}

/// One entry of a thread, pushed or fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub seq: u64,
    pub id: Uuid,
    pub from: Option<Uuid>,
    pub kind: Kind,
    /// The body's fingerprint.
    pub body: u64,
    /// Microseconds since 1970.
    pub at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    Message,
    Notice,
    Note,
    Correction,
    Retraction,
    Unknown,
}

/// A thread as one member fetched it after everything had settled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dump {
    pub thread: u32,
    pub user: u32,
    /// Entries up to here were there before the run and are not in `entries`.
    pub after: u64,
    pub entries: Vec<Entry>,
}

impl Dump {
    /// The last `seq` of the thread.
    pub fn head(&self) -> u64 {
        self.entries.last().map_or(self.after, |entry| entry.seq)
    }
}

impl From<&str> for Kind {
    fn from(text: &str) -> Self {
        match text {
            "message" => Kind::Message,
            "notice" => Kind::Notice,
            "note" => Kind::Note,
            "correction" => Kind::Correction,
            "retraction" => Kind::Retraction,
            _ => Kind::Unknown,
        }
    }
}
