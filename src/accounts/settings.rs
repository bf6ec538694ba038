//! What a person chooses for themselves: the language of what is sent to them, the time zone that times are told in, and
//! whether others see them come and go. Kept with the person, because every notification and every connection needs it.

use crate::{
    error::{Error, Result},
    ids::UserId,
    notices::reminders,
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Languages that e-mails are worded in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    En,
    Es,
}

impl Language {
    /// ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }
}

/// All that is chosen.
#[derive(QueryableByName, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// ISO 639-1.
    #[diesel(sql_type = sql::Text)]
    language: String,
    /// IANA name.
    #[diesel(sql_type = sql::Text)]
    time_zone: String,
    /// Others see when this person is online and when they are writing.
    #[diesel(sql_type = sql::Bool)]
    pub shows_presence: bool,
}

/// What is chosen anew; what is not given stays.
#[derive(Default)]
pub struct Choice {
    pub language: Option<Language>,
    pub time_zone: Option<chrono_tz::Tz>,
    pub shows_presence: Option<bool>,
}

/// A time zone that there is.
///
/// # Errors
/// `invalid` where there is none of this name.
pub fn read_time_zone(name: &str) -> Result<chrono_tz::Tz> {
    name.parse().map_err(|_| Error::field("/timeZone", "There is no such time zone: it looks like America/New_York."))
}

/// What this person chose.
pub async fn find(conn: &mut AsyncPgConnection, user: UserId) -> Result<Settings> {
    Ok(crate::db::statement("SELECT language, time_zone, shows_presence FROM users WHERE id = $1")
        .bind::<sql::Uuid, _>(user)
        .get_result(conn)
        .await?)
}

/// Chooses. Reminders keep their times on the wall. Call within a transaction.
pub async fn change(
    conn: &mut AsyncPgConnection,
    user: UserId,
    choice: Choice,
    now: DateTime<Utc>,
) -> Result<Settings> {
    let Choice { language, time_zone, shows_presence } = choice;
    let changed = crate::db::statement(
        "UPDATE users SET language = COALESCE($2, language), time_zone = COALESCE($3, time_zone),
            shows_presence = COALESCE($4, shows_presence)
        WHERE id = $1 RETURNING language, time_zone, shows_presence",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Nullable<sql::Text>, _>(language.map(Language::code))
    .bind::<sql::Nullable<sql::Text>, _>(time_zone.map(chrono_tz::Tz::name))
    .bind::<sql::Nullable<sql::Bool>, _>(shows_presence)
    .get_result(conn)
    .await?;
    if time_zone.is_some() {
        reminders::follow(conn, user, now).await?;
    }
    Ok(changed)
}
