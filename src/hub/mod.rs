//! The hub: sockets, sessions, mailboxes and the journal. Commands run from the socket to the store, events back:
//!
//! ```text
//! socket → session → mailbox → journal ═ one commit ═ PostgreSQL
//!    ↑        ↑          │  ↑       │
//!    └────────┴──roster──┘  └Settled┘
//! ```
//!
//! No part imports one to its left; what goes back goes through a recipient that came with the request.
//!
//! - [`wire`]: frames as text
//! - [`event`]: what travels between the parts
//! - [`journal`]: group commit
//! - [`reader`]: everything that the hub reads from the store
//! - [`roster`], [`presence`]: who is connected
//! - [`trail`]: what connections did, for the audit log
//! - [`mailbox`]: one actor per active thread: order, fan-out, marks, typing
//! - [`directory`]: thread → mailbox
//! - [`session`]: one actor per connection: who it is, what it was pushed and confirmed
//! - [`socket`]: the transport
//! - [`handle`]: the hub as the rest of Carehub sees it
//! - [`http`]: `GET /api/v1/ws`

pub mod directory;
pub mod event;
pub mod handle;
pub mod http;
pub mod journal;
pub mod mailbox;
pub mod presence;
pub mod reader;
pub mod roster;
pub mod session;
pub mod socket;
pub mod trail;
pub mod wire;

pub use event::{NewMessage, PostError, Posted};
pub use handle::Hub;
pub use presence::Presence;
