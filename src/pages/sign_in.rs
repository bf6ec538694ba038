//! The way in and out. Works without script. Never says whether an account exists, never sends anybody to an address
//! outside of this program, never writes what was typed into an address or a log.

use super::{
    assets, second_step,
    shell::{Away, page, prefix},
};
use crate::{
    accounts::{
        Audience,
        http::logout,
        sign_in::{self, Attempt, Handover, SignedIn, Step},
    },
    app::Services,
    config::{Config, DemoAccount},
    db::Pool,
    error::{Error, Result},
    http::{cookie, detached, principal::MaybePrincipal, source::Source},
};
use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{HeaderName, LOCATION},
    },
    web,
};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    assets: &'static str,
    modules: &'static [String],
    demo: &'a [DemoAccount],
    clinician: bool,
    email: &'a str,
    /// Only ever a password of the demo that everybody may know.
    password: &'static str,
    next: Option<&'a str>,
    notice: Option<&'static str>,
    failure: Option<&'static str>,
}

/// How the sign-in page was reached.
#[derive(Deserialize)]
pub struct Arrival {
    door: Option<String>,
    next: Option<String>,
    /// The session ended by itself.
    ended: Option<String>,
    /// The person signed out.
    left: Option<String>,
    /// The second step came too late.
    late: Option<String>,
    /// How signing in elsewhere failed.
    provider: Option<String>,
    /// Somebody of the demo, chosen from the list: the form is filled in for them.
    chosen: Option<String>,
}

/// The form, as it was filled in.
#[derive(Deserialize)]
pub struct Filled {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    door: String,
    next: Option<String>,
}

const ENDED: &str = "You were signed out. What you were writing is kept: sign in to go on.";
const LEFT: &str = "You are signed out.";
const WRONG: &str = "This e-mail address and password do not open this door. Check both, and whether you sign in as a \
    client or at the practice. After several failures, signing in is paused for half an hour.";
const BUSY: &str = "Too many people are signing in at this moment. Wait a few seconds, then try again.";
const UNLINKED: &str =
    "That account elsewhere opens none here. Sign in with your password, then link it under Security.";
const PROVIDER: &str = "Signing in elsewhere did not work. Try again, or use your password.";
const AWAY: &str = "The other service does not answer at the moment. Try again later, or use your password.";
const LATE: &str = "That took too long, or was tried too often. Please start again.";
/// Caches and stores of this site are emptied when somebody leaves.
const CLEAR: (HeaderName, &str) = (HeaderName::from_static("clear-site-data"), r#""cache", "storage""#);

/// `GET /`
pub async fn home(who: MaybePrincipal) -> HttpResponse {
    who.0.map_or_else(|| Away::to("/sign-in"), |person| Away::home(&person)).error_response()
}

/// `GET /sign-in`
pub async fn show(who: MaybePrincipal, arrival: web::Query<Arrival>, services: web::Data<Services>) -> HttpResponse {
    if let Some(person) = who.0 {
        return Away::home(&person).error_response();
    }
    let notices = [(&arrival.ended, ENDED), (&arrival.left, LEFT), (&arrival.late, LATE)];
    let notice = notices.into_iter().find_map(|(given, words)| given.as_ref().map(|_| words));
    let failure = arrival.provider.as_deref().map(|why| match why {
        "unknown" => UNLINKED,
        "away" => AWAY,
        _ => PROVIDER,
    });
    let next = arrival.next.as_deref().filter(|address| is_own(address));
    let demo = services.config.demo_accounts.as_slice();
    let chosen = demo.iter().find(|account| Some(account.email) == arrival.chosen.as_deref());
    // Whoever was on a page of the practice is not asked again at which door.
    let clinician = chosen.map_or_else(
        || arrival.door.as_deref() == Some("clinician") || next.is_some_and(|address| address.starts_with("/ehr")),
        |account| account.works_for_practice,
    );
    let template = SignIn {
        assets: assets::base(),
        modules: assets::modules("entrance.js"),
        demo,
        clinician,
        email: chosen.map_or("", |account| account.email),
        password: chosen.map_or("", |account| account.password),
        next,
        notice,
        failure,
    };
    page(StatusCode::OK, &template)
}

/// `POST /sign-in`
pub async fn submit(
    filled: web::Form<Filled>,
    source: Source,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<HttpResponse> {
    let Filled { email, password, door, next } = filled.into_inner();
    let door = if door == "clinician" { Audience::Ehr } else { Audience::Portal };
    let next = next.filter(|address| is_own(address));
    let attempt = Attempt { email: email.clone(), password: SecretString::from(password), door };
    let (status, failure) = match attempt_to_the_end(attempt, source, pool, services.clone()).await {
        Ok(Step::SignedIn(signed_in)) => return Ok(go_on(&services.config, &signed_in, door, next)),
        Ok(Step::SecondFactor(challenge)) => {
            return Ok(second_step::ask(&challenge.ticket, &challenge.methods, door, next.as_deref()));
        }
        Err(Error::InvalidCredentials) => (StatusCode::UNAUTHORIZED, WRONG),
        Err(Error::Busy { .. } | Error::RateLimited { .. }) => (StatusCode::SERVICE_UNAVAILABLE, BUSY),
        Err(other) => return Err(other),
    };
    let template = SignIn {
        assets: assets::base(),
        modules: assets::modules("entrance.js"),
        demo: &services.config.demo_accounts,
        clinician: door == Audience::Ehr,
        email: &email,
        password: "",
        next: next.as_deref(),
        notice: None,
        failure: Some(failure),
    };
    Ok(page(status, &template))
}

/// To the page that somebody wanted, or to their first one.
pub(super) fn go_on(config: &Config, signed_in: &SignedIn, door: Audience, next: Option<String>) -> HttpResponse {
    let address = next.unwrap_or_else(|| format!("/{}", prefix(door)));
    let mut answer = HttpResponse::SeeOther();
    if let Some(cookie) = &signed_in.cookie {
        answer.cookie(cookie::keep(config, cookie));
    }
    answer.insert_header((LOCATION, address)).finish()
}

/// Going away in time must not spare anybody a failure.
async fn attempt_to_the_end(
    attempt: Attempt,
    source: Source,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Step> {
    detached::to_the_end(async move {
        sign_in::sign_in(&pool, services.means(), attempt, Handover::Cookie, &source.nobody()).await
    })
    .await
}

/// `POST /sign-out`
pub async fn leave(who: MaybePrincipal, pool: web::Data<Pool>, services: web::Data<Services>) -> Result<HttpResponse> {
    if let Some(person) = who.0 {
        logout::end(person.actor(), person.session_id, pool, services.clone()).await?;
    }
    Ok(HttpResponse::SeeOther()
        .cookie(cookie::clear(&services.config))
        .insert_header(CLEAR)
        .insert_header((LOCATION, "/sign-in?left=1"))
        .finish())
}

/// Whether an address is a page of this program behind one of its doors: a plain path, spelt without anything that a
/// browser might read as another host.
pub(super) fn is_own(path: &str) -> bool {
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_?=&".contains(c));
    let behind_door = ["/portal", "/ehr"]
        .iter()
        .any(|door| path.strip_prefix(door).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?'])));
    plain && (behind_door || path == "/notifications") && !path.contains("//")
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn only_pages_of_this_program_are_gone_on_to() {
        for own in [
            "/portal",
            "/ehr",
            "/ehr?filter=mine",
            "/portal/messages/01890a5d-ac96-774b-bcce-b302099a8057",
            "/notifications",
        ] {
            assert!(is_own(own), "{own}");
        }
        for foreign in [
            "",
            "/",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/portal.evil",
            "/ehr//evil",
            "/portal/%2f%2fevil",
            "/ehrx",
            "/portal\r\nX: y",
            "javascript:alert(1)",
        ] {
            assert!(!is_own(foreign), "{foreign}");
        }
    }
}
