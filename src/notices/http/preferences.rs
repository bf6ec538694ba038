//! `GET|PUT {door}/account/notifications`: how the caller wants to be told.

use crate::{
    accounts::settings::{self, Choice, Language},
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{detached, json::Body, principal::Caller},
    ids::UserId,
    notices::{
        person::{self, Person},
        preferences::{self, Digest, Preferences},
        quiet::QuietHours,
    },
    notify::{Channel, kind::Kind},
};
use actix_web::web;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What the caller chose, and what there is to choose.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationPreferences {
    /// IANA name: whose clock the quiet hours go by.
    time_zone: String,
    language: String,
    /// Null: none.
    quiet_hours: Option<QuietHours>,
    /// Null: everything by itself.
    digest: Option<Digest>,
    kinds: Vec<KindPreference>,
    reachable: Reachable,
}

/// One kind.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindPreference {
    kind: Kind,
    /// Those that are used; within Carehub everything is told.
    channels: Vec<Channel>,
    /// Those that may be chosen.
    choices: Vec<Channel>,
    /// It does not keep to quiet hours.
    urgent: bool,
}

/// Which channels lead to the caller at present.
#[derive(Serialize, ToSchema)]
pub struct Reachable {
    /// False: a client who did not agree to e-mails.
    email: bool,
    /// False: no verified number, or it said STOP.
    sms: bool,
    /// False: no browser that takes push messages.
    push: bool,
}

/// What the caller wants from now on.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChosenNotifications {
    /// Left out: as before.
    time_zone: Option<String>,
    /// Left out: as before.
    language: Option<Language>,
    quiet_hours: Option<QuietHours>,
    digest: Option<Digest>,
    /// Kinds that are left out follow the default.
    #[serde(default)]
    channels: BTreeMap<Kind, Vec<Channel>>,
}

/// Shows them.
pub async fn show<C: Caller>(caller: C, pool: web::Data<Pool>) -> Result<web::Json<NotificationPreferences>> {
    Ok(web::Json(read(&mut *pool.get().await?, caller.user_id).await?))
}

/// Changes them.
pub async fn change<C: Caller>(
    caller: C,
    input: Body<ChosenNotifications>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<NotificationPreferences>> {
    let ChosenNotifications { time_zone, language, quiet_hours, digest, channels } = input.0;
    let chosen = Preferences { quiet_hours, digest, channels };
    if let Some((pointer, message)) = chosen.complaint(caller.role.is_staff()) {
        return Err(Error::field(&pointer, message));
    }
    let time_zone = time_zone.as_deref().map(settings::read_time_zone).transpose()?;
    let (user, actor, now) = (caller.user_id, caller.actor(), services.clock.now());
    let is_client = !caller.role.is_staff();
    let shown = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            settings::change(conn, user, Choice { language, time_zone, ..Choice::default() }, now).await?;
            preferences::save(conn, user, &chosen).await?;
            let event = Event::new(&actor, "notificationPreferences.changed").on("user", user);
            audit::record(conn, if is_client { event.of_client(user) } else { event }).await?;
            read(conn, user).await
        })
        .await
    });
    Ok(web::Json(shown.await?))
}

async fn read(conn: &mut AsyncPgConnection, user: UserId) -> Result<NotificationPreferences> {
    let person = person::find(conn, user).await?.ok_or(Error::Unauthenticated)?;
    let Person { is_staff, zone, language, preferences, reach, .. } = person;
    let kinds = Kind::ALL.into_iter().filter(|kind| preferences::is_for(*kind, is_staff));
    Ok(NotificationPreferences {
        time_zone: zone.name().to_owned(),
        language,
        kinds: kinds
            .map(|kind| KindPreference {
                kind,
                channels: preferences.channels(kind).to_vec(),
                choices: kind.channels().to_vec(),
                urgent: kind.is_urgent(),
            })
            .collect(),
        quiet_hours: preferences.quiet_hours,
        digest: preferences.digest,
        reachable: Reachable {
            email: reach.by(Channel::Email),
            sms: reach.by(Channel::Sms),
            push: reach.by(Channel::Push),
        },
    })
}
