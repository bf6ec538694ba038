//! `POST admin/clients/{client}/erasure`, `GET admin/erasures`, `GET admin/erasures/{erasure}`.

use super::hold::check_reason;
use crate::{
    accounts::Permission,
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{answer::Created, detached, json::Body, page::List, principal::AdminPrincipal},
    ids::{ErasureId, UserId},
    privacy::{
        certificate::{Cause, Certificate},
        erasure::{self, Erasing},
        register::{self, Record},
    },
};
use actix_web::web;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Why, and the client's e-mail address, typed again: there is no way back.
#[derive(Deserialize, ToSchema)]
pub struct EraseClient {
    reason: String,
    confirm: String,
}

/// An erasure with its certificate.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Erasure {
    id: ErasureId,
    client: UserId,
    cause: Cause,
    /// Null after a restore, and where a retention rule was the cause.
    reason: Option<String>,
    /// Null where a retention rule was the cause.
    erased_by: Option<UserId>,
    erased_at: DateTime<Utc>,
    certificate: Certificate,
}

impl From<Record> for Erasure {
    fn from(record: Record) -> Self {
        let Record { id, client, cause, reason, erased_by, erased_at, certificate } = record;
        Self { id, client, cause, reason, erased_by, erased_at, certificate }
    }
}

/// Erases a client, for ever.
pub async fn erase(
    caller: AdminPrincipal,
    client: web::Path<UserId>,
    input: Body<EraseClient>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<Erasure>> {
    caller.require(Permission::ManagePrivacy)?;
    caller.require_recent()?;
    let EraseClient { reason, confirm } = input.0;
    let reason = check_reason(reason)?;
    let tombstones = services.tombstones.clone().ok_or_else(|| {
        Error::conflict(
            "This hub keeps no list of erasures outside of its database, so a restored backup would bring the client \
             back. Set CAREHUB_TOMBSTONES to a folder that backups of the database do not overwrite, and start it again.",
        )
    })?;
    let erased = detached::to_the_end(async move {
        let (mut conn, client, practice) = (pool.get().await?, *client, caller.practice_id);
        let address = register::find_address(&mut conn, practice, client).await?.ok_or(Error::NotFound)?;
        if !address.eq_ignore_ascii_case(confirm.trim()) {
            return Err(Error::field("/confirm", "Type the client's e-mail address exactly, to show whom you mean."));
        }
        let actor = caller.actor();
        let (cause, now) = (Cause::Request, services.clock.now());
        let erasing = Erasing { actor: &actor, practice, client, cause, reason: Some(&reason), now };
        let erased = erasure::erase(&mut conn, &services.keyring, &tombstones, &erasing).await?;
        for thread in erased.threads {
            services.hub.thread_changed(thread).await;
        }
        let id = erased.certificate.verify()?.erasure;
        register::find(&mut conn, &services.keyring, practice, id).await?.ok_or(Error::NotFound)
    });
    Ok(Created(erased.await?.into()))
}

/// One, with its certificate.
pub async fn show(
    caller: AdminPrincipal,
    erasure: web::Path<ErasureId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Erasure>> {
    caller.require(Permission::ManagePrivacy)?;
    let mut conn = pool.get().await?;
    let found = register::find(&mut conn, &services.keyring, caller.practice_id, *erasure).await?;
    let found = found.ok_or(Error::NotFound)?;
    let actor = caller.actor();
    let event = Event::new(&actor, "erasure.viewed").of_client(found.client).on("erasure", *erasure);
    audit::record(&mut conn, event).await?;
    Ok(web::Json(found.into()))
}

/// The newest 200.
pub async fn list(
    caller: AdminPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Erasure>>> {
    caller.require(Permission::ManagePrivacy)?;
    let mut conn = pool.get().await?;
    let found = register::list(&mut conn, &services.keyring, caller.practice_id).await?;
    let actor = caller.actor();
    audit::record(&mut conn, Event::new(&actor, "erasures.listed").with(json!({"count": found.len()}))).await?;
    Ok(web::Json(List::whole(found.into_iter().map(Erasure::from).collect())))
}
