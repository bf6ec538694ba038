//! Who people are and how they sign in. Owns `practices`, `users`, `sign_in_sessions`,
//! `sign_in_tickets`, `refresh_tokens`, `one_time_tokens`, `client_demographics`, and what the folders below own.
//!
//! Invariants: a session that ended stays ended; an access token is worth nothing once its session ended; nothing here
//! tells whether an account exists.
//!
//! - [`model`]: roles, people, the identity of a caller
//! - [`permission`]: what roles allow
//! - [`access`]: who may see a client's record: the proof that functions which read one demand
//! - [`care`]: care teams; [`break_glass`]: emergency access
//! - [`api_keys`]: keys of other systems
//! - [`token`]: access tokens (JWT)
//! - [`password`]: what may be one, and hashing; [`credentials`]: giving somebody another one
//! - [`email`]: reading addresses; [`one_time`]: the tokens in links that are mailed
//! - [`admission`]: how clients and colleagues come to their accounts
//! - [`recovery`]: a forgotten password; [`change_password`]: one's own
//! - [`store`]: the SQL of signing in
//! - [`roster`]: the SQL of adding people, passwords and locks
//! - [`authenticate`]: from a credential to an [`Identity`]
//! - [`sign_in`]: from a proof of who somebody is to a session; [`lockout`]: counting failures
//! - [`second_factor`]: authenticator apps and backup codes; [`passkeys`]; [`external`]: identity providers
//! - [`lifetimes`]: how long everything lasts
//! - [`sessions`]: the sessions of one person, and their end; [`refresh`]: refresh tokens
//! - [`profile`]: a person with their practice; [`people`]: looking up clients and colleagues
//! - [`demographics`]: what clients say about themselves; [`settings`]: language and time zone
//! - [`users`]: users as administrators see and change them
//! - [`security_notice`]: telling somebody what happened to their account
//! - [`http`]: the calls

pub mod access;
pub mod admission;
pub mod api_keys;
pub mod authenticate;
pub mod break_glass;
pub mod care;
pub mod change_password;
pub mod credentials;
pub mod demographics;
pub mod email;
pub mod external;
pub mod http;
pub mod lifetimes;
pub mod lockout;
pub mod model;
pub mod one_time;
pub mod passkeys;
pub mod password;
pub mod people;
pub mod permission;
pub mod profile;
pub mod recovery;
pub mod refresh;
pub mod roster;
pub mod second_factor;
pub mod security_notice;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod store;
pub mod token;
pub mod users;

pub use model::{Audience, Identity, Person, Role};
pub use permission::Permission;
