//! How a sign-in is answered, whichever way it was done: the cookie and tokens that the caller asked for, or the
//! question for a second factor. A page gets no token into its hands.

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
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(flatten)]
    access: Option<Access<'a>>,
    user: User<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Access<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct User<'a> {
    id: UserId,
    name: &'a str,
    role: Role,
    practice: &'a Practice,
}

#[derive(Serialize)]
struct Asked<'a> {
    mfa: Question<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    ticket: &'a str,
    methods: &'a [Method],
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
pub fn answer(config: &Config, step: &Step) -> HttpResponse {
    match step {
        Step::SignedIn(signed_in) => welcome(config, signed_in),
        Step::SecondFactor(challenge) => ask(challenge),
    }
}

/// To somebody who is in.
pub fn welcome(config: &Config, signed_in: &SignedIn) -> HttpResponse {
    let profile = &signed_in.profile;
    let mut response = HttpResponse::Ok();
    if let Some(cookie) = &signed_in.cookie {
        response.cookie(cookie::keep(config, cookie));
    }
    response.json(Answer {
        access: signed_in.access.as_ref().map(access),
        user: User { id: profile.id, name: &profile.name, role: profile.role, practice: &profile.practice },
    })
}

fn access(token: &Token) -> Access<'_> {
    Access { access_token: token.secret.expose_secret(), token_type: "Bearer", expires_at: token.expires_at }
}

fn ask(challenge: &Challenge) -> HttpResponse {
    let mfa = Question {
        ticket: challenge.ticket.expose_secret(),
        methods: &challenge.methods,
        expires_at: challenge.expires_at,
    };
    HttpResponse::Ok().json(Asked { mfa })
}
