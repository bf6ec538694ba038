//! Messages in threads that nobody has taken. Those who would take one are told once a thread, however many messages wait
//! in it; once somebody has it, or it is closed, nobody needs to know any more. Who they are is not known here.

use super::turns;
use crate::{
    db::statement,
    error::Result,
    ids::{NotificationId, PracticeId, ThreadId, UserId},
    notify::kind::Kind,
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures_util::future::BoxFuture;
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// Who of a practice would take a thread at an instant.
pub type Takers = Arc<
    dyn for<'a> Fn(&'a mut AsyncPgConnection, PracticeId, DateTime<Utc>) -> BoxFuture<'a, Result<Vec<UserId>>>
        + Send
        + Sync,
>;

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Uuid)]
    thread_id: ThreadId,
    #[diesel(sql_type = sql::BigInt)]
    seq: i64,
}

/// Tells of what clients wrote between these instants and nobody took; how many threads that were.
pub(super) async fn tell(
    conn: &mut AsyncPgConnection,
    takers: &Takers,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<usize> {
    let waiting: Vec<Waiting> = statement(
        "SELECT t.practice_id, t.id AS thread_id, max(e.seq) AS seq FROM entries e
        JOIN threads t ON t.id = e.thread_id AND t.assignee_id IS NULL AND t.status = 'open'
        WHERE e.at > $1 AND e.at <= $2 AND e.kind = 'message' AND e.sender_id = t.client_id
        GROUP BY t.practice_id, t.id",
    )
    .bind::<sql::Timestamptz, _>(from)
    .bind::<sql::Timestamptz, _>(until)
    .load(conn)
    .await?;
    let mut people: HashMap<PracticeId, Vec<UserId>> = HashMap::new();
    for Waiting { practice_id, .. } in &waiting {
        if !people.contains_key(practice_id) {
            let found = takers(conn, *practice_id, now).await?;
            people.insert(*practice_id, found);
        }
    }
    let told = waiting.iter().flat_map(|waiting| people[&waiting.practice_id].iter().map(move |user| (*user, waiting)));
    insert(conn, &told.collect::<Vec<_>>(), now).await?;
    Ok(waiting.len())
}

async fn insert(conn: &mut AsyncPgConnection, told: &[(UserId, &Waiting)], now: DateTime<Utc>) -> Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    // Whoever takes part is told of the message itself.
    statement(
        "INSERT INTO notifications (id, practice_id, user_id, kind, about, occurrence, due_at)
        SELECT f.id, u.practice_id, u.id, $5, f.thread_id, f.seq, $6
        FROM unnest($1, $2, $3, $4) AS f(id, user_id, thread_id, seq)
        JOIN users u ON u.id = f.user_id AND u.status = 'active'
        WHERE NOT EXISTS (SELECT FROM notifications n WHERE n.user_id = f.user_id AND n.kind = $5
                AND n.about = f.thread_id AND n.occurrence >= f.seq)
            AND NOT EXISTS (SELECT FROM participants p WHERE p.thread_id = f.thread_id AND p.user_id = f.user_id
                AND p.left_at IS NULL)
        ON CONFLICT (user_id, about) WHERE kind = 'threadWaiting' AND read_at IS NULL AND cancelled_at IS NULL
        DO UPDATE SET occurrence = GREATEST(notifications.occurrence, excluded.occurrence)",
    )
    .bind::<sql::Array<sql::Uuid>, _>(told.iter().map(|_| NotificationId::new().0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Uuid>, _>(told.iter().map(|(user, _)| user.0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Uuid>, _>(told.iter().map(|(_, waiting)| waiting.thread_id.0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::BigInt>, _>(told.iter().map(|(_, waiting)| waiting.seq).collect::<Vec<_>>())
    .bind::<sql::Text, _>(Kind::ThreadWaiting.as_str())
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notices of threads that somebody took, or that were closed, are read; what was planned for them is taken back. Of one
/// person, or of all.
pub async fn close_taken(conn: &mut AsyncPgConnection, of: Option<UserId>, now: DateTime<Utc>) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: Uuid,
    }
    conn.transaction(async |conn| {
        let rows: Vec<Row> = statement(
            "UPDATE notifications n SET read_at = $1 FROM threads t
            WHERE n.kind = 'threadWaiting' AND n.read_at IS NULL AND n.cancelled_at IS NULL AND t.id = n.about
                AND (t.assignee_id IS NOT NULL OR t.status <> 'open') AND ($2 IS NULL OR n.user_id = $2)
            RETURNING n.id",
        )
        .bind::<sql::Timestamptz, _>(now)
        .bind::<sql::Nullable<sql::Uuid>, _>(of)
        .load(conn)
        .await?;
        turns::withdraw(conn, &rows.into_iter().map(|row| row.id).collect::<Vec<_>>(), "taken").await
    })
    .await
}
