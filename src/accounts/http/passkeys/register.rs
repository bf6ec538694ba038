//! `POST {door}/auth/passkeys/register/start` and `…/finish`.

use super::{parse, relying_party};
use crate::{
    accounts::{passkeys::registration, second_factor::change},
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{answer::Created, detached, json::Body, principal::Caller},
    ids::{CeremonyId, PasskeyId},
    notify::mail::SecurityNotice,
};
use actix_web::{HttpRequest, web};
use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use webauthn_rs::prelude::{CreationChallengeResponse, RegisterPublicKeyCredential};

const NAME_CHARACTERS: usize = 60;

/// For `navigator.credentials.create`.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyCreation)]
pub struct Question {
    ceremony: CeremonyId,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    options: CreationChallengeResponse,
}

/// What the authenticator made, and what its person calls it.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasskeyMade)]
pub struct Made {
    ceremony: CeremonyId,
    name: String,
    #[schema(value_type = Object)]
    credential: Value,
}

/// Its id.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyAdded)]
pub struct Added {
    id: PasskeyId,
}

/// Asks the browser for a passkey.
pub async fn start<C: Caller>(
    caller: C,
    request: HttpRequest,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Question>> {
    caller.require_recent()?;
    let (party, user) = (relying_party(&services, &request)?, caller.user_id);
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let question = conn.transaction(async |conn| {
            let user = change::lock(conn, user).await?;
            registration::begin(conn, &party, &user, services.clock.now()).await
        });
        let (ceremony, options) = question.await?;
        Ok(web::Json(Question { ceremony, options }))
    })
    .await
}

/// Keeps the passkey.
pub async fn finish<C: Caller>(
    caller: C,
    request: HttpRequest,
    input: Body<Made>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<Added>> {
    let Made { ceremony, name, credential } = input.0;
    let credential: RegisterPublicKeyCredential = parse(credential)?;
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS || name.chars().any(char::is_control) {
        return Err(Error::field("/name", "Give the passkey a name of 1 to 60 characters."));
    }
    let (party, user, by) = (relying_party(&services, &request)?, caller.user_id, caller.actor());
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let added = conn.transaction(async |conn| {
            let user = change::lock(conn, user).await?;
            let now = services.clock.now();
            let added = registration::finish(conn, &party, &user, ceremony, &name, &credential, now).await?;
            if added.is_ok() {
                change::record(conn, &by, &user, "passkey.added").await?;
                change::tell(conn, services.means(), &user, SecurityNotice::PasskeyAdded).await?;
            }
            Ok::<_, Error>(added)
        });
        let id = added.await??;
        Ok(Created(Added { id }))
    })
    .await
}
