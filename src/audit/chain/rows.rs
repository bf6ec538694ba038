//! The bytes of a row. PostgreSQL's own binary form of the whole row (`record_send`: each column with its type and
//! length) leaves no two rows with the same bytes, and is the same in every session and version.

use aws_lc_rs::digest::{SHA256, digest};

/// So many bytes of a row's SHA-256 stand in its block.
pub const DIGEST_BYTES: usize = 16;

/// A table under the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    Events,
    Entries,
}

macro_rules! event_bytes {
    () => {
        "record_send(ROW(tick, id, at, practice_id, actor_id, actor_role, sign_in_id, client_id, action, object_kind, \
         object_id, outcome, emergency, address, user_agent, detail))"
    };
}

macro_rules! entry_bytes {
    () => {
        "record_send(ROW(tick, thread_id, seq, id, sender_id, kind, priority, sealed, reply_to, at))"
    };
}

impl Source {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Events, Self::Entries];

    /// One row and column: the digests of the rows of ticks `$1` up to `$2`, one after another.
    pub fn digests(self) -> &'static str {
        match self {
            Self::Events => concat!(
                "SELECT COALESCE(string_agg(substring(sha256(",
                event_bytes!(),
                ") FOR 16), '' ORDER BY tick, id), '') AS digests FROM audit_events WHERE tick >= $1 AND tick < $2"
            ),
            Self::Entries => concat!(
                "SELECT COALESCE(string_agg(substring(sha256(",
                entry_bytes!(),
                ") FOR 16), '' ORDER BY tick, thread_id, seq), '') AS digests FROM entries WHERE tick >= $1 AND tick < $2"
            ),
        }
    }

    /// The rows themselves, in the same order, each with its name.
    pub fn rows(self) -> &'static str {
        match self {
            Self::Events => concat!(
                "SELECT id, 0::bigint AS seq, at, ",
                event_bytes!(),
                " AS bytes FROM audit_events WHERE tick >= $1 AND tick < $2 ORDER BY tick, id"
            ),
            Self::Entries => concat!(
                "SELECT thread_id AS id, seq, at, ",
                entry_bytes!(),
                " AS bytes FROM entries WHERE tick >= $1 AND tick < $2 ORDER BY tick, thread_id, seq"
            ),
        }
    }
}

/// The digest of a row's bytes.
pub fn digest_of(bytes: &[u8]) -> [u8; DIGEST_BYTES] {
    let mut short = [0; DIGEST_BYTES];
    short.copy_from_slice(&digest(&SHA256, bytes).as_ref()[..DIGEST_BYTES]);
    short
}
