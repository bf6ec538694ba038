//! Messages that stay unread. Sending one writes nothing for this: a look every few seconds finds the entries that have
//! just grown old enough, and who has not read them. One notice a thread and person, which grows with the thread; once the
//! thread is read, so is the notice.

use super::{
    pool::{self, Takers},
    thread::{self, Concerned},
    turns::{self, Closed},
};
use crate::{
    db::statement,
    error::Result,
    ids::{ThreadId, UserId},
    notify::kind::Kind,
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{OptionalExtension, QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

/// Looked at again each time: an entry gets its time a little before its transaction commits. The journal gives up long
/// before.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);

/// How it is looked.
#[derive(Clone)]
pub struct Looking {
    /// So long a message may lie unread before anybody is told.
    pub grace: TimeDelta,
    /// Who is told of what nobody has taken.
    pub takers: Takers,
}

#[derive(QueryableByName)]
struct Unread {
    #[diesel(sql_type = sql::Uuid)]
    user_id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    thread_id: ThreadId,
    #[diesel(sql_type = sql::BigInt)]
    seq: i64,
}

/// Tells of what has been unread for the grace time; how many notices that made or renewed. One hub at a time.
pub async fn look(conn: &mut AsyncPgConnection, looking: &Looking, now: DateTime<Utc>) -> Result<usize> {
    conn.transaction(async |conn| {
        let until = now - looking.grace;
        let Some(from) = watermark(conn).await? else { return Ok(0) };
        let found: Vec<Unread> = statement(
            "WITH ripe AS MATERIALIZED (
                SELECT thread_id, sender_id, max(seq) AS seq FROM entries
                WHERE at > $1 AND at <= $2 AND kind = 'message' GROUP BY thread_id, sender_id
            ), unread AS (
                SELECT p.user_id, p.thread_id, max(r.seq) AS seq FROM ripe r
                JOIN participants p ON p.thread_id = r.thread_id AND p.left_at IS NULL AND p.read < r.seq
                    AND p.user_id IS DISTINCT FROM r.sender_id
                GROUP BY p.user_id, p.thread_id
            )
            SELECT r.user_id, r.thread_id, r.seq FROM unread r WHERE NOT EXISTS (
                SELECT FROM notifications n WHERE n.user_id = r.user_id AND n.kind = 'newMessage'
                    AND n.about = r.thread_id AND n.occurrence >= r.seq)",
        )
        .bind::<sql::Timestamptz, _>(from - OVERLAP)
        .bind::<sql::Timestamptz, _>(until)
        .load(conn)
        .await?;
        let concerned = found.into_iter().map(|Unread { user_id, thread_id, seq }| Concerned {
            user: user_id,
            thread: thread_id,
            seq,
        });
        let concerned: Vec<Concerned> = concerned.collect();
        thread::tell(conn, Kind::NewMessage, &concerned, now).await?;
        let waiting = pool::tell(conn, &looking.takers, (from - OVERLAP, until), now).await?;
        // The hub's clock may be ahead of the store's, which gives entries their times: none is passed over for that.
        statement("UPDATE notification_watermark SET at = GREATEST(at, LEAST($1, clock_timestamp()))")
            .bind::<sql::Timestamptz, _>(until)
            .execute(conn)
            .await?;
        Ok(concerned.len() + waiting)
    })
    .await
}

async fn watermark(conn: &mut AsyncPgConnection) -> QueryResult<Option<DateTime<Utc>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Timestamptz)]
        at: DateTime<Utc>,
    }
    let row: Option<Row> =
        statement("SELECT at FROM notification_watermark FOR UPDATE SKIP LOCKED").get_result(conn).await.optional()?;
    Ok(row.map(|row| row.at))
}

/// Notices whose thread was read, or is no longer theirs, are read; what was planned for them is taken back. Of one
/// person, or of all.
pub async fn close_read(conn: &mut AsyncPgConnection, of: Option<UserId>, now: DateTime<Utc>) -> Result<()> {
    conn.transaction(async |conn| {
        let read: Vec<Closed> = statement(
            "UPDATE notifications n SET read_at = $1 FROM participants p
            WHERE n.kind = 'newMessage' AND n.read_at IS NULL AND n.cancelled_at IS NULL
                AND p.thread_id = n.about AND p.user_id = n.user_id AND (p.read >= n.occurrence OR p.left_at IS NOT NULL)
                AND ($2 IS NULL OR n.user_id = $2)
            RETURNING n.id",
        )
        .bind::<sql::Timestamptz, _>(now)
        .bind::<sql::Nullable<sql::Uuid>, _>(of)
        .load(conn)
        .await?;
        turns::withdraw(conn, &read, "read").await
    })
    .await
}
