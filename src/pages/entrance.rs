//! The pages of people who are not signed in, beside the sign-in itself: registering, confirming an address, choosing
//! a new password, accepting an invitation. They hold no token: links carry theirs behind the `#`, which reaches no
//! server. Whoever they are shown to, they say the same.

use super::{assets, shell::page};
use actix_web::{HttpResponse, http::StatusCode, web};
use askama::Template;
use serde::Deserialize;

/// At which door somebody wants to come in: clients, where nothing is said.
#[derive(Deserialize)]
pub struct Door {
    door: Option<String>,
}

impl Door {
    fn prefix(&self) -> &'static str {
        if self.door.as_deref() == Some("clinician") { "ehr" } else { "portal" }
    }
}

macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident: $template:ident($path:tt);)+) => {$(
        #[derive(Template)]
        #[template(path = $path)]
        struct $template {
            assets: &'static str,
            modules: &'static [String],
            door: &'static str,
        }

        $(#[$doc])*
        pub async fn $name(arrival: web::Query<Door>) -> HttpResponse {
            let modules = assets::modules("entrance.js");
            page(StatusCode::OK, &$template { assets: assets::base(), modules, door: arrival.prefix() })
        }
    )+};
}

pages! {
    /// `GET /register`
    register: Register("entrance/register.html");
    /// `GET /verify-email`
    verify_email: VerifyEmail("entrance/verify_email.html");
    /// `GET /invitation`
    invitation: Invitation("entrance/invitation.html");
    /// `GET /forgot-password`
    forgot_password: ForgotPassword("entrance/forgot_password.html");
    /// `GET /reset-password`
    reset_password: ResetPassword("entrance/reset_password.html");
}
