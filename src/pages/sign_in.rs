//! The way in and out. Works without script. Never says whether an account exists, never sends anybody to an address
//! outside of this program, never writes what was typed into an address or a log.

use super::{
    assets,
    shell::{Away, page},
};
use crate::http::principal::MaybePrincipal;
use actix_web::{HttpResponse, ResponseError, http::StatusCode, web};
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
pub async fn home(who: MaybePrincipal) -> HttpResponse {
    who.0.map_or_else(|| Away::to("/sign-in"), |person| Away::home(&person)).error_response()
}

/// `GET /sign-in`
pub async fn show(
    who: MaybePrincipal,
    arrival: web::Query<Arrival>,
    demo: Option<web::Data<DemoAccounts>>,
) -> Result<HttpResponse, Away> {
    if let Some(person) = who.0 {
        return Err(Away::home(&person));
    }
    let template = SignIn {
        assets: assets::base(),
        demo: accounts(demo.as_ref()),
        clinician: arrival.door.as_deref() == Some("clinician"),
        email: "",
        next: arrival.next.as_deref().filter(|path| is_own(path)),
        notice: arrival.ended.as_ref().map(|_| ENDED),
        failure: None,
    };
    Ok(page(StatusCode::OK, &template))
}

fn accounts(demo: Option<&web::Data<DemoAccounts>>) -> &[DemoAccount] {
    demo.map_or(&[], |demo| demo.0.as_slice())
}

/// Whether an address is a page of this program behind one of its doors: a plain path, spelt without anything that a
/// browser might read as another host.
fn is_own(path: &str) -> bool {
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_?=&".contains(c));
    let behind_door = ["/portal", "/ehr"]
        .iter()
        .any(|door| path.strip_prefix(door).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?'])));
    plain && behind_door && !path.contains("//")
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn only_pages_of_this_program_are_gone_on_to() {
        for own in ["/portal", "/ehr", "/ehr?filter=mine", "/portal/messages/01890a5d-ac96-774b-bcce-b302099a8057"] {
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
