//! Rows of the outbox that are due: taking them, and noting what became of them. A row is taken by moving its next turn
//! into the future, not by a lock: whoever took it and dies leaves it to others a while later, and no transaction stays
//! open while a mail server thinks.

use crate::{
    crypto::WrappedKey,
    ids::{DataKeyId, OutboxId},
};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;

/// So long nobody else takes a row that was taken.
const LEASE: Duration = Duration::from_secs(300);

/// A row that was taken.
#[derive(QueryableByName)]
pub struct Due {
    #[diesel(sql_type = sql::Uuid)]
    pub id: OutboxId,
    #[diesel(sql_type = sql::Text)]
    pub kind: String,
    /// With this one.
    #[diesel(sql_type = sql::Integer)]
    pub attempts: i32,
    #[diesel(sql_type = sql::Bytea)]
    pub sealed: Vec<u8>,
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
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Sent,
    /// Again after about so long.
    Later {
        after: Duration,
        code: String,
    },
    /// Never.
    GivenUp {
        code: String,
    },
}

/// Takes up to `most` rows; several relays never take the same one.
pub async fn take(conn: &mut AsyncPgConnection, most: i64) -> QueryResult<Vec<Due>> {
    crate::db::statement(
        "UPDATE outbox o SET attempts = attempts + 1, due_at = now() + make_interval(secs => $2)
        FROM data_keys k, practices p
        WHERE o.id IN (
            SELECT id FROM outbox WHERE state = 'waiting' AND due_at <= now()
            ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
        ) AND k.id = o.key_id AND p.id = o.practice_id
        RETURNING o.id, o.kind, o.attempts, o.sealed, p.time_zone, k.id AS key_id, k.wrapped",
    )
    .bind::<sql::BigInt, _>(most)
    .bind::<sql::Double, _>(LEASE.as_secs_f64())
    .load(conn)
    .await
}

/// Notes the outcome. What will not be sent any more is not kept either: links are secrets.
pub async fn settle(conn: &mut AsyncPgConnection, id: OutboxId, outcome: &Outcome) -> QueryResult<()> {
    let (state, after, code) = match outcome {
        Outcome::Sent => ("sent", Duration::ZERO, None),
        Outcome::Later { after, code } => ("waiting", *after, Some(code.as_str())),
        Outcome::GivenUp { code } => ("failed", Duration::ZERO, Some(code.as_str())),
    };
    // Half as long to half as long again, so that what failed together does not come again together.
    crate::db::statement(
        "UPDATE outbox SET state = $2, last_error = $4,
            due_at = now() + make_interval(secs => $3 * (0.5 + random())),
            sent_at = CASE WHEN $2 = 'sent' THEN now() END,
            sealed = CASE WHEN $2 = 'waiting' THEN sealed ELSE '' END
        WHERE id = $1 AND state = 'waiting'",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Text, _>(state)
    .bind::<sql::Double, _>(after.as_secs_f64())
    .bind::<sql::Nullable<sql::Text>, _>(code)
    .execute(conn)
    .await?;
    Ok(())
}
