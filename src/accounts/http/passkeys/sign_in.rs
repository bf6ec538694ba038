//! `POST {door}/auth/passkeys/sign-in/start` and `…/finish`: without a password, or as the second factor where a ticket
//! comes along.

use super::{parse, relying_party};
use crate::{
    accounts::{
        http::{door::At, signed_in},
        passkeys::{RelyingParty, assertion},
        sign_in::{self, Handover, Method, Proof, SignedIn, Step, Verified, ticket},
        store,
    },
    app::Services,
    audit::Actor,
    db::Pool,
    error::{Error, Result},
    http::{
        detached,
        json::{Body, MaybeBody},
        source::Source,
    },
    ids::CeremonyId,
};
use actix_web::{CustomizeResponder, HttpRequest, web};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use webauthn_rs::prelude::{PublicKeyCredential, RequestChallengeResponse};

/// As a second factor: what signing in was answered with.
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = PasskeySignInStart)]
pub struct Start {
    ticket: Option<String>,
}

/// For `navigator.credentials.get`.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyRequest)]
pub struct Question {
    ceremony: CeremonyId,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    options: RequestChallengeResponse,
}

/// What the authenticator said.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasskeySignIn)]
pub struct Finish {
    ceremony: CeremonyId,
    ticket: Option<String>,
    #[schema(value_type = Object)]
    credential: Value,
    /// As with signing in by password.
    tokens: Option<bool>,
}

/// The same, read.
struct Answer {
    ceremony: CeremonyId,
    credential: PublicKeyCredential,
}

/// Asks the browser for a passkey.
pub async fn start<D: At>(
    input: MaybeBody<Start>,
    request: HttpRequest,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Question>> {
    let party = relying_party(&services, &request)?;
    let mut conn = pool.get().await?;
    let ticket = find::<D>(&mut conn, input.0.ticket).await?;
    let user = ticket.map(|ticket| ticket.user());
    let (ceremony, options) = assertion::begin(&mut conn, &party, user, services.clock.now()).await?;
    Ok(web::Json(Question { ceremony, options }))
}

/// Signs in whoever the passkey belongs to.
pub async fn finish<D: At>(
    input: Body<Finish>,
    request: HttpRequest,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<CustomizeResponder<web::Json<signed_in::Welcome>>> {
    let Finish { ceremony, ticket, credential, tokens } = input.0;
    let answer = Answer { ceremony, credential: parse(credential)? };
    let party = relying_party(&services, &request)?;
    let handover = signed_in::handover(&request, tokens);
    let from = Source::of(&request).nobody();
    let signed_in = {
        let services = services.clone();
        detached::to_the_end(async move {
            let mut conn = pool.get().await?;
            match find::<D>(&mut conn, ticket).await? {
                Some(ticket) => as_second(&mut conn, &services, &party, ticket, &answer, &from).await,
                None => alone::<D>(&mut conn, &services, &party, handover, &answer, &from).await,
            }
        })
        .await?
    };
    Ok(signed_in::welcome(&services.config, signed_in))
}

async fn find<D: At>(conn: &mut AsyncPgConnection, ticket: Option<String>) -> Result<Option<ticket::Ticket>> {
    let Some(ticket) = ticket.map(SecretString::from) else { return Ok(None) };
    ticket::find(conn, &ticket, D::DOOR).await?.map(Some).ok_or(Error::TicketExpired)
}

/// Something they have, unlocked by something they are or know: no password is needed.
async fn alone<D: At>(
    conn: &mut AsyncPgConnection,
    services: &Services,
    party: &RelyingParty,
    handover: Handover,
    answer: &Answer,
    from: &Actor,
) -> Result<SignedIn> {
    let now = services.clock.now();
    let user = conn
        .transaction(async |conn| assertion::finish(conn, party, None, answer.ceremony, &answer.credential, now).await)
        .await?;
    let Some(user) = user else {
        sign_in::record_unknown(conn, from, "wrongPasskey").await?;
        return Err(Error::InvalidPasskey);
    };
    let verified = Verified::by(Proof::Passkey, user, D::DOOR);
    match sign_in::proceed(conn, services.means(), verified, handover, from).await {
        Ok(Step::SignedIn(signed_in)) => Ok(*signed_in),
        Ok(Step::SecondFactor(_)) | Err(Error::InvalidCredentials) => Err(Error::InvalidPasskey),
        Err(other) => Err(other),
    }
}

async fn as_second(
    conn: &mut AsyncPgConnection,
    services: &Services,
    party: &RelyingParty,
    ticket: ticket::Ticket,
    answer: &Answer,
    from: &Actor,
) -> Result<SignedIn> {
    let now = services.clock.now();
    let signed_in = conn.transaction(async |conn| {
        let user = store::lock_user(conn, ticket.user()).await?.ok_or(Error::InvalidPasskey)?;
        let answered = assertion::finish(conn, party, Some(user.id), answer.ceremony, &answer.credential, now).await?;
        if answered.is_none() {
            sign_in::record_wrong_factor(conn, &ticket, from).await?;
            return Ok(None);
        }
        sign_in::finish(conn, services.means(), ticket, Method::Passkey, from).await
    });
    signed_in.await?.ok_or(Error::InvalidPasskey)
}
