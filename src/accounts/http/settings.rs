//! `GET|PATCH|PUT portal/profile/settings`: language, time zone and privacy of a client.

use crate::{
    accounts::settings::{self, Choice, Language, Settings},
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
    /// Others see when one is online and when one is writing.
    shows_presence: Option<bool>,
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
    let Change { language, time_zone, shows_presence } = input.0;
    let time_zone = time_zone.as_deref().map(settings::read_time_zone).transpose()?;
    let choice = Choice { language, time_zone, shows_presence };
    let changed = detached::to_the_end(async move {
        let (mut conn, client) = (pool.get().await?, caller.user_id);
        let changed = conn.transaction(async |conn| {
            let changed = settings::change(conn, client, choice, services.clock.now()).await?;
            let actor = caller.actor();
            audit::record(conn, Event::new(&actor, "settings.changed").of_client(client)).await?;
            Ok::<_, Error>(changed)
        });
        let changed = changed.await?;
        services.hub.show_presence(client, changed.shows_presence);
        Ok::<_, Error>(changed)
    });
    Ok(web::Json(changed.await?))
}
