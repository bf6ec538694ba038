//! What a browser takes along to an identity provider and back, so that nobody can hand it somebody else's return. Kept
//! by the browser alone, sealed: whoever only looks at a sign-in page makes the hub store nothing.

use crate::{
    accounts::Audience,
    ids::{SignInId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How long somebody may take there.
pub const LASTS: TimeDelta = TimeDelta::minutes(10);

/// One way there and back.
#[derive(Serialize, Deserialize)]
pub struct Journey {
    pub(super) provider: String,
    pub(super) door: String,
    /// Comes back in the address.
    pub(super) state: String,
    /// Comes back within what the provider signs.
    pub(super) nonce: String,
    /// Proves that who exchanges the code is who asked for it (PKCE).
    pub(super) verifier: String,
    /// To link an account; None: to sign in.
    pub link: Option<Link>,
    pub(super) expires_at: DateTime<Utc>,
}

/// Whose account is to be linked, while which session lives.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Link {
    pub user: UserId,
    pub session: SignInId,
}

impl Journey {
    /// Whether it leads back here, and in time.
    pub(super) fn leads_to(&self, provider: &str, door: Audience, now: DateTime<Utc>) -> bool {
        self.provider == provider && self.door == door.as_str() && now < self.expires_at
    }
}
