//! A thread as its mailbox keeps it: who takes part, the marks, the head. For the hub itself, not for a viewer.

use super::{
    attachments,
    entries::{EntryRow, ReadError, entry_rows},
    integrity,
    model::{Entry, Marks, Participant},
};
use crate::{
    accounts::Role,
    crypto::{DataKey, WrappedKey},
    ids::{DataKeyId, PracticeId, ThreadId, UserId},
};
use diesel::{prelude::*, sql_types};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;

/// A thread without its entries.
#[derive(Clone)]
pub struct ThreadRecord {
    pub id: ThreadId,
    pub practice: PracticeId,
    pub key: WrappedKey,
    /// The client's (ISO 639-1, perhaps with a region).
    pub language: String,
    /// In the practice's pool: open and nobody's.
    pub unassigned: bool,
    pub head: i64,
    /// See `threads.version`.
    pub version: i64,
    pub participants: Vec<Participant>,
    /// Those who took part once.
    pub left: Vec<UserId>,
}

/// The thread, or None where there is none.
pub async fn find_thread(conn: &mut AsyncPgConnection, id: ThreadId) -> Result<Option<ThreadRecord>, ReadError> {
    #[derive(QueryableByName)]
    struct ThreadRow {
        #[diesel(sql_type = sql_types::Uuid)]
        practice_id: PracticeId,
        #[diesel(sql_type = sql_types::Uuid)]
        key_id: DataKeyId,
        #[diesel(sql_type = sql_types::Bytea)]
        wrapped: Vec<u8>,
        #[diesel(sql_type = sql_types::Text)]
        language: String,
        #[diesel(sql_type = sql_types::Bool)]
        unassigned: bool,
        #[diesel(sql_type = sql_types::BigInt)]
        head: i64,
        #[diesel(sql_type = sql_types::BigInt)]
        version: i64,
        #[diesel(sql_type = sql_types::Array<sql_types::Uuid>)]
        user_ids: Vec<UserId>,
        #[diesel(sql_type = sql_types::Array<sql_types::Text>)]
        names: Vec<String>,
        #[diesel(sql_type = sql_types::Array<sql_types::Text>)]
        roles: Vec<String>,
        #[diesel(sql_type = sql_types::Array<sql_types::BigInt>)]
        delivered: Vec<i64>,
        #[diesel(sql_type = sql_types::Array<sql_types::BigInt>)]
        read: Vec<i64>,
        #[diesel(sql_type = sql_types::Array<sql_types::Uuid>)]
        left_ids: Vec<UserId>,
    }
    // One statement, so that head, version and members are of one moment.
    let row: Option<ThreadRow> = crate::db::statement(
        "SELECT t.practice_id, k.id AS key_id, k.wrapped, c.language, t.assignee_id IS NULL AND t.status = 'open' AS unassigned,
            t.head, t.version, m.user_ids, m.names, m.roles, m.delivered, m.read, ARRAY(
                SELECT user_id FROM participants WHERE thread_id = t.id AND left_at IS NOT NULL) AS left_ids
        FROM threads t JOIN data_keys k ON k.id = t.data_key_id JOIN users c ON c.id = t.client_id, LATERAL (
            SELECT COALESCE(array_agg(u.id ORDER BY u.id), '{}') AS user_ids,
                COALESCE(array_agg(u.name ORDER BY u.id), '{}') AS names,
                COALESCE(array_agg(u.role ORDER BY u.id), '{}') AS roles,
                COALESCE(array_agg(p.delivered ORDER BY u.id), '{}') AS delivered,
                COALESCE(array_agg(p.read ORDER BY u.id), '{}') AS read
            FROM participants p JOIN users u ON u.id = p.user_id
            WHERE p.thread_id = t.id AND p.left_at IS NULL
        ) m WHERE t.id = $1",
    )
    .bind::<sql_types::Uuid, _>(id)
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row else { return Ok(None) };
    let people = row.user_ids.into_iter().zip(row.names).zip(row.roles).zip(row.delivered).zip(row.read);
    let participants = people
        .map(|((((id, name), role), delivered), read)| {
            let role = Role::parse(&role).ok_or(ReadError::Unreadable)?;
            Ok(Participant { id, name, role, marks: Marks { delivered, read } })
        })
        .collect::<Result<_, ReadError>>()?;
    Ok(Some(ThreadRecord {
        id,
        practice: row.practice_id,
        key: WrappedKey { id: row.key_id, wrapped: row.wrapped },
        language: row.language,
        unassigned: row.unassigned,
        head: row.head,
        version: row.version,
        participants,
        left: row.left_ids,
    }))
}

/// The entries after `seq`, oldest first, as staff see them: for fan-out, which shows each viewer what they may see.
pub async fn read_after(
    conn: &mut AsyncPgConnection,
    thread: ThreadId,
    key: &DataKey,
    seq: i64,
    limit: i64,
) -> Result<Vec<Entry>, ReadError> {
    let rows: Vec<EntryRow> = crate::db::statement(entry_rows!("e.seq > $2 ORDER BY e.seq LIMIT $3"))
        .bind::<sql_types::Uuid, _>(thread)
        .bind::<sql_types::BigInt, _>(seq)
        .bind::<sql_types::BigInt, _>(limit)
        .load(conn)
        .await?;
    let mut broken = Vec::new();
    let mut files = attachments::of(conn, thread, key, &rows).await?;
    let open = |row: EntryRow| Ok(files.beside(row.open(thread, key, &mut broken)?));
    let entries = rows.into_iter().map(open).collect::<Result<_, ReadError>>()?;
    integrity::record(conn, &broken).await?;
    Ok(entries)
}

/// Whose threads these are.
pub async fn find_clients(
    conn: &mut AsyncPgConnection,
    threads: &[ThreadId],
) -> QueryResult<HashMap<ThreadId, UserId>> {
    use crate::schema::threads as t;
    let rows: Vec<(ThreadId, UserId)> =
        t::table.filter(t::id.eq_any(threads.iter().map(|id| id.0))).select((t::id, t::client_id)).load(conn).await?;
    Ok(rows.into_iter().collect())
}

/// The heads and versions of these threads: the position check.
pub async fn find_positions(
    conn: &mut AsyncPgConnection,
    threads: &[ThreadId],
) -> QueryResult<Vec<(ThreadId, i64, i64)>> {
    use crate::schema::threads as t;
    t::table
        .filter(t::id.eq_any(threads.iter().map(|id| id.0)))
        .select((t::id, t::head, t::version))
        .load::<(ThreadId, i64, i64)>(conn)
        .await
}
