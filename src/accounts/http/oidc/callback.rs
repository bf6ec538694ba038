//! `GET {door}/auth/oidc/{provider}/callback`: somebody comes back from a provider, to sign in or to link their account.
//!
//! The answer is a page that goes on by itself. A redirect would still count as coming from the provider's site, and
//! browsers would not send the session's cookie (`SameSite=Strict`) along.

use super::{callback_of, find, journey_cookie, sign_in_page};
use crate::{
    accounts::{
        Audience,
        external::{
            Refusal,
            flow::{self, Returned, Subject},
            identity,
            journey::Link,
        },
        http::door::At,
        second_factor::change,
        sign_in::{self, Handover, Proof, Step, Verified},
        store,
    },
    app::Services,
    audit::Actor,
    db::Pool,
    error::{Error, Result},
    http::{answer::GoesOn, cookie, detached, source::Source},
    notify::mail::SecurityNotice,
};
use actix_web::{CustomizeResponder, HttpRequest, Responder, web};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use secrecy::{ExposeSecret, SecretString};

/// Where a browser goes on, and with which session.
struct Onward {
    address: String,
    cookie: Option<SecretString>,
}

/// At the door of `D`.
pub async fn callback<D: At>(
    provider: web::Path<String>,
    returned: web::Query<Returned>,
    request: HttpRequest,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<CustomizeResponder<GoesOn>> {
    let provider = find(&services, &provider)?;
    let callback = callback_of::<D>(&services, &request, provider)?;
    let journey = journey_cookie::read(&services, &request);
    let link = journey.as_ref().and_then(|journey| journey.link);
    let http = services.identity_providers.http();
    let who = flow::finish(provider, http, &services.clock, callback, D::DOOR, journey, returned.into_inner()).await;
    let (from, shared) = (Source::of(&request).nobody(), services.clone());
    let onward = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        match (who, link) {
            (Err(refusal), _) => refused(&mut conn, &from, D::DOOR, refusal).await,
            (Ok(who), None) => sign_in(&mut conn, &shared, &from, D::DOOR, &who).await,
            (Ok(who), Some(link)) => join(&mut conn, &shared, &from, D::DOOR, &who, link).await,
        }
    })
    .await?;
    let page = GoesOn(onward.address).customize().add_cookie(&journey_cookie::clear(&services));
    Ok(match onward.cookie {
        Some(secret) => page.add_cookie(&cookie::keep(&services.config, &secret)),
        None => page,
    })
}

fn prefix(door: Audience) -> &'static str {
    match door {
        Audience::Portal => "/portal",
        Audience::Ehr => "/ehr",
    }
}

/// Back to the sign-in page, which says why.
fn back(door: Audience, why: &str) -> Onward {
    Onward { address: sign_in_page(door, why), cookie: None }
}

async fn refused(conn: &mut AsyncPgConnection, from: &Actor, door: Audience, refusal: Refusal) -> Result<Onward> {
    sign_in::record_unknown(conn, from, refusal.as_str()).await?;
    Ok(back(door, if refusal == Refusal::Away { "away" } else { "refused" }))
}

async fn sign_in(
    conn: &mut AsyncPgConnection,
    services: &Services,
    from: &Actor,
    door: Audience,
    who: &Subject,
) -> Result<Onward> {
    let Some(user) = identity::find(conn, who, door).await? else {
        sign_in::record_unknown(conn, from, "identityUnknown").await?;
        return Ok(back(door, "unknown"));
    };
    let verified = Verified::by(Proof::OpenId, user, door);
    match sign_in::proceed(conn, services.means(), verified, Handover::Cookie, from).await {
        Ok(Step::SignedIn(signed_in)) => Ok(Onward { address: prefix(door).to_owned(), cookie: signed_in.cookie }),
        // After the `#`, where no server reads it.
        Ok(Step::SecondFactor(challenge)) => {
            let door_of_page = if door == Audience::Ehr { "?door=clinician" } else { "" };
            let address = format!("/sign-in{door_of_page}#ticket={}", challenge.ticket.expose_secret());
            Ok(Onward { address, cookie: None })
        }
        Err(Error::InvalidCredentials) => Ok(back(door, "refused")),
        Err(other) => Err(other),
    }
}

/// Links the account of whoever went there from it, as long as they are signed in.
async fn join(
    conn: &mut AsyncPgConnection,
    services: &Services,
    from: &Actor,
    door: Audience,
    who: &Subject,
    link: Link,
) -> Result<Onward> {
    let linked = conn.transaction(async |conn| {
        let user = change::lock(conn, link.user).await?;
        let lives = store::find_live_session(conn, link.session).await?.is_some_and(|live| live.user_id == user.id);
        if !lives || !identity::link(conn, user.id, who, door).await? {
            return Ok(false);
        }
        let by = Actor {
            user: Some(user.id),
            practice: Some(user.practice_id),
            role: user.role().map(|role| role.as_str()),
            sign_in: Some(link.session),
            ..from.clone()
        };
        change::record(conn, &by, &user, "identity.linked").await?;
        change::tell(conn, services.means(), &user, SecurityNotice::IdentityLinked).await?;
        Ok::<_, Error>(true)
    });
    let outcome = if linked.await? { "linked" } else { "taken" };
    let page = match door {
        Audience::Portal => "/portal/account/security",
        Audience::Ehr => "/ehr/account/security",
    };
    Ok(Onward { address: format!("{page}?provider={outcome}"), cookie: None })
}
