//! The rows of a rota.

use super::{
    duty::Rota,
    shift::{Cover, Layer, Leave, Shift, Span},
};
use crate::{
    db,
    error::{Error, Result},
    ids::{PracticeId, UserId},
};
use chrono::{DateTime, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashSet;

/// The rota, with the covers and leave that reach into a span of time.
pub async fn read(conn: &mut AsyncPgConnection, practice: PracticeId, within: Span) -> Result<Rota> {
    let zone = zone(conn, practice).await?;
    let shifts = shifts(conn, practice).await?;
    let mut rota =
        Rota { zone, shifts, covers: Vec::new(), leaves: Vec::new(), working: working(conn, practice).await? };
    for row in overrides(conn, practice, within).await? {
        let span = Span { from: row.starts_at, until: row.ends_at };
        match row.layer.as_deref() {
            None => rota.leaves.push(Leave { user: row.user_id, span }),
            Some(layer) => rota.covers.push(Cover { layer: read_layer(layer)?, user: row.user_id, span }),
        }
    }
    Ok(rota)
}

/// The week, in the order of the week.
pub async fn shifts(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Vec<Shift>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        layer: String,
        #[diesel(sql_type = sql::Uuid)]
        user_id: UserId,
        #[diesel(sql_type = sql::SmallInt)]
        weekday: i16,
        #[diesel(sql_type = sql::Time)]
        starts: NaiveTime,
        #[diesel(sql_type = sql::Time)]
        ends: NaiveTime,
    }
    let rows: Vec<Row> = db::statement(
        "SELECT layer, user_id, weekday, starts, ends FROM on_call_shifts WHERE practice_id = $1
        ORDER BY weekday, starts, id",
    )
    .bind::<sql::Uuid, _>(practice)
    .load(conn)
    .await?;
    let shift = |row: Row| {
        let weekday = u8::try_from(row.weekday - 1).ok().and_then(|day| Weekday::try_from(day).ok());
        let weekday = weekday.ok_or_else(|| unknown("weekday"))?;
        let layer = read_layer(&row.layer)?;
        Ok(Shift { layer, user: row.user_id, weekday, starts: row.starts, ends: row.ends })
    };
    rows.into_iter().map(shift).collect()
}

/// The practice's time zone.
pub async fn zone(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Tz> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        time_zone: String,
    }
    let row: Row = db::statement("SELECT time_zone FROM practices WHERE id = $1")
        .bind::<sql::Uuid, _>(practice)
        .get_result(conn)
        .await?;
    row.time_zone.parse().map_err(|_| unknown("time zone"))
}

#[derive(QueryableByName)]
struct OverrideRow {
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    layer: Option<String>,
    #[diesel(sql_type = sql::Uuid)]
    user_id: UserId,
    #[diesel(sql_type = sql::Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    ends_at: DateTime<Utc>,
}

async fn overrides(conn: &mut AsyncPgConnection, practice: PracticeId, within: Span) -> QueryResult<Vec<OverrideRow>> {
    // Ids sort by the time of their making.
    db::statement(
        "SELECT layer, user_id, starts_at, ends_at FROM on_call_overrides
        WHERE practice_id = $1 AND removed_at IS NULL AND ends_at > $2 AND starts_at <= $3 ORDER BY id",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Timestamptz, _>(within.from)
    .bind::<sql::Timestamptz, _>(within.until)
    .load(conn)
    .await
}

async fn working(conn: &mut AsyncPgConnection, practice: PracticeId) -> QueryResult<HashSet<UserId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: UserId,
    }
    let rows: Vec<Row> =
        db::statement("SELECT id FROM users WHERE practice_id = $1 AND role <> 'client' AND status = 'active'")
            .bind::<sql::Uuid, _>(practice)
            .load(conn)
            .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

pub(super) fn read_layer(text: &str) -> Result<Layer> {
    Layer::parse(text).ok_or_else(|| unknown("layer"))
}

fn unknown(what: &str) -> Error {
    Error::Internal(anyhow::anyhow!("a stored {what} of a rota is unknown"))
}
