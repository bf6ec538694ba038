//! One session per connection: who it is, what it was pushed, what it has confirmed, how fast it may talk. Lives
//! beside its socket but not in it: a socket that stalls cannot make its session deaf. No SQL.
//!
//! - [`link`]: what goes between a session and its socket
//! - [`actor`]: the session's life: signing in, heartbeat, events, its end
//! - [`requests`]: one function for each frame that a client may send
//! - [`acknowledge`]: taking charge of an emergency
//! - [`feed`]: per thread what was pushed and confirmed; the window (pure)
//! - [`catch_up`]: reading what a slow or returning client has missed
//! - [`told`]: how far the client knows others to be (pure)
//! - [`watched`]: whose presence it is told (pure)
//! - [`freshness`]: summaries as new as what was told
//! - [`flood`]: how many frames a connection may send

mod acknowledge;
mod actor;
mod catch_up;
mod feed;
mod flood;
mod freshness;
pub mod link;
mod requests;
mod sign_in;
mod told;
mod watched;

pub use actor::{Doorman, SessionActor, SessionParts};
