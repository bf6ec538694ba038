//! The one notice that a person has of a thread, which grows with the thread instead of being told again. Who is told of
//! which threads is decided elsewhere.

use crate::{
    db::statement,
    ids::{NotificationId, ThreadId, UserId},
    notify::kind::Kind,
};
use chrono::{DateTime, Utc};
use diesel::{QueryResult, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Whom a thread concerns, up to its newest entry.
pub(super) struct Concerned {
    pub user: UserId,
    pub thread: ThreadId,
    pub seq: i64,
}

/// Tells them, or lets the notice grow that they have. `kind` is `newMessage` or `threadWaiting`, which the index on
/// these notices knows.
pub(super) async fn tell(
    conn: &mut AsyncPgConnection,
    kind: Kind,
    concerned: &[Concerned],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    if concerned.is_empty() {
        return Ok(());
    }
    statement(
        "INSERT INTO notifications (id, practice_id, user_id, kind, about, occurrence, due_at)
        SELECT f.id, u.practice_id, u.id, $5, f.thread_id, f.seq, $6
        FROM unnest($1, $2, $3, $4) AS f(id, user_id, thread_id, seq)
        JOIN users u ON u.id = f.user_id AND u.status = 'active'
        WHERE NOT EXISTS (SELECT FROM notifications n WHERE n.user_id = f.user_id AND n.kind = $5
            AND n.about = f.thread_id AND n.occurrence >= f.seq)
        ON CONFLICT (user_id, kind, about)
            WHERE kind IN ('newMessage', 'threadWaiting') AND read_at IS NULL AND cancelled_at IS NULL
        DO UPDATE SET occurrence = GREATEST(notifications.occurrence, excluded.occurrence)",
    )
    .bind::<sql::Array<sql::Uuid>, _>(concerned.iter().map(|_| NotificationId::new().0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Uuid>, _>(concerned.iter().map(|each| each.user.0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Uuid>, _>(concerned.iter().map(|each| each.thread.0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::BigInt>, _>(concerned.iter().map(|each| each.seq).collect::<Vec<_>>())
    .bind::<sql::Text, _>(kind.as_str())
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}
