//! Rows of the outbox that are due: taking them, and noting what became of them. A row is taken by moving its next turn
//! into the future, not by a lock: whoever took it and dies leaves it to others a while later, and no transaction stays
//! open while a provider thinks.
//!
//! The database's clock judges, so that hubs whose clocks differ agree; tests move it on by what their own was moved.

use super::{channel::Channel, lane::Lane};
use crate::{
    clock::Clock,
    crypto::WrappedKey,
    ids::{DataKeyId, OutboxId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;

/// A row that was given up is kept with what it says for so long: staff may have it sent again. Also a text message that
/// no report came for.
pub const KEPT_DAYS: i32 = 7;
/// Rows emptied at once.
const SWEPT: i64 = 1_000;

/// A row that was taken.
#[derive(QueryableByName)]
pub struct Due {
    #[diesel(sql_type = sql::Uuid)]
    pub id: OutboxId,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub recipient_id: Option<UserId>,
    #[diesel(sql_type = sql::Text)]
    channel: String,
    #[diesel(sql_type = sql::Text)]
    pub kind: String,
    /// With this one.
    #[diesel(sql_type = sql::Integer)]
    pub attempts: i32,
    #[diesel(sql_type = sql::Bytea)]
    pub sealed: Vec<u8>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Bool)]
    pub is_over: bool,
    /// Of the practice.
    #[diesel(sql_type = sql::Text)]
    pub time_zone: String,
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
}

impl Due {
    /// The key that the row is sealed with.
    pub fn key(&self) -> WrappedKey {
        WrappedKey { id: self.key_id, wrapped: self.wrapped.clone() }
    }

    /// None: a channel that this version does not know.
    pub fn channel(&self) -> Option<Channel> {
        Channel::parse(&self.channel)
    }
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A provider took it, and calls it so.
    Sent { provider_id: Option<String> },
    /// Again after about so long, and not before `at_least`.
    Later { after: Duration, at_least: Duration, code: String },
    /// Never.
    GivenUp { code: String },
    /// Never: there is nobody at this address.
    Bounced { code: String },
}

/// Takes up to `most` rows of a lane and channel; several relays never take the same one.
pub async fn take(
    conn: &mut AsyncPgConnection,
    lane: Lane,
    channel: Channel,
    clock: &Clock,
    most: i64,
) -> QueryResult<Vec<Due>> {
    crate::db::statement(
        "UPDATE outbox o SET attempts = attempts + 1, due_at = now() + make_interval(secs => $3 + $2)
        FROM data_keys k, practices p
        WHERE o.id IN (
            SELECT id FROM outbox WHERE state = 'waiting' AND urgent = $4 AND channel = $5
                AND due_at <= now() + make_interval(secs => $2)
            ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
        ) AND k.id = o.key_id AND p.id = o.practice_id
        RETURNING o.id, o.recipient_id, o.channel, o.kind, o.attempts, o.sealed, o.expires_at,
            COALESCE(o.expires_at <= now() + make_interval(secs => $2), false) AS is_over,
            p.time_zone, k.id AS key_id, k.wrapped",
    )
    .bind::<sql::BigInt, _>(most)
    .bind::<sql::Double, _>(moved(clock))
    .bind::<sql::Double, _>(lane.lease().as_secs_f64())
    .bind::<sql::Bool, _>(lane == Lane::Urgent)
    .bind::<sql::Text, _>(channel.as_str())
    .load(conn)
    .await
}

/// Notes the outcome, unless a provider's report, or whoever took it back, was quicker.
pub async fn settle(conn: &mut AsyncPgConnection, clock: &Clock, due: &Due, outcome: &Outcome) -> QueryResult<()> {
    let none = Duration::ZERO;
    let (state, after, at_least, code, provider_id) = match outcome {
        Outcome::Sent { provider_id } => ("sent", none, none, None, provider_id.as_deref()),
        Outcome::Later { after, at_least, code } => ("waiting", *after, *at_least, Some(code.as_str()), None),
        Outcome::GivenUp { code } => ("failed", none, none, Some(code.as_str()), None),
        Outcome::Bounced { code } => ("bounced", none, none, Some(code.as_str()), None),
    };
    // Whatever was taken by a provider is over with, but for what a provider reports on, and so may still fail.
    let is_done = matches!(outcome, Outcome::Sent { .. }) && due.channel() != Some(Channel::Sms) || due.is_over;
    // Half as long to half as long again, so that what failed together does not come again together.
    crate::db::statement(
        "UPDATE outbox SET state = CASE WHEN state = 'waiting' THEN $2 ELSE state END,
            last_error = CASE WHEN state = 'waiting' THEN $5 ELSE last_error END,
            provider_id = COALESCE($6, provider_id),
            due_at = now() + make_interval(secs => $7 + GREATEST($3 * (0.5 + random()), $4 * (1 + 0.2 * random()))),
            sent_at = CASE WHEN $2 = 'sent' THEN now() + make_interval(secs => $7) ELSE sent_at END,
            settled_at = CASE WHEN state <> 'waiting' THEN settled_at
                WHEN $2 <> 'waiting' THEN now() + make_interval(secs => $7) END,
            sealed = CASE WHEN $8 THEN '' ELSE sealed END
        WHERE id = $1 AND (state = 'waiting' OR $2 = 'sent' AND state <> 'cancelled')",
    )
    .bind::<sql::Uuid, _>(due.id)
    .bind::<sql::Text, _>(state)
    .bind::<sql::Double, _>(after.as_secs_f64())
    .bind::<sql::Double, _>(at_least.as_secs_f64())
    .bind::<sql::Nullable<sql::Text>, _>(code)
    .bind::<sql::Nullable<sql::Text>, _>(provider_id)
    .bind::<sql::Double, _>(moved(clock))
    .bind::<sql::Bool, _>(is_done)
    .execute(conn)
    .await?;
    Ok(())
}

/// Empties rows that nobody sends again: links and codes are secrets.
pub async fn sweep(conn: &mut AsyncPgConnection, clock: &Clock) -> QueryResult<usize> {
    crate::db::statement(
        "UPDATE outbox SET sealed = '' WHERE id IN (
            SELECT id FROM outbox WHERE state IN ('sent', 'failed', 'bounced') AND sealed <> ''
                AND settled_at < now() + make_interval(secs => $1) - make_interval(days => $2) LIMIT $3)",
    )
    .bind::<sql::Double, _>(moved(clock))
    .bind::<sql::Integer, _>(KEPT_DAYS)
    .bind::<sql::BigInt, _>(SWEPT)
    .execute(conn)
    .await
}

/// Seconds that the clock was moved by hand.
fn moved(clock: &Clock) -> f64 {
    clock.moved().as_seconds_f64()
}
