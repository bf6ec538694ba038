//! The session of somebody who is let in, and what the caller is handed for it: a cookie, tokens, or both.

use super::{alert, second_factor::Method, verified::Proof};
use crate::{
    accounts::{
        Role, lifetimes, lockout,
        profile::{self, Profile},
        refresh,
        store::{self, NewSession, SignInRecord},
        token::Tokens,
    },
    audit::{self, Actor, Event},
    clock::Clock,
    crypto::{Keyring, secret},
    error::{Error, Result},
    ids::SignInId,
};
use chrono::{DateTime, SubsecRound, Utc};
use diesel_async::AsyncPgConnection;
use secrecy::SecretString;
use serde_json::json;

/// What signing in works with.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    pub tokens: &'a Tokens,
    pub clock: &'a Clock,
    pub keyring: &'a Keyring,
    /// Those who work for the practice come in with two factors only.
    pub staff_need_second_factor: bool,
}

impl Means<'_> {
    /// Whether somebody of this role comes in with two factors only.
    pub fn need_second_factor(&self, role: Role) -> bool {
        self.staff_need_second_factor && role.is_staff()
    }
}

/// What the caller wants to be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handover {
    /// A page: the cookie alone, so that no script ever sees a token.
    Cookie,
    /// A program that did not say: the cookie, and an access token.
    CookieAndAccess,
    /// A program that keeps itself signed in: access and refresh tokens, no cookie.
    Tokens,
}

impl Handover {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::CookieAndAccess => "cookieAndAccess",
            Self::Tokens => "tokens",
        }
    }

    /// Reads what [`Handover::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Cookie, Self::CookieAndAccess, Self::Tokens].into_iter().find(|handover| handover.as_str() == text)
    }
}

/// A secret that is handed out, and its end.
pub struct Token {
    pub secret: SecretString,
    pub expires_at: DateTime<Utc>,
}

/// A session that has begun.
pub struct SignedIn {
    pub sign_in: SignInId,
    pub profile: Profile,
    /// For a browser; stored only as a digest.
    pub cookie: Option<SecretString>,
    pub access: Option<Token>,
    pub refresh: Option<Token>,
}

/// Begins a session. The caller holds the lock of the user's row and has judged it.
pub(super) async fn begin_session(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    user: &SignInRecord,
    proof: Proof,
    second: Option<Method>,
    handover: Handover,
    from: &Actor,
) -> Result<SignedIn> {
    let (role, door) = user.role().zip(user.audience()).ok_or(Error::InvalidCredentials)?;
    let profile = profile::find_profile(conn, user.id).await?.ok_or(Error::InvalidCredentials)?;
    lockout::forget_failures(conn, user.id).await?;
    let (sign_in, now) = (SignInId::new(), means.clock.now());
    // As precise as the store: what is told here is told the same ever after.
    let expires_at = (now + lifetimes::session(door)).trunc_subsecs(6);
    let cookie = if handover == Handover::Tokens { None } else { Some(secret::random()?) };
    let session = NewSession {
        id: sign_in,
        user_id: user.id,
        audience: door.as_str(),
        cookie_hash: cookie.as_ref().map(secret::digest),
        expires_at,
        idle_seconds: i32::try_from(lifetimes::IDLE.num_seconds()).ok(),
        address: from.address,
        user_agent: from.user_agent.as_deref(),
    };
    store::insert_session(conn, &session).await?;
    let access = match handover {
        Handover::Cookie => None,
        _ => Some(refresh::access(means, user.id, role, sign_in, expires_at)?),
    };
    let refresh = match handover {
        Handover::Tokens => Some(refresh::issue(conn, sign_in, expires_at).await?),
        _ => None,
    };
    alert::tell(conn, means, user, sign_in, from).await?;
    let actor = Actor {
        user: Some(user.id),
        practice: Some(user.practice_id),
        role: Some(role.as_str()),
        sign_in: Some(sign_in),
        ..from.clone()
    };
    let detail = json!({ "proof": proof.as_str(), "second": second.map(Method::as_str) });
    let mut event = Event::new(&actor, "session.begun").on("session", sign_in).with(detail);
    if user.is_client() {
        event = event.of_client(user.id);
    }
    audit::record(conn, event).await?;
    Ok(SignedIn { sign_in, profile, cookie, access, refresh })
}
