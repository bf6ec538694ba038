//! `GET|PUT admin/crisis-phrases`, `POST admin/crisis-phrases/try`.

use crate::{
    accounts::Permission,
    app::Services,
    db::Pool,
    emergency::{
        crisis::{
            own::{self, OwnPhrase},
            store::{self, Change},
        },
        phrases::{Detector, Finding, detector::Listed},
    },
    error::{Error, Result},
    http::{detached, json::Body, principal::AdminPrincipal},
    ids::PracticeId,
    threads::model::Text,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// As long as a message may be.
const MOST_CHARACTERS: usize = 8_000;

/// What is looked for in what clients write.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrisisPhrases {
    /// 0: the practice has none of its own.
    version: i32,
    changed_at: Option<DateTime<Utc>>,
    /// The practice's own.
    phrases: Vec<OwnPhrase>,
    /// Those of the program, which are always looked for.
    listed: Vec<Listed>,
}

/// The practice's own phrases as they shall be.
#[derive(Deserialize, ToSchema)]
pub struct NewCrisisPhrases {
    /// The version that was seen.
    version: i32,
    phrases: Vec<String>,
}

/// A message to try.
#[derive(Deserialize, ToSchema)]
pub struct TriedText {
    text: Text,
}

/// What a message of a client with this text would come to.
#[derive(Serialize, ToSchema)]
pub struct TriedPhrases {
    emergency: bool,
    /// The first phrase that was found.
    finding: Option<Finding>,
    /// Why that phrase is on the list; null for the practice's own.
    why: Option<String>,
}

/// The phrases.
pub async fn show(caller: AdminPrincipal, pool: web::Data<Pool>) -> Result<web::Json<CrisisPhrases>> {
    caller.require(Permission::ManageEscalation)?;
    read(&mut *pool.get().await?, caller.practice_id).await
}

/// Changes the practice's own.
pub async fn change(
    caller: AdminPrincipal,
    input: Body<NewCrisisPhrases>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<CrisisPhrases>> {
    caller.require(Permission::ManageEscalation)?;
    caller.require_recent()?;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let (actor, practice) = (caller.actor(), caller.practice_id);
        let before = store::phrases(&mut conn, practice).await?;
        let phrases = own::phrases(&input.0.phrases, &before.value)?;
        let by = Change { actor: &actor, practice, seen: input.0.version, now: services.clock.now() };
        store::change_phrases(&mut conn, by, &phrases).await?;
        services.crisis.take_phrases(practice, &store::phrases(&mut conn, practice).await?);
        read(&mut conn, practice).await
    })
    .await
}

/// Looks at a text as if a client had written it. Stores nothing.
pub async fn try_out(
    caller: AdminPrincipal,
    input: Body<TriedText>,
    services: web::Data<Services>,
) -> Result<web::Json<TriedPhrases>> {
    caller.require(Permission::ManageEscalation)?;
    let text = &input.0.text.0;
    if text.chars().count() > MOST_CHARACTERS {
        return Err(Error::field("/text", format!("At most {MOST_CHARACTERS} characters.")));
    }
    let finding = services.crisis.look(caller.practice_id, text);
    let why = finding.as_ref().and_then(|finding| Detector::why(&finding.phrase_id)).map(str::to_owned);
    Ok(web::Json(TriedPhrases { emergency: finding.is_some(), finding, why }))
}

async fn read(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<web::Json<CrisisPhrases>> {
    let own = store::phrases(conn, practice).await?;
    let listed = Detector::listed().to_vec();
    Ok(web::Json(CrisisPhrases { version: own.version, changed_at: own.changed_at, phrases: own.value, listed }))
}
