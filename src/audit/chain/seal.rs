//! Putting one block over what is not sealed yet. Call it as often as you like, from as many nodes: one at a time does it,
//! and the others find nothing to do.

use super::{
    block::{self, Block, NOTHING_BEFORE},
    rows::Source,
    signer::Signer,
};
use chrono::{DateTime, Utc};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Of PostgreSQL's advisory locks, ours ("audit" in ASCII).
const LOCK: i64 = 0x61_75_64_69_74;

/// Seals at most about `most` rows of each table (the rows of one transaction stay together), and returns the new block.
///
/// A row is sealed once every transaction that began to write before its own is over: none can turn up below a block
/// that is there.
pub async fn seal(conn: &mut AsyncPgConnection, signer: &Signer, epoch: Uuid, most: i64) -> QueryResult<Option<Block>> {
    conn.transaction(async |conn| {
        if !lock(conn).await? {
            return Ok(None);
        }
        let before = block::find_head(conn).await?;
        let from_tick = before.as_ref().map_or(0, |block| block.to_tick);
        let Some(span) = find_span(conn, from_tick, most).await? else { return Ok(None) };
        let mut block = Block {
            position: before.as_ref().map_or(1, |block| block.position + 1),
            epoch,
            from_tick,
            to_tick: span.to_tick,
            events: digests(conn, Source::Events, from_tick, span.to_tick).await?,
            entries: digests(conn, Source::Entries, from_tick, span.to_tick).await?,
            previous_hash: before.map_or(NOTHING_BEFORE.to_vec(), |block| block.hash),
            hash: Vec::new(),
            key_id: signer.id(),
            signature: Vec::new(),
            sealed_at: span.now,
        };
        block.hash = block.computed_hash();
        block.signature = signer.sign(&block.hash);
        block::insert(conn, &block).await?;
        Ok(Some(block))
    })
    .await
}

/// Until the transaction ends. False: another node is at it.
async fn lock(conn: &mut AsyncPgConnection) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        locked: bool,
    }
    let row: Row = crate::db::statement("SELECT pg_try_advisory_xact_lock($1) AS locked")
        .bind::<sql::BigInt, _>(LOCK)
        .get_result(conn)
        .await?;
    Ok(row.locked)
}

#[derive(QueryableByName)]
struct Span {
    #[diesel(sql_type = sql::BigInt)]
    to_tick: i64,
    #[diesel(sql_type = sql::Timestamptz)]
    now: DateTime<Utc>,
}

/// Up to where rows can be sealed; None where there is none.
async fn find_span(conn: &mut AsyncPgConnection, from: i64, most: i64) -> QueryResult<Option<Span>> {
    use diesel::result::OptionalExtension;
    // `bound` is the tick of the first row that would be too many; where it is the first tick of all, that one
    // transaction alone is more than `most`, and is sealed whole.
    crate::db::statement(
        "WITH horizon AS (
            SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                + COALESCE((SELECT tick_offset FROM store_identity), 0) AS tick
        ), first AS (
            SELECT LEAST((SELECT min(tick) FROM audit_events WHERE tick >= $1),
                (SELECT min(tick) FROM entries WHERE tick >= $1)) AS tick
        ), bound AS (
            SELECT LEAST((SELECT tick FROM audit_events WHERE tick >= $1 ORDER BY tick OFFSET $2 LIMIT 1),
                (SELECT tick FROM entries WHERE tick >= $1 ORDER BY tick OFFSET $2 LIMIT 1)) AS tick
        )
        SELECT LEAST(horizon.tick, CASE WHEN bound.tick IS NOT NULL THEN GREATEST(bound.tick, first.tick + 1) END)
            AS to_tick, now() AS now
        FROM horizon, first, bound WHERE first.tick < horizon.tick",
    )
    .bind::<sql::BigInt, _>(from)
    .bind::<sql::BigInt, _>(most)
    .get_result(conn)
    .await
    .optional()
}

async fn digests(conn: &mut AsyncPgConnection, source: Source, from: i64, to: i64) -> QueryResult<Vec<u8>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bytea)]
        digests: Vec<u8>,
    }
    let row: Row = crate::db::statement(source.digests())
        .bind::<sql::BigInt, _>(from)
        .bind::<sql::BigInt, _>(to)
        .get_result(conn)
        .await?;
    Ok(row.digests)
}
