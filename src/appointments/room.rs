//! Where one meets over video: a link of the clinician's own, or a room of the configured Jitsi, opened by a token that is
//! good for this room, this time and this person. For the two parties of the appointment and nobody else, from ten minutes
//! before it begins until it ends.

use super::{
    access::Appointment,
    state::{Mode, State},
};
use crate::{
    accounts::Identity,
    config::JitsiSettings,
    error::{Error, Result},
};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret;
use serde::Serialize;
use url::Url;

/// So long before it begins one may join.
pub const EARLY: TimeDelta = TimeDelta::minutes(10);
const LINK_CHARACTERS: usize = 500;

/// What a Jitsi server wants to know of somebody at its door. It learns no name: people say who they are themselves.
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    room: &'a str,
    nbf: i64,
    exp: i64,
    context: Context<'a>,
}

#[derive(Serialize)]
struct Context<'a> {
    user: User<'a>,
}

#[derive(Serialize)]
struct User<'a> {
    id: &'a str,
    moderator: bool,
}

/// The address at which this person joins.
///
/// # Errors
/// `NotFound` for anybody but its two parties; `Conflict` where it is not over video, not confirmed, or not the time.
pub fn join(
    jitsi: Option<&JitsiSettings>,
    link: Option<&str>,
    of: &Appointment,
    who: &Identity,
    now: DateTime<Utc>,
) -> Result<String> {
    if ![of.client, of.clinician].contains(&who.user) {
        return Err(Error::NotFound);
    }
    if of.mode != Mode::Video {
        return Err(Error::conflict("This appointment is not over video."));
    }
    if !matches!(of.state, State::Confirmed | State::CheckedIn) {
        return Err(Error::conflict("This appointment is not confirmed."));
    }
    if now < of.during.from - EARLY {
        return Err(Error::conflict("You can join from ten minutes before the appointment begins."));
    }
    if now >= of.during.until {
        return Err(Error::conflict("This appointment is over."));
    }
    match (link, jitsi) {
        (Some(link), _) => Ok(link.to_owned()),
        (None, Some(jitsi)) => room(jitsi, of, who),
        (None, None) => Err(Error::conflict("The practice has not set up a place to meet yet. Please call.")),
    }
}

fn room(jitsi: &JitsiSettings, of: &Appointment, who: &Identity) -> Result<String> {
    let name = of.room.simple().to_string();
    let user = who.user.to_string();
    let claims = Claims {
        aud: "jitsi",
        iss: &jitsi.app_id,
        sub: jitsi.url.host_str().unwrap_or_default(),
        room: &name,
        nbf: (of.during.from - EARLY).timestamp(),
        exp: of.during.until.timestamp(),
        context: Context { user: User { id: &user, moderator: who.user == of.clinician } },
    };
    let key = EncodingKey::from_secret(jitsi.app_secret.expose_secret().as_bytes());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(anyhow::Error::from)?;
    let mut address = jitsi.url.join(&name).map_err(anyhow::Error::from)?;
    address.query_pairs_mut().append_pair("jwt", &token);
    Ok(address.into())
}

/// A clinician's own link: a page of everybody's internet over TLS.
///
/// # Errors
/// `Invalid`.
pub fn check_link(text: &str) -> Result<Option<String>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let refused = || Error::field("/roomUrl", "Write the whole link, such as https://video.example.org/my-room.");
    let link = Url::parse(text).ok().filter(|link| link.scheme() == "https" && text.len() <= LINK_CHARACTERS);
    let link = link.ok_or_else(refused)?;
    let public = match link.host() {
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.contains('.')
                && !name.ends_with(".localhost")
                && !name.ends_with(".local")
                && !name.ends_with(".internal")
        }
        _ => false,
    };
    let plain = link.username().is_empty() && link.password().is_none();
    if public && plain { Ok(Some(link.into())) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_page_of_everybodys_internet() {
        assert_eq!(check_link(" https://meet.example.org/a ").unwrap().as_deref(), Some("https://meet.example.org/a"));
        assert_eq!(check_link("  ").unwrap(), None);
        for bad in [
            "http://meet.example.org/a",
            "https://127.0.0.1/a",
            "https://169.254.169.254/latest",
            "https://[::1]/",
            "https://localhost/a",
            "https://a.localhost./",
            "https://printer.local/",
            "https://user:word@meet.example.org/",
            "javascript:alert(1)",
            "meet",
        ] {
            assert!(check_link(bad).is_err(), "{bad}");
        }
    }
}
