//! Rows of `notification_deliveries` whose turn has come: taking them under lock, and noting what became of them. Decides
//! nothing.

use super::{ways::Turn, ways::Verdict};
use crate::{
    db::statement,
    ids::{DeliveryId, OutboxId, UserId},
    notify::{Channel, kind::Kind, outbox},
};
use chrono::{DateTime, Utc};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A channel of a notice whose turn has come.
#[derive(QueryableByName)]
pub(super) struct Taken {
    #[diesel(sql_type = sql::Uuid)]
    pub id: DeliveryId,
    #[diesel(sql_type = sql::Uuid)]
    pub user_id: UserId,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub about: Option<Uuid>,
    #[diesel(sql_type = sql::Text)]
    kind: String,
    #[diesel(sql_type = sql::Text)]
    channel: String,
    #[diesel(sql_type = sql::Bool)]
    fallback: bool,
    #[diesel(sql_type = sql::Bool)]
    read: bool,
    #[diesel(sql_type = sql::Bool)]
    cancelled: bool,
    #[diesel(sql_type = sql::Bool)]
    confirmed: bool,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
}

impl Taken {
    /// What is known of it; None: of a kind that this version does not know.
    pub fn turn(&self) -> Option<Turn> {
        Some(Turn {
            kind: Kind::parse(&self.kind)?,
            channel: Channel::parse(&self.channel)?,
            fallback: self.fallback,
            read: self.read,
            cancelled: self.cancelled,
            confirmed: self.confirmed,
            expires_at: self.expires_at,
        })
    }
}

// A new message is read when its thread is: asked here, because the notice learns of it a few seconds later.
const COLUMNS: &str = "SELECT d.id, n.user_id, n.about, n.kind, d.channel, d.fallback,
        n.read_at IS NOT NULL OR EXISTS (SELECT FROM participants p WHERE n.kind = 'newMessage' AND p.thread_id = n.about
            AND p.user_id = n.user_id AND (p.read >= n.occurrence OR p.left_at IS NOT NULL)) AS read,
        n.cancelled_at IS NOT NULL AS cancelled, n.expires_at,
        EXISTS (SELECT FROM notification_deliveries c
            WHERE c.notification_id = n.id AND c.confirmed_at IS NOT NULL) AS confirmed
    FROM notification_deliveries d JOIN notifications n ON n.id = d.notification_id
    WHERE d.state = 'planned' AND d.due_at <= $1";

/// Up to `most` that go alone. Other hubs pass them over until the transaction ends.
pub(super) async fn take(conn: &mut AsyncPgConnection, now: DateTime<Utc>, most: i64) -> QueryResult<Vec<Taken>> {
    statement(format!("{COLUMNS} AND NOT d.digest ORDER BY d.due_at, d.id LIMIT $2 FOR UPDATE OF d SKIP LOCKED"))
        .bind::<sql::Timestamptz, _>(now)
        .bind::<sql::BigInt, _>(most)
        .load(conn)
        .await
}

/// All of one person's that go together, whoever that is. Call alone.
pub(super) async fn take_digest(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<Vec<Taken>> {
    let first = "SELECT i.user_id FROM notification_deliveries e JOIN notifications i ON i.id = e.notification_id
        WHERE e.state = 'planned' AND e.digest AND e.due_at <= $1 ORDER BY e.due_at, e.id LIMIT 1";
    statement(format!(
        "{COLUMNS} AND d.digest AND n.user_id = ({first}) ORDER BY d.due_at, d.id LIMIT $2 FOR UPDATE OF d"
    ))
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::BigInt, _>(MOST_IN_A_DIGEST)
    .load(conn)
    .await
}

/// More than anybody counts.
const MOST_IN_A_DIGEST: i64 = 10_000;

/// These wait, or are needed no more.
pub(super) async fn settle(conn: &mut AsyncPgConnection, settled: &[(DeliveryId, Verdict)]) -> QueryResult<()> {
    let (mut ids, mut waits, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for (id, verdict) in settled {
        let (wait, reason) = match verdict {
            Verdict::Send { .. } => continue,
            Verdict::Wait { until } => (Some(*until), None),
            Verdict::Drop { because } => (None, Some(*because)),
        };
        ids.push(id.0);
        waits.push(wait);
        reasons.push(reason);
    }
    if ids.is_empty() {
        return Ok(());
    }
    statement(
        "UPDATE notification_deliveries d SET due_at = COALESCE(s.wait, d.due_at), dropped_because = s.reason,
            state = CASE WHEN s.reason IS NULL THEN 'planned' ELSE 'dropped' END
        FROM unnest($1, $2, $3) AS s(id, wait, reason) WHERE d.id = s.id",
    )
    .bind::<sql::Array<sql::Uuid>, _>(ids)
    .bind::<sql::Array<sql::Nullable<sql::Timestamptz>>, _>(waits)
    .bind::<sql::Array<sql::Nullable<sql::Text>>, _>(reasons)
    .execute(conn)
    .await?;
    Ok(())
}

/// These are in the outbox.
pub(super) async fn queued(
    conn: &mut AsyncPgConnection,
    ids: &[DeliveryId],
    outbox: &[OutboxId],
    confirm_digest: Option<Vec<u8>>,
) -> QueryResult<()> {
    statement(
        "UPDATE notification_deliveries SET state = 'queued', outbox_ids = $2, confirm_digest = $3 WHERE id = ANY ($1)",
    )
    .bind::<sql::Array<sql::Uuid>, _>(ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Uuid>, _>(outbox.iter().map(|id| id.0).collect::<Vec<_>>())
    .bind::<sql::Nullable<sql::Bytea>, _>(confirm_digest)
    .execute(conn)
    .await?;
    Ok(())
}

/// What the outbox is done with. A row that only ran out of time, because quiet hours began before a provider took it,
/// gets another turn; how many rows that were in all.
pub async fn close(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<usize> {
    statement(
        "WITH ended AS (
            SELECT d.id, bool_and(o.state = 'failed' AND o.last_error = 'expired') AS late
            FROM notification_deliveries d JOIN outbox o ON o.id = ANY (d.outbox_ids)
            WHERE d.state = 'queued' GROUP BY d.id HAVING bool_and(o.state <> 'waiting')
        ), withdrawn AS (
            -- Nobody need look into why it was not delivered.
            UPDATE outbox SET state = 'cancelled' WHERE id IN (
                SELECT unnest(d.outbox_ids) FROM notification_deliveries d JOIN ended e ON e.id = d.id WHERE e.late)
        )
        UPDATE notification_deliveries d SET state = CASE WHEN e.late THEN 'planned' ELSE 'handed' END,
            due_at = CASE WHEN e.late THEN $1 ELSE due_at END
        FROM ended e WHERE d.id = e.id AND d.state = 'queued'",
    )
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await
}

/// A notice that was read, or taken back.
#[derive(QueryableByName)]
pub(super) struct Closed {
    #[diesel(sql_type = sql::Uuid)]
    id: Uuid,
}

/// Takes back what was planned for these notices, from the outbox too. A digest is about others as well, and stays.
pub(super) async fn withdraw(
    conn: &mut AsyncPgConnection,
    notices: &[Closed],
    because: &'static str,
) -> crate::error::Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Array<sql::Uuid>)]
        outbox_ids: Vec<OutboxId>,
    }
    if notices.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = statement(
        "UPDATE notification_deliveries SET state = 'dropped', dropped_because = $2
        WHERE notification_id = ANY ($1) AND (state = 'planned' OR state = 'queued' AND NOT digest)
        RETURNING outbox_ids",
    )
    .bind::<sql::Array<sql::Uuid>, _>(notices.iter().map(|notice| notice.id).collect::<Vec<_>>())
    .bind::<sql::Text, _>(because)
    .load(conn)
    .await?;
    let queued: Vec<OutboxId> = rows.into_iter().flat_map(|row| row.outbox_ids).collect();
    if !queued.is_empty() {
        outbox::cancel(conn, &queued).await?;
    }
    Ok(())
}
