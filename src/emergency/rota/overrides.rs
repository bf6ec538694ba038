//! The rows of covers and leave.

use super::{
    change::Deviation,
    shift::{Layer, Span},
    store,
};
use crate::{
    db,
    error::Result,
    ids::{OverrideId, PracticeId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How something deviates from the week.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OnCallOverrideKind)]
pub enum OverrideKind {
    /// Somebody is on call in place of whoever the week says.
    Cover,
    /// Somebody is away.
    Leave,
}

impl OverrideKind {
    /// Covers are of a layer.
    pub fn of(layer: Option<Layer>) -> Self {
        if layer.is_some() { Self::Cover } else { Self::Leave }
    }

    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cover => "cover",
            Self::Leave => "leave",
        }
    }
}

/// A cover or leave as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct Override {
    pub id: OverrideId,
    pub deviation: Deviation,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: OverrideId,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    layer: Option<String>,
    #[diesel(sql_type = sql::Uuid)]
    user_id: UserId,
    #[diesel(sql_type = sql::Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    ends_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<Override> {
        let layer = self.layer.as_deref().map(store::read_layer).transpose()?;
        let span = Span { from: self.starts_at, until: self.ends_at };
        Ok(Override { id: self.id, deviation: Deviation { layer, user: self.user_id, span } })
    }
}

/// Those that are not over, in the order of their beginning.
pub async fn list(conn: &mut AsyncPgConnection, practice: PracticeId, now: DateTime<Utc>) -> Result<Vec<Override>> {
    let mut found = read(conn, practice, now, None).await?;
    found.sort_by_key(|found| (found.deviation.span.from, found.id));
    Ok(found)
}

/// Those that reach into a span of time, in the order of their making.
pub(super) async fn within(conn: &mut AsyncPgConnection, practice: PracticeId, span: Span) -> Result<Vec<Deviation>> {
    let found = read(conn, practice, span.from, Some(span.until)).await?;
    Ok(found.into_iter().map(|found| found.deviation).collect())
}

async fn read(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<Override>> {
    // Ids sort by the time of their making.
    let rows: Vec<Row> = db::statement(
        "SELECT id, layer, user_id, starts_at, ends_at FROM on_call_overrides
        WHERE practice_id = $1 AND removed_at IS NULL AND ends_at > $2 AND ($3 IS NULL OR starts_at <= $3) ORDER BY id",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Timestamptz, _>(from)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(until)
    .load(conn)
    .await?;
    rows.into_iter().map(Row::read).collect()
}
