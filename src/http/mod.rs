//! The kit that handlers are made of. Knows how HTTP is spoken here; knows no rule of any slice.
//!
//! - [`principal`]: who is calling, and at which door
//! - [`agent`]: a person or a program with an API key
//! - [`source`]: from where; [`rates`]: how often; [`operator`]: what only some addresses may reach
//! - [`cookie`]: the browser's session cookie
//! - [`origin`]: which pages are the hub's own, and the refusal of calls from foreign ones; [`cors`]: pages of other sites
//!   that may call
//! - [`headers`]: what every answer carries
//! - [`answer`]: answers that say by their type what they consist of; [`openapi`]: the description of the API
//! - [`json`]: reading bodies, paths and queries; [`idempotency`]: the id that a sender chose; [`when`]: instants and days
//! - [`upload`]: files that come in and go out
//! - [`page`]: limits and cursors of lists
//! - [`refusals`]: refusals that the web framework makes without words
//! - [`denials`]: who asked for what is not theirs, in the audit log
//! - [`panics`]: handlers that panic
//! - [`detached`]: work that goes on when its caller goes away; [`deadline`]: how long a call may take
//! - [`detached`]: work that goes on when its caller goes away; [`evenly`]: answers that take the same time
//! - [`trace`]: the span of a request
//! - [`health`]: whether this process lives and can serve

pub mod agent;
pub mod answer;
pub mod cookie;
pub mod cors;
pub mod deadline;
pub mod denials;
pub mod detached;
pub mod evenly;
pub mod headers;
pub mod health;
pub mod idempotency;
pub mod json;
pub mod openapi;
pub mod operator;
pub mod origin;
pub mod page;
pub mod panics;
pub mod principal;
pub mod rates;
pub mod refusals;
pub mod source;
pub mod trace;
pub mod upload;
pub mod when;
