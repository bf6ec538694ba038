//! The rows of a rota.

use super::{
    change::Deviation,
    duty::Rota,
    overrides,
    shift::{Cover, Layer, Leave, Shift, Span},
};
use crate::{
    db,
    error::{Error, Result},
    ids::{self, PracticeId, UserId},
};
use chrono::{NaiveTime, Weekday};
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
    for Deviation { layer, user, span } in overrides::within(conn, practice, within).await? {
        match layer {
            None => rota.leaves.push(Leave { user, span }),
            Some(layer) => rota.covers.push(Cover { layer, user, span }),
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

/// The revision of the week; 0: there is none yet.
pub async fn revision(conn: &mut AsyncPgConnection, practice: PracticeId) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::BigInt)]
        revision: i64,
    }
    let row: Option<Row> = db::statement("SELECT revision FROM on_call_rotas WHERE practice_id = $1")
        .bind::<sql::Uuid, _>(practice)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map_or(0, |row| row.revision))
}

/// Writes a week in place of the one before. Within a transaction that holds the rota's row.
pub async fn write_week(conn: &mut AsyncPgConnection, practice: PracticeId, shifts: &[Shift]) -> QueryResult<()> {
    db::statement("DELETE FROM on_call_shifts WHERE practice_id = $1")
        .bind::<sql::Uuid, _>(practice)
        .execute(conn)
        .await?;
    db::statement(
        "INSERT INTO on_call_shifts (id, practice_id, layer, user_id, weekday, starts, ends)
        SELECT id, $2, layer, user_id, weekday, starts, ends
        FROM unnest($1, $3, $4, $5, $6, $7) AS s(id, layer, user_id, weekday, starts, ends)",
    )
    .bind::<sql::Array<sql::Uuid>, _>(shifts.iter().map(|_| ids::fresh()).collect::<Vec<_>>())
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Array<sql::Text>, _>(shifts.iter().map(|shift| shift.layer.as_str()).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Uuid>, _>(shifts.iter().map(|shift| shift.user.0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::SmallInt>, _>(shifts.iter().map(|shift| number(shift.weekday)).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Time>, _>(shifts.iter().map(|shift| shift.starts).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Time>, _>(shifts.iter().map(|shift| shift.ends).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// Monday is 1.
fn number(weekday: Weekday) -> i16 {
    i16::from(weekday.number_from_monday() as u8)
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

/// Who works for the practice and can sign in.
pub async fn working(conn: &mut AsyncPgConnection, practice: PracticeId) -> QueryResult<HashSet<UserId>> {
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
