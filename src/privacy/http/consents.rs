//! `GET|POST portal/privacy/consents`.

use crate::{
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{answer::Created, detached, json::Body, page::List, principal::PortalPrincipal},
    ids::UserId,
    privacy::consent::{self, ConsentKind, DOCUMENTS, Decision, Document},
};
use actix_web::web;
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What may be agreed to, and what was decided about it.
#[derive(Serialize, ToSchema)]
pub struct Consent {
    kind: ConsentKind,
    /// Of the text as it is now.
    version: &'static str,
    title: &'static str,
    text: &'static str,
    /// Null: not decided yet, or not about this version.
    granted: Option<bool>,
    /// The newest first.
    history: Vec<Decision>,
}

/// A decision.
#[derive(Deserialize, ToSchema)]
#[schema(as = DecideConsent)]
pub struct Decide {
    kind: ConsentKind,
    version: String,
    granted: bool,
}

async fn all(conn: &mut AsyncPgConnection, client: UserId) -> Result<Vec<Consent>> {
    let decided = consent::history(conn, client).await?;
    let consent = |document: &'static Document| {
        let of_kind = decided.iter().filter(|(kind, _)| kind == document.kind.as_str());
        let history: Vec<Decision> = of_kind.map(|(_, decision)| decision.clone()).collect();
        // What was withdrawn stays so, whichever text it was about; a new text asks for a new yes.
        let holds = |newest: &&Decision| newest.version == document.version || !newest.granted;
        let granted = history.first().filter(holds).map(|newest| newest.granted);
        let &Document { kind, version, title, text } = document;
        Consent { kind, version, title, text, granted, history }
    };
    Ok(DOCUMENTS.iter().map(consent).collect())
}

/// All of them.
pub async fn list(caller: PortalPrincipal, pool: web::Data<Pool>) -> Result<web::Json<List<Consent>>> {
    let (mut conn, client) = (pool.get().await?, caller.user_id);
    let found = all(&mut conn, client).await?;
    audit::record(&mut conn, Event::new(&caller.actor(), "consents.viewed").of_client(client)).await?;
    Ok(web::Json(List::whole(found)))
}

/// Agrees, or withdraws.
pub async fn decide(caller: PortalPrincipal, input: Body<Decide>, pool: web::Data<Pool>) -> Result<Created<Consent>> {
    let Decide { kind, version, granted } = input.0;
    let current = DOCUMENTS.iter().any(|document| document.kind == kind && document.version == version);
    if !current && granted {
        return Err(Error::conflict("The text has changed. Read it as it is now, then decide."));
    }
    if !current && !version.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)) || version.len() > 40 {
        return Err(Error::field("/version", "This is no version of the text."));
    }
    let decided = detached::to_the_end(async move {
        let (mut conn, client) = (pool.get().await?, caller.user_id);
        consent::decide(&mut conn, &caller.actor(), client, kind, &version, granted).await?;
        all(&mut conn, client).await?.into_iter().find(|consent| consent.kind == kind).ok_or(Error::NotFound)
    });
    Ok(Created(decided.await?))
}
