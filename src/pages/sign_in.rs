//! The way in and out. Works without script. Never says whether an account exists, never sends anybody to an address
//! outside of this program, never writes what was typed into an address or a log.

use super::{assets, shell::{Away, page}};
use crate::http::principal::MaybePrincipal;
use actix_web::{HttpResponse, http::StatusCode, web};
use askama::Template;
use serde::Deserialize;

/// An account of the demo practice, shown on its sign-in page and nowhere else.
#[derive(Clone)]
pub struct DemoAccount {
    pub name: String,
    pub role: String,
    pub email: String,
    pub password: String,
}

/// Application data: the accounts to show. Empty except where the demo runs.
#[derive(Clone, Default)]
pub struct DemoAccounts(pub Vec<DemoAccount>);

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    assets: &'static str,
    demo: &'a [DemoAccount],
    clinician: bool,
    email: &'a str,
    next: Option<&'a str>,
    notice: Option<&'static str>,
    failure: Option<&'static str>,
}

/// How the sign-in page was reached.
#[derive(Deserialize)]
pub struct Arrival {
    door: Option<String>,
    next: Option<String>,
    ended: Option<String>,
}

const ENDED: &str = "You were signed out. What you were writing is kept: sign in to go on.";

/// `GET /`
pub async fn home(who: MaybePrincipal) -> Away {
    who.0.map_or_else(|| Away::to("/sign-in"), |person| Away::home(&person))
}
