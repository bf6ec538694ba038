//! How a sign-in is answered, whichever way it was done: the cookie and tokens that the caller asked for, or the
//! question for a second factor. A page gets no token into its hands.

use super::mfa::totp::BackupCodes;
use crate::{
    accounts::{
        Role,
        profile::Practice,
        sign_in::{Challenge, Handover, Method, SignedIn, Step, Token},
    },
    config::Config,
    http::cookie,
    ids::UserId,
};
use actix_web::{CustomizeResponder, HttpRequest, Responder, web};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

/// How far a sign-in came.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInAnswer)]
#[serde(untagged)]
pub enum Answer {
    Welcome(Box<Welcome>),
    Asked(Asked),
}

/// To somebody who is in. What is handed out beside the cookie is what the caller asked for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// Of the access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_expires_at: Option<DateTime<Utc>>,
    /// To somebody who has just enrolled; shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_codes: Option<Vec<String>>,
    user: User,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SignedInUser)]
struct User {
    id: UserId,
    name: String,
    role: Role,
    practice: Practice,
}

/// To somebody who owes a second factor.
#[derive(Serialize, ToSchema)]
pub struct Asked {
    mfa: Question,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Question {
    ticket: String,
    methods: Vec<Method>,
    /// There is none yet, and one is due before anything else.
    enrol: bool,
    expires_at: DateTime<Utc>,
}

/// What a caller is handed: what it asked for; where it did not say, browsers (which tell where a call comes from) get
/// the cookie alone.
pub fn handover(request: &HttpRequest, tokens: Option<bool>) -> Handover {
    let is_page = ["origin", "sec-fetch-site"].iter().any(|name| request.headers().contains_key(*name));
    match tokens {
        Some(true) => Handover::Tokens,
        Some(false) => Handover::Cookie,
        None if is_page => Handover::Cookie,
        None => Handover::CookieAndAccess,
    }
}

/// As far as it came.
pub fn answer(config: &Config, step: Step) -> CustomizeResponder<web::Json<Answer>> {
    match step {
        Step::SignedIn(signed_in) => {
            let (cookie, welcome) = parts(*signed_in);
            with_cookie(config, cookie, Answer::Welcome(Box::new(welcome)))
        }
        Step::SecondFactor(challenge) => with_cookie(config, None, Answer::Asked(Asked { mfa: question(challenge) })),
    }
}

/// To somebody who is in.
pub fn welcome(config: &Config, signed_in: SignedIn) -> CustomizeResponder<web::Json<Welcome>> {
    let (cookie, welcome) = parts(signed_in);
    with_cookie(config, cookie, welcome)
}

/// The same, with the codes of somebody who has just enrolled.
pub fn welcome_with(
    config: &Config,
    signed_in: SignedIn,
    codes: BackupCodes,
) -> CustomizeResponder<web::Json<Welcome>> {
    let (cookie, welcome) = parts(signed_in);
    with_cookie(config, cookie, Welcome { backup_codes: Some(codes.backup_codes), ..welcome })
}

fn with_cookie<T: Serialize>(
    config: &Config,
    secret: Option<SecretString>,
    content: T,
) -> CustomizeResponder<web::Json<T>> {
    let answer = web::Json(content).customize();
    match secret {
        Some(secret) => answer.add_cookie(&cookie::keep(config, &secret)),
        None => answer,
    }
}

fn parts(signed_in: SignedIn) -> (Option<SecretString>, Welcome) {
    let SignedIn { profile, cookie, access, refresh, .. } = signed_in;
    let shown = |token: &Token| token.secret.expose_secret().to_owned();
    let welcome = Welcome {
        access_token: access.as_ref().map(shown),
        token_type: access.as_ref().map(|_| "Bearer"),
        expires_at: access.map(|token| token.expires_at),
        refresh_token: refresh.as_ref().map(shown),
        refresh_token_expires_at: refresh.map(|token| token.expires_at),
        backup_codes: None,
        user: User { id: profile.id, name: profile.name, role: profile.role, practice: profile.practice },
    };
    (cookie, welcome)
}

fn question(challenge: Challenge) -> Question {
    Question {
        ticket: challenge.ticket.expose_secret().to_owned(),
        enrol: challenge.methods.is_empty(),
        methods: challenge.methods,
        expires_at: challenge.expires_at,
    }
}
