//! From a credential to an [`Identity`]. The only place where one is made.

use super::{
    model::{Audience, Identity, Role},
    store::{self, LiveSession},
    token::Tokens,
};
use crate::{clock::Clock, crypto::secret};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use secrecy::SecretString;

/// A credential that was presented.
pub enum Credential {
    /// An access token.
    Bearer(SecretString),
    /// A browser's session cookie.
    Cookie(SecretString),
}

/// Why nobody was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unrecognised {
    /// Bad, expired, revoked.
    #[error("the credential is not good")]
    Refused,
    /// Could not be judged.
    #[error("the store is away")]
    Away,
}

impl From<diesel::result::Error> for Unrecognised {
    fn from(_: diesel::result::Error) -> Self {
        Self::Away
    }
}

/// A caller, and the session behind the credential.
#[derive(Clone, Debug)]
pub struct Recognised {
    pub identity: Identity,
    /// When the session ends whatever happens.
    pub session_expires_at: DateTime<Utc>,
    /// When it ends unless its user does something; None: never for that reason.
    pub idle_expires_at: Option<DateTime<Utc>>,
    /// Activity was last noted long enough ago to be noted again.
    pub activity_due: bool,
    /// The person showed a factor a moment ago: they may change passwords, factors and addresses.
    pub is_recent: bool,
}

/// Recognises the caller.
pub async fn identify(
    conn: &mut AsyncPgConnection,
    tokens: &Tokens,
    clock: &Clock,
    credential: &Credential,
) -> Result<Identity, Unrecognised> {
    Ok(recognise(conn, tokens, clock, credential).await?.identity)
}

/// Recognises the caller and tells of the session.
pub async fn recognise(
    conn: &mut AsyncPgConnection,
    tokens: &Tokens,
    clock: &Clock,
    credential: &Credential,
) -> Result<Recognised, Unrecognised> {
    match credential {
        Credential::Bearer(token) => {
            let claims = tokens.verify(token, clock.now()).ok_or(Unrecognised::Refused)?;
            let session = store::find_live_session(conn, claims.sid).await?.ok_or(Unrecognised::Refused)?;
            let mut recognised = recognised(session)?;
            let identity = &mut recognised.identity;
            if identity.user != claims.sub || identity.role != claims.role {
                return Err(Unrecognised::Refused);
            }
            identity.expires_at = identity.expires_at.min(claims.expires_at());
            Ok(recognised)
        }
        Credential::Cookie(cookie) => {
            let session = store::find_live_session_by_cookie(conn, &secret::digest(cookie)).await?;
            recognised(session.ok_or(Unrecognised::Refused)?)
        }
    }
}

fn recognised(session: LiveSession) -> Result<Recognised, Unrecognised> {
    let role = Role::parse(&session.role).ok_or(Unrecognised::Refused)?;
    if Audience::parse(&session.audience) != Some(role.audience()) {
        return Err(Unrecognised::Refused);
    }
    let identity = Identity {
        user: session.user_id,
        practice: session.practice_id,
        role,
        name: session.name,
        language: session.language,
        shows_presence: session.shows_presence,
        sign_in: session.sign_in,
        expires_at: session.expires_at,
        sends_per_minute: session.sends_per_minute.and_then(|n| u32::try_from(n).ok()),
    };
    Ok(Recognised {
        identity,
        session_expires_at: session.expires_at,
        idle_expires_at: session.idle_expires_at,
        activity_due: session.activity_due,
        is_recent: session.is_recent,
    })
}
