//! Messages in threads that nobody has taken. Those who would take one are told once a thread, however many messages wait
//! in it; once somebody has it, or it is closed, nobody needs to know any more. Who they are is not known here.

use super::{
    thread::{self, Concerned},
    turns::{self, Closed},
};
use crate::{
    db::statement,
    error::Result,
    ids::{PracticeId, ThreadId, UserId},
    notify::kind::Kind,
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures_util::future::BoxFuture;
use std::{collections::HashMap, sync::Arc};

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
    #[diesel(sql_type = sql::Array<sql::Uuid>)]
    taking_part: Vec<UserId>,
}

/// Tells of what clients wrote between these instants and nobody took; how many threads that were.
pub(super) async fn tell(
    conn: &mut AsyncPgConnection,
    takers: &Takers,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<usize> {
    let waiting: Vec<Waiting> = statement(
        "SELECT t.practice_id, t.id AS thread_id, max(e.seq) AS seq,
            ARRAY(SELECT p.user_id FROM participants p WHERE p.thread_id = t.id AND p.left_at IS NULL) AS taking_part
        FROM entries e
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
    let concerned = waiting.iter().flat_map(|waiting| {
        // Whoever takes part is told of the message itself.
        let others = people[&waiting.practice_id].iter().filter(|user| !waiting.taking_part.contains(user));
        others.map(|user| Concerned { user: *user, thread: waiting.thread_id, seq: waiting.seq })
    });
    thread::tell(conn, Kind::ThreadWaiting, &concerned.collect::<Vec<_>>(), now).await?;
    Ok(waiting.len())
}

/// Notices of threads that somebody took, or that were closed, are read; what was planned for them is taken back. Of one
/// person, or of all.
pub async fn close_taken(conn: &mut AsyncPgConnection, of: Option<UserId>, now: DateTime<Utc>) -> Result<()> {
    conn.transaction(async |conn| {
        let taken: Vec<Closed> = statement(
            "UPDATE notifications n SET read_at = $1 FROM threads t
            WHERE n.kind = 'threadWaiting' AND n.read_at IS NULL AND n.cancelled_at IS NULL AND t.id = n.about
                AND (t.assignee_id IS NOT NULL OR t.status <> 'open') AND ($2 IS NULL OR n.user_id = $2)
            RETURNING n.id",
        )
        .bind::<sql::Timestamptz, _>(now)
        .bind::<sql::Nullable<sql::Uuid>, _>(of)
        .load(conn)
        .await?;
        turns::withdraw(conn, &taken, "taken").await
    })
    .await
}
