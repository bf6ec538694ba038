//! What somebody is told again and again, at a time on the clock on their wall. Owns `reminders`. Only the next instant is
//! stored: after a day without a hub one is told, not all that were missed.

use super::{
    notice::{self, Notice},
    rhythm::Rhythm,
};
use crate::{
    db::statement,
    error::{Error, Result},
    ids::{ReminderId, UserId},
    notify::kind::Kind,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::{OptionalExtension, QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Reminders of one transaction.
pub const AT_ONCE: i64 = 200;

/// Reminds `user` from now on. Call within the transaction of what it is about.
///
/// # Errors
/// `NotFound` where there is no such user.
pub async fn set(
    conn: &mut AsyncPgConnection,
    user: UserId,
    kind: Kind,
    about: Option<Uuid>,
    rhythm: &Rhythm,
    now: DateTime<Utc>,
) -> Result<ReminderId> {
    let id = ReminderId::new();
    let zone = zone_of(conn, user).await?.ok_or(Error::NotFound)?;
    statement(
        "INSERT INTO reminders (id, practice_id, user_id, kind, about, rhythm, next_at)
        SELECT $1, practice_id, id, $3, $4, $5, $6 FROM users WHERE id = $2",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Text, _>(kind.as_str())
    .bind::<sql::Nullable<sql::Uuid>, _>(about)
    .bind::<sql::Jsonb, _>(serde_json::to_value(rhythm).map_err(anyhow::Error::from)?)
    .bind::<sql::Timestamptz, _>(rhythm.next(zone, now))
    .execute(conn)
    .await?;
    Ok(id)
}

/// Ends it. Whether it was there and went on.
pub async fn end(conn: &mut AsyncPgConnection, id: ReminderId, now: DateTime<Utc>) -> QueryResult<bool> {
    let ended = statement("UPDATE reminders SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
    Ok(ended == 1)
}

/// After somebody moved to another time zone: their reminders keep their times on the wall.
pub async fn follow(conn: &mut AsyncPgConnection, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let Some(zone) = zone_of(conn, user).await? else { return Ok(()) };
    let rows: Vec<Row> = statement(format!("{COLUMNS} WHERE r.user_id = $1 AND r.ended_at IS NULL FOR UPDATE OF r"))
        .bind::<sql::Uuid, _>(user)
        .load(conn)
        .await?;
    let next: Vec<_> = rows.iter().filter_map(|row| Some((row.id, row.rhythm()?.next(zone, now)))).collect();
    move_on(conn, &next).await?;
    Ok(())
}

/// Tells those that are due; how many there were.
pub async fn tell_due(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<usize> {
    conn.transaction(async |conn| {
        let due: Vec<Row> = statement(format!(
            "{COLUMNS} WHERE r.ended_at IS NULL AND r.next_at <= $1 ORDER BY r.next_at, r.id LIMIT $2
            FOR UPDATE OF r SKIP LOCKED"
        ))
        .bind::<sql::Timestamptz, _>(now)
        .bind::<sql::BigInt, _>(AT_ONCE)
        .load(conn)
        .await?;
        let mut next = Vec::with_capacity(due.len());
        for row in &due {
            let zone: Tz = row.time_zone.parse().unwrap_or(chrono_tz::UTC);
            let (Some(kind), Some(rhythm)) = (Kind::parse(&row.kind), row.rhythm()) else {
                // Of a kind that this version does not know: another hub's, tomorrow.
                next.push((row.id, now + chrono::TimeDelta::days(1)));
                continue;
            };
            let following = rhythm.next(zone, now);
            // Once this is over, the next one says it again.
            let notice = Notice::new(row.user_id, kind, row.about).scheduled(row.next_at).until(following);
            notice::tell(conn, &notice).await?;
            next.push((row.id, following));
        }
        move_on(conn, &next).await?;
        Ok(due.len())
    })
    .await
}

const COLUMNS: &str = "SELECT r.id, r.user_id, r.kind, r.about, r.rhythm, r.next_at, u.time_zone
    FROM reminders r JOIN users u ON u.id = r.user_id";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: ReminderId,
    #[diesel(sql_type = sql::Uuid)]
    user_id: UserId,
    #[diesel(sql_type = sql::Text)]
    kind: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    about: Option<Uuid>,
    #[diesel(sql_type = sql::Jsonb)]
    rhythm: serde_json::Value,
    #[diesel(sql_type = sql::Timestamptz)]
    next_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Text)]
    time_zone: String,
}

impl Row {
    fn rhythm(&self) -> Option<Rhythm> {
        serde_json::from_value(self.rhythm.clone()).ok()
    }
}

async fn zone_of(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Option<Tz>> {
    #[derive(QueryableByName)]
    struct Zone {
        #[diesel(sql_type = sql::Text)]
        time_zone: String,
    }
    let row: Option<Zone> = statement("SELECT time_zone FROM users WHERE id = $1")
        .bind::<sql::Uuid, _>(user)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(|row| row.time_zone.parse().unwrap_or(chrono_tz::UTC)))
}

async fn move_on(conn: &mut AsyncPgConnection, next: &[(ReminderId, DateTime<Utc>)]) -> QueryResult<()> {
    statement("UPDATE reminders r SET next_at = m.at FROM unnest($1, $2) AS m(id, at) WHERE r.id = m.id")
        .bind::<sql::Array<sql::Uuid>, _>(next.iter().map(|(id, _)| id.0).collect::<Vec<_>>())
        .bind::<sql::Array<sql::Timestamptz>, _>(next.iter().map(|(_, at)| *at).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    Ok(())
}
