//! Challenges that wait for their answer. Each is answered once: taking one out of the store is what proves that.

use crate::{
    error::Result,
    ids::{CeremonyId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Serialize, de::DeserializeOwned};

/// As long as browsers wait for a person to touch their authenticator.
const LASTS: TimeDelta = TimeDelta::minutes(5);

/// What a challenge is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Registration,
    SignIn,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::SignIn => "signIn",
        }
    }
}

/// Keeps a challenge for `user`; None: for whoever answers it.
pub async fn begin(
    conn: &mut AsyncPgConnection,
    kind: Kind,
    user: Option<UserId>,
    state: &impl Serialize,
    now: DateTime<Utc>,
) -> Result<CeremonyId> {
    let state = serde_json::to_value(state).map_err(anyhow::Error::from)?;
    let id = CeremonyId(uuid::Uuid::new_v4());
    // Whoever begins one also sweeps away what nobody came back for: no loop is needed.
    crate::db::statement(
        "WITH swept AS (DELETE FROM passkey_ceremonies WHERE expires_at < $5)
        INSERT INTO passkey_ceremonies (id, kind, user_id, state, expires_at) VALUES ($1, $2, $3, $4, $6)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Text, _>(kind.as_str())
    .bind::<sql::Nullable<sql::Uuid>, _>(user)
    .bind::<sql::Jsonb, _>(state)
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Timestamptz, _>(now + LASTS)
    .execute(conn)
    .await?;
    Ok(id)
}

/// Takes a challenge out, so that nobody answers it again. None: unknown, answered, too late, or somebody else's.
pub async fn take<T: DeserializeOwned>(
    conn: &mut AsyncPgConnection,
    id: CeremonyId,
    kind: Kind,
    user: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Option<T>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Jsonb)]
        state: serde_json::Value,
    }
    let row: Option<Row> = crate::db::statement(
        "DELETE FROM passkey_ceremonies
        WHERE id = $1 AND kind = $2 AND user_id IS NOT DISTINCT FROM $3 AND expires_at > $4 RETURNING state",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Text, _>(kind.as_str())
    .bind::<sql::Nullable<sql::Uuid>, _>(user)
    .bind::<sql::Timestamptz, _>(now)
    .get_result(conn)
    .await
    .optional()?;
    Ok(row.map(|row| serde_json::from_value(row.state)).transpose().map_err(anyhow::Error::from)?)
}
