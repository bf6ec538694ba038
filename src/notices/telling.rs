//! Notices whose time has come: they appear in Carehub, and their ways out of it are planned. One hub at a time, so that
//! the numbers in which they were told grow in the order of the commits: whoever has seen number n has missed none below.

use super::{person, ways};
use crate::{
    db::statement,
    error::Result,
    ids::{DeliveryId, UserId},
    notify::kind::Kind,
};
use chrono::{DateTime, Utc};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Notices of one transaction.
pub const AT_ONCE: i64 = 500;
/// Of the advisory lock.
const LOCK: i64 = 0x6361_7265_6875_6202;

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = sql::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql::Uuid)]
    user_id: UserId,
    #[diesel(sql_type = sql::Text)]
    kind: String,
}

/// Tells up to [`AT_ONCE`] of them; how many there were. None while another hub is at it.
pub async fn tell_due(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<usize> {
    conn.transaction(async |conn| {
        if !is_alone(conn, LOCK).await? {
            return Ok(0);
        }
        let due: Vec<Due> = statement(
            "SELECT id, user_id, kind FROM notifications
            WHERE told IS NULL AND cancelled_at IS NULL AND due_at <= $1 ORDER BY due_at, id LIMIT $2 FOR UPDATE",
        )
        .bind::<sql::Timestamptz, _>(now)
        .bind::<sql::BigInt, _>(AT_ONCE)
        .load(conn)
        .await?;
        if due.is_empty() {
            return Ok(0);
        }
        plan(conn, &due, now).await?;
        statement(
            "WITH numbered AS MATERIALIZED (
                SELECT id, nextval('notifications_told') AS told FROM unnest($1) AS id
            )
            UPDATE notifications n SET told = m.told, told_at = $2 FROM numbered m WHERE n.id = m.id",
        )
        .bind::<sql::Array<sql::Uuid>, _>(due.iter().map(|due| due.id).collect::<Vec<_>>())
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
        Ok(due.len())
    })
    .await
}

/// Whether no other transaction has this lock; it is held until this one ends.
pub(super) async fn is_alone(conn: &mut AsyncPgConnection, lock: i64) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        taken: bool,
    }
    let row: Row = statement("SELECT pg_try_advisory_xact_lock($1) AS taken")
        .bind::<sql::BigInt, _>(lock)
        .get_result(conn)
        .await?;
    Ok(row.taken)
}

async fn plan(conn: &mut AsyncPgConnection, due: &[Due], now: DateTime<Utc>) -> Result<()> {
    let users: Vec<UserId> = due.iter().map(|due| due.user_id).collect();
    let people = person::load(conn, &users).await?;
    let ways = due.iter().filter_map(|due| {
        let person = people.get(&due.user_id).filter(|person| person.is_active)?;
        let ways = ways::plan(Kind::parse(&due.kind)?, person, now);
        Some(ways.into_iter().map(|way| (due.id, way)))
    });
    let ways: Vec<_> = ways.flatten().collect();
    statement(
        "INSERT INTO notification_deliveries (id, notification_id, channel, digest, fallback, due_at)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
    )
    .bind::<sql::Array<sql::Uuid>, _>(ways.iter().map(|_| DeliveryId::new().0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Uuid>, _>(ways.iter().map(|(notice, _)| *notice).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Text>, _>(ways.iter().map(|(_, way)| way.channel.as_str()).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Bool>, _>(ways.iter().map(|(_, way)| way.digest).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Bool>, _>(ways.iter().map(|(_, way)| way.fallback).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Timestamptz>, _>(ways.iter().map(|(_, way)| way.due_at).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
