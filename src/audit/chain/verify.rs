//! Verifying everything, from the first block to the newest and against the checkpoints outside. Reads only, in one
//! snapshot, and stops at the first thing that is not as it was.

use super::{
    block::{self, Block, NOTHING_BEFORE},
    checkpoint::Checkpoint,
    compare::{Difference, Found, first_difference},
    rows::{Source, digest_of},
    signer::Trusted,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::{collections::HashMap, fmt};
use uuid::Uuid;

/// What was verified.
#[derive(Debug, Default)]
pub struct Report {
    pub blocks: i64,
    pub events: u64,
    pub entries: u64,
    /// Rows that are not sealed yet.
    pub unsealed: i64,
    pub checkpoints: usize,
    /// Blocks that checkpoints tell of and that went with a restore from an older backup: the first and the last.
    pub lost_by_restore: Option<(i64, i64)>,
    /// The first thing that is wrong.
    pub fault: Option<Fault>,
}

/// Something that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A row differs from its block.
    Row { source: Source, position: i64, sealed_at: DateTime<Utc>, difference: Difference },
    /// There is a later block, and not this one.
    BlockMissing(i64),
    /// Its hash, its place in the chain, or its span is not what was sealed.
    BlockChanged(i64),
    /// Signed by none of the keys that are believed.
    BlockUnsigned(i64),
    /// A checkpoint tells of a block that is not there: the newest blocks were cut off.
    TailCut { head: i64, checkpoint: i64, at: DateTime<Utc> },
    /// A checkpoint tells of another block in this place: blocks were cut off, and others put over what was left.
    BlockReplaced { position: i64, at: DateTime<Utc> },
    /// A checkpoint was altered, or is signed by a foreign key.
    CheckpointUnsigned { position: i64 },
}

/// Verifies. `checkpoints` must have been read before: blocks may be added meanwhile.
pub async fn verify(
    conn: &mut AsyncPgConnection,
    trusted: &Trusted,
    checkpoints: Vec<Checkpoint>,
) -> QueryResult<Report> {
    conn.build_transaction()
        .repeatable_read()
        .read_only()
        .run(async |conn| {
            let mut report = Report::default();
            let mut by_position: HashMap<i64, Vec<Checkpoint>> = HashMap::new();
            report.checkpoints = checkpoints.len();
            for checkpoint in checkpoints {
                if !is_signed(&checkpoint, trusted) {
                    report.fault = Some(Fault::CheckpointUnsigned { position: checkpoint.position });
                    return Ok(report);
                }
                by_position.entry(checkpoint.position).or_default().push(checkpoint);
            }
            let mut before: Option<Block> = None;
            while let Some(block) = block::find_after(conn, report.blocks).await? {
                let told = by_position.remove(&block.position).unwrap_or_default();
                report.fault = match judge(&block, before.as_ref(), trusted) {
                    Some(fault) => Some(fault),
                    None => match judge_told(&block, told, &mut report) {
                        Some(fault) => Some(fault),
                        None => find_different_row(conn, &block).await?,
                    },
                };
                if report.fault.is_some() {
                    return Ok(report);
                }
                report.blocks = block.position;
                report.events += block.rows(Source::Events);
                report.entries += block.rows(Source::Entries);
                before = Some(block);
            }
            let (epoch, unsealed) = find_rest(conn, before.as_ref().map_or(0, |block| block.to_tick)).await?;
            report.unsealed = unsealed;
            let mut beyond: Vec<Checkpoint> = by_position.into_values().flatten().collect();
            beyond.sort_by_key(|checkpoint| checkpoint.position);
            for checkpoint in beyond {
                if Some(checkpoint.epoch) != epoch {
                    note_lost(&mut report, checkpoint.position);
                } else {
                    let Checkpoint { position, at, .. } = checkpoint;
                    report.fault = Some(Fault::TailCut { head: report.blocks, checkpoint: position, at });
                    break;
                }
            }
            Ok(report)
        })
        .await
}

fn is_signed(checkpoint: &Checkpoint, trusted: &Trusted) -> bool {
    let signature = BASE64_STANDARD.decode(&checkpoint.signature);
    signature.is_ok_and(|signature| trusted.signed(checkpoint.key, &checkpoint.signed_bytes(), &signature))
}

fn judge(block: &Block, before: Option<&Block>, trusted: &Trusted) -> Option<Fault> {
    let (position, hash, tick) =
        before.map_or((1, NOTHING_BEFORE.as_slice(), 0), |block| (block.position + 1, &block.hash, block.to_tick));
    if block.position != position {
        return Some(Fault::BlockMissing(position));
    }
    if block.hash != block.computed_hash() || block.previous_hash != hash || block.from_tick != tick {
        return Some(Fault::BlockChanged(position));
    }
    let signed = trusted.signed(block.key_id, &block.hash, &block.signature);
    (!signed).then_some(Fault::BlockUnsigned(position))
}

/// What checkpoints tell of this place. After a restore the chain goes on from an older block in a new epoch.
fn judge_told(block: &Block, told: Vec<Checkpoint>, report: &mut Report) -> Option<Fault> {
    for checkpoint in told.into_iter().filter(|checkpoint| !checkpoint.is_of(block)) {
        if checkpoint.epoch == block.epoch {
            return Some(Fault::BlockReplaced { position: block.position, at: checkpoint.at });
        }
        note_lost(report, checkpoint.position);
    }
    None
}

fn note_lost(report: &mut Report, position: i64) {
    let (first, last) = report.lost_by_restore.unwrap_or((position, position));
    report.lost_by_restore = Some((first.min(position), last.max(position)));
}

async fn find_different_row(conn: &mut AsyncPgConnection, block: &Block) -> QueryResult<Option<Fault>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: Uuid,
        #[diesel(sql_type = sql::BigInt)]
        seq: i64,
        #[diesel(sql_type = sql::Timestamptz)]
        at: DateTime<Utc>,
        #[diesel(sql_type = sql::Bytea)]
        bytes: Vec<u8>,
    }
    for source in Source::ALL {
        let rows: Vec<Row> = crate::db::statement(source.rows())
            .bind::<sql::BigInt, _>(block.from_tick)
            .bind::<sql::BigInt, _>(block.to_tick)
            .load(conn)
            .await?;
        // Hashed here: a server that was tampered with is not asked for the digests of its own rows.
        let found = |row: Row| Found { id: row.id, seq: row.seq, at: row.at, fingerprint: digest_of(&row.bytes) };
        let found: Vec<Found> = rows.into_iter().map(found).collect();
        if let Some(difference) = first_difference(block.digests(source), &found) {
            let (position, sealed_at) = (block.position, block.sealed_at);
            return Ok(Some(Fault::Row { source, position, sealed_at, difference }));
        }
    }
    Ok(None)
}

/// The store's epoch now, and how many rows wait for their block.
async fn find_rest(conn: &mut AsyncPgConnection, from: i64) -> QueryResult<(Option<Uuid>, i64)> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
        epoch: Option<Uuid>,
        #[diesel(sql_type = sql::BigInt)]
        unsealed: i64,
    }
    let row: Row = crate::db::statement(
        "SELECT (SELECT epoch FROM store_identity) AS epoch, (SELECT count(*) FROM audit_events WHERE tick >= $1)
            + (SELECT count(*) FROM entries WHERE tick >= $1) AS unsealed",
    )
    .bind::<sql::BigInt, _>(from)
    .get_result(conn)
    .await?;
    Ok((row.epoch, row.unsealed))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row { source, position, sealed_at, difference } => {
                write_difference(f, *source, difference)?;
                write!(f, " (block {position}, sealed at {sealed_at})")
            }
            Self::BlockMissing(position) => write!(f, "block {position} was removed"),
            Self::BlockChanged(position) => write!(f, "block {position} was changed"),
            Self::BlockUnsigned(position) => {
                write!(f, "block {position} is signed by a key that is not this installation's")
            }
            Self::TailCut { head, checkpoint, at } => write!(
                f,
                "the newest blocks were cut off: {head} is the last one, and the checkpoint of {at} tells of block \
                 {checkpoint}"
            ),
            Self::BlockReplaced { position, at } => {
                write!(f, "block {position} is not the one that the checkpoint of {at} tells of: it was replaced")
            }
            Self::CheckpointUnsigned { position } => {
                write!(f, "the checkpoint of block {position} was altered, or is not this installation's")
            }
        }
    }
}

fn write_difference(f: &mut fmt::Formatter<'_>, source: Source, difference: &Difference) -> fmt::Result {
    let name = |row: &Found| match source {
        Source::Events => format!("audit event {} of {}", row.id, row.at),
        Source::Entries => format!("entry {} of thread {} of {}", row.seq, row.id, row.at),
    };
    let kind = if source == Source::Events { "audit event" } else { "entry" };
    match difference {
        Difference::Changed(row) => write!(f, "{} was changed", name(row)),
        Difference::Inserted(row) => write!(f, "{} was slipped in", name(row)),
        Difference::Removed { count, before: Some(row) } => {
            write!(f, "{count} {kind}(s) before {} were removed", name(row))
        }
        Difference::Removed { count, before: None } => {
            write!(f, "{count} {kind}(s) at the end of a block were removed")
        }
    }
}
