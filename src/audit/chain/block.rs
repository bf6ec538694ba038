//! A block: the digests of the rows of a span of ticks, hashed onto the block before. Its signature is over its hash.

use super::rows::{DIGEST_BYTES, Source};
use aws_lc_rs::digest::{Context, SHA256, digest};
use chrono::{DateTime, Utc};
use diesel::{QueryResult, QueryableByName, result::OptionalExtension, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// What the first block hangs from.
pub const NOTHING_BEFORE: [u8; 32] = [0; 32];

/// As it is stored.
#[derive(Clone, Debug, QueryableByName)]
pub struct Block {
    #[diesel(sql_type = sql::BigInt)]
    pub position: i64,
    #[diesel(sql_type = sql::Uuid)]
    pub epoch: Uuid,
    #[diesel(sql_type = sql::BigInt)]
    pub from_tick: i64,
    /// Exclusive.
    #[diesel(sql_type = sql::BigInt)]
    pub to_tick: i64,
    #[diesel(sql_type = sql::Bytea)]
    pub events: Vec<u8>,
    #[diesel(sql_type = sql::Bytea)]
    pub entries: Vec<u8>,
    #[diesel(sql_type = sql::Bytea)]
    pub previous_hash: Vec<u8>,
    #[diesel(sql_type = sql::Bytea)]
    pub hash: Vec<u8>,
    #[diesel(sql_type = sql::Uuid)]
    pub key_id: Uuid,
    #[diesel(sql_type = sql::Bytea)]
    pub signature: Vec<u8>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub sealed_at: DateTime<Utc>,
}

impl Block {
    /// What `hash` has to be. Every part has a fixed length, so that no two blocks read the same.
    pub fn computed_hash(&self) -> Vec<u8> {
        let mut context = Context::new(&SHA256);
        context.update(b"carehub audit block 1\0");
        for number in [self.position, self.from_tick, self.to_tick, self.sealed_at.timestamp_micros()] {
            context.update(&number.to_be_bytes());
        }
        for id in [self.epoch, self.key_id] {
            context.update(id.as_bytes());
        }
        for source in Source::ALL {
            context.update(digest(&SHA256, self.digests(source)).as_ref());
        }
        context.update(digest(&SHA256, &self.previous_hash).as_ref());
        context.finish().as_ref().to_vec()
    }

    /// The digests of a table's rows, one after another.
    pub fn digests(&self, source: Source) -> &[u8] {
        match source {
            Source::Events => &self.events,
            Source::Entries => &self.entries,
        }
    }

    /// How many rows it covers.
    pub fn rows(&self, source: Source) -> u64 {
        (self.digests(source).len() / DIGEST_BYTES) as u64
    }
}

macro_rules! blocks {
    ($rest:literal) => {
        concat!(
            "SELECT position, epoch, from_tick, to_tick, events, entries, previous_hash, hash, key_id, signature, \
             sealed_at FROM audit_blocks ",
            $rest
        )
    };
}

/// The newest.
pub async fn find_head(conn: &mut AsyncPgConnection) -> QueryResult<Option<Block>> {
    crate::db::statement(blocks!("ORDER BY position DESC LIMIT 1")).get_result(conn).await.optional()
}

/// The first one after this position.
pub async fn find_after(conn: &mut AsyncPgConnection, position: i64) -> QueryResult<Option<Block>> {
    crate::db::statement(blocks!("WHERE position > $1 ORDER BY position LIMIT 1"))
        .bind::<sql::BigInt, _>(position)
        .get_result(conn)
        .await
        .optional()
}

/// Writes one.
pub async fn insert(conn: &mut AsyncPgConnection, block: &Block) -> QueryResult<()> {
    crate::db::statement(
        "INSERT INTO audit_blocks (position, epoch, from_tick, to_tick, events, entries, previous_hash, hash, key_id,
            signature, sealed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind::<sql::BigInt, _>(block.position)
    .bind::<sql::Uuid, _>(block.epoch)
    .bind::<sql::BigInt, _>(block.from_tick)
    .bind::<sql::BigInt, _>(block.to_tick)
    .bind::<sql::Bytea, _>(&block.events)
    .bind::<sql::Bytea, _>(&block.entries)
    .bind::<sql::Bytea, _>(&block.previous_hash)
    .bind::<sql::Bytea, _>(&block.hash)
    .bind::<sql::Uuid, _>(block.key_id)
    .bind::<sql::Bytea, _>(&block.signature)
    .bind::<sql::Timestamptz, _>(block.sealed_at)
    .execute(conn)
    .await?;
    Ok(())
}
