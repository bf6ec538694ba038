//! The two wire languages the generator speaks: `carehub.v1` and, for the peer it is compared
//! with, socket.io. Owns how frames are written and read; must never decide when to send one.

mod frame;
mod outgoing;
mod socketio;

pub use frame::{Frame, PageEntry};
pub use outgoing::{Request, SendFrames};

use uuid::Uuid;

/// Which language a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The hub's own protocol.
    Carehub,
    /// engine.io 4 / socket.io 5 over WebSocket, as spoken by `peers/socketio`.
    SocketIo,
}

impl Dialect {
    /// Where the WebSocket lives, relative to `--url`.
    pub fn path(self) -> &'static str {
        match self {
            Dialect::Carehub => "/api/v1/ws",
            Dialect::SocketIo => "/socket.io/?EIO=4&transport=websocket",
        }
    }

    /// The subprotocol to offer.
    pub fn subprotocol(self) -> Option<&'static str> {
        match self {
            Dialect::Carehub => Some("carehub.v1"),
            Dialect::SocketIo => None,
        }
    }

    /// What the transport itself wants as an answer to this text.
    pub fn answer(self, text: &str) -> Option<&'static str> {
        (self == Dialect::SocketIo && text == "2").then_some("3")
    }

    /// Reads one text; `None` where it says nothing to us.
    pub fn parse(self, text: &str) -> Result<Option<Frame<'_>>, serde_json::Error> {
        match self {
            Dialect::Carehub => serde_json::from_str(text).map(Some),
            Dialect::SocketIo => socketio::parse(text),
        }
    }

    /// Whether each thread has its own gap-free `seq` (the peer has one sequence for all).
    pub fn numbers_threads(self) -> bool {
        self == Dialect::Carehub
    }

    /// The frame that says everything up to `seq` has arrived, where the language has one.
    pub fn delivered(self, thread: Uuid, seq: u64) -> Option<String> {
        (self == Dialect::Carehub).then(|| Request::Delivered { thread, seq }.to_json())
    }

    /// The frame that says everything up to `seq` was read.
    pub fn read(self, thread: Uuid, seq: u64) -> String {
        match self {
            Dialect::Carehub => Request::Read { thread, seq, reference: None }.to_json(),
            Dialect::SocketIo => socketio::event("read", &format!(r#"{{"thread":"{thread}","seq":{seq}}}"#)),
        }
    }

    /// What makes `send` frames for one thread.
    pub fn send_frames(self, thread: Uuid) -> SendFrames {
        match self {
            Dialect::Carehub => SendFrames::new(
                r#"{"type":"send","id":""#.into(),
                format!(r#"","thread":"{thread}","body":""#),
                r#""}"#.into(),
            ),
            Dialect::SocketIo => SendFrames::new(
                // The number before the bracket asks for an acknowledgement; the id inside it tells which.
                r#"420["send",{"id":""#.into(),
                format!(r#"","thread":"{thread}","body":""#),
                r#""}]"#.into(),
            ),
        }
    }

    /// The first frame of a connection, where the language wants one before anything is said.
    pub fn hello(self, user: Uuid, threads: &[Uuid]) -> Option<String> {
        (self == Dialect::SocketIo).then(|| socketio::connect(user, threads))
    }
}
