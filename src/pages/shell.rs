//! The frame around every page of somebody signed in, and who is sent where instead. Never serves a page of one door
//! to a person of the other, and never lets a page be kept by a browser or proxy.

use super::{assets, help::Help, places};
use crate::{
    accounts::{Audience, Permission, Role},
    app::Services,
    http::principal::{MaybePrincipal, Principal},
    language::is_spanish,
};
use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, LOCATION},
    },
    web,
};
use askama::Template;
use std::fmt;

/// What every template of this frame needs.
pub struct Shell {
    /// `portal` or `ehr`: the first part of its addresses.
    pub door: &'static str,
    /// The script of this page.
    pub script: &'static str,
    /// Where else this person can go.
    pub places: Vec<places::Place>,
    /// The pages beside this one.
    pub beside: Vec<places::Place>,
    role: Role,
    pub user_id: String,
    pub user_name: String,
    pub user_role: &'static str,
    /// ISO 639-1.
    pub user_language: String,
    /// Whom a client in danger turns to; none behind the practice's door.
    pub help: Option<Help>,
}

impl Shell {
    /// Lets a person in at a door, or says where to go.
    pub fn enter(door: Audience, who: MaybePrincipal, request: &HttpRequest) -> Result<Self, Away> {
        let Some(person) = who.0 else { return Err(Away::to_sign_in(door, request)) };
        if person.role.audience() != door {
            return Err(Away::home(&person));
        }
        let path = request.path();
        let language = spoken(door, &person.identity().language);
        let services = request.app_data::<web::Data<Services>>().filter(|_| door == Audience::Portal);
        Ok(Self {
            help: services.map(|services| Help::to(&person, services)),
            door: prefix(door),
            script: if door == Audience::Portal { "portal.js" } else { "ehr.js" },
            places: places::main(person.role, language, path),
            beside: places::beside(person.role, language, path),
            role: person.role,
            user_id: person.user_id.to_string(),
            user_role: person.role.as_str(),
            user_language: person.identity().language.clone(),
            user_name: person.name,
        })
    }

    /// The same frame with another script in it.
    pub fn running(self, script: &'static str) -> Self {
        Self { script, ..self }
    }

    /// Lets in whom their role grants it; everybody else is shown their own first page.
    pub fn require(self, permission: Permission) -> Result<Self, Away> {
        if self.role.grants(permission) { Ok(self) } else { Err(Away(format!("/{}", self.door))) }
    }

    /// Whether this person's role grants something that only part of a page is about.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.grants(permission)
    }

    /// One of two wordings: Spanish for a client who reads it. The practice's pages are in English.
    pub fn say(&self, english: &'static str, spanish: &'static str) -> &'static str {
        if self.spoken() == "es" { spanish } else { english }
    }

    /// The language of [`Shell::say`].
    pub fn spoken(&self) -> &'static str {
        spoken(self.role.audience(), &self.user_language)
    }

    /// All script modules of this page, to be fetched at once.
    pub fn modules(&self) -> &'static [String] {
        assets::modules(self.script)
    }
}

/// In which language a page speaks to somebody: clients' in theirs, where that is one of the two.
fn spoken(door: Audience, language: &str) -> &'static str {
    if door == Audience::Portal && is_spanish(language) { "es" } else { "en" }
}

/// Not this page but another: answered 303.
#[derive(Debug)]
pub struct Away(String);

impl Away {
    /// To a person's own first page.
    pub fn home(person: &Principal) -> Self {
        Self(format!("/{}", prefix(person.role.audience())))
    }

    /// To an address of this program.
    pub fn to(address: impl Into<String>) -> Self {
        Self(address.into())
    }

    fn to_sign_in(door: Audience, request: &HttpRequest) -> Self {
        let who = if door == Audience::Ehr { "clinician" } else { "client" };
        let next = request.uri().path_and_query().map_or("/", |address| address.as_str());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("door", who)
            .append_pair("next", next)
            .finish();
        Self(format!("/sign-in?{query}"))
    }
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("elsewhere")
    }
}

impl ResponseError for Away {
    fn status_code(&self) -> StatusCode {
        StatusCode::SEE_OTHER
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::SeeOther()
            .insert_header((LOCATION, self.0.as_str()))
            .insert_header((CACHE_CONTROL, "no-store"))
            .finish()
    }
}

/// `GET /notifications`: whoever's they are, behind their own door; the address that notices carry.
pub async fn notices(who: MaybePrincipal, request: HttpRequest) -> HttpResponse {
    match who.0 {
        Some(person) => Away(format!("/{}/notifications", prefix(person.role.audience()))),
        None => Away::to_sign_in(Audience::Portal, &request),
    }
    .error_response()
}

/// Pages that are a template in the frame, for those whose role grants what stands behind the script.
macro_rules! framed {
    ($($(#[$doc:meta])* $name:ident: $template:ident($path:tt), $door:ident, $script:literal $(, $permission:ident)?;)+) => {$(
        #[derive(askama::Template)]
        #[template(path = $path)]
        struct $template {
            assets: &'static str,
            shell: Shell,
        }

        $(#[$doc])*
        pub async fn $name(
            request: actix_web::HttpRequest,
            who: $crate::http::principal::MaybePrincipal,
        ) -> Result<actix_web::HttpResponse, Away> {
            let shell = Shell::enter($crate::accounts::Audience::$door, who, &request)?.running($script);
            $(let shell = shell.require($crate::accounts::Permission::$permission)?;)?
            Ok(page(actix_web::http::StatusCode::OK, &$template { assets: assets::base(), shell }))
        }
    )+};
}
pub(super) use framed;

/// A page, never to be kept by the browser.
pub fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(html) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(html),
        Err(error) => crate::error::Error::Internal(error.into()).error_response(),
    }
}

/// The first part of the addresses behind a door.
pub fn prefix(door: Audience) -> &'static str {
    match door {
        Audience::Portal => "portal",
        Audience::Ehr => "ehr",
    }
}
