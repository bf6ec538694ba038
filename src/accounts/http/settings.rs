//! `GET|PATCH|PUT portal/profile/settings`: the language and time zone of a client.

use crate::{
    accounts::settings::{self, Language, Settings},
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{detached, json::Body, principal::PortalPrincipal},
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SettingsChange)]
pub struct Change {
    language: Option<Language>,
    /// IANA name.
    time_zone: Option<String>,
}

/// One's own.
pub async fn show(caller: PortalPrincipal, pool: web::Data<Pool>) -> Result<web::Json<Settings>> {
    Ok(web::Json(settings::find(&mut *pool.get().await?, caller.user_id).await?))
}

/// Changes one's own.
pub async fn change(
    caller: PortalPrincipal,
    input: Body<Change>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Settings>> {
    let Change { language, time_zone } = input.0;
    let time_zone = time_zone.as_deref().map(settings::read_time_zone).transpose()?;
    let changed = detached::to_the_end(async move {
        let (mut conn, client) = (pool.get().await?, caller.user_id);
        conn.transaction(async |conn| {
            let changed = settings::change(conn, client, language, time_zone, services.clock.now()).await?;
            let actor = caller.actor();
            audit::record(conn, Event::new(&actor, "settings.changed").of_client(client)).await?;
            Ok::<_, Error>(changed)
        })
        .await
    });
    Ok(web::Json(changed.await?))
}
