//! Rows of all tables that invented people and threads need. One statement writes thousands of a kind.

use chrono::{DateTime, Utc};
use diesel::{QueryResult, sql_query, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use crate::{
    accounts::Role,
    crypto::WrappedKey,
    ids::{DataKeyId, EntryId, PracticeId, SignInId, ThreadId, UserId},
    threads::model::{Kind, Priority, Status},
};

/// Rows of one statement; a few megabytes at most.
const STATEMENT_ROWS: usize = 5_000;

#[derive(Clone, Debug)]
pub struct PracticeRow {
    pub id: PracticeId,
    pub name: String,
    pub time_zone: String,
}

#[derive(Clone, Debug)]
pub struct UserRow {
    pub id: UserId,
    pub practice: PracticeId,
    pub role: Role,
    pub email: String,
    pub name: String,
    pub password_hash: Option<String>,
    pub time_zone: String,
    /// None: the hub's default.
    pub sends_per_minute: Option<i32>,
}

/// A client's data key.
#[derive(Clone)]
pub struct KeyRow {
    pub owner: UserId,
    pub key: WrappedKey,
    pub master_key_id: String,
}

#[derive(Clone, Debug)]
pub struct ThreadRow {
    pub id: ThreadId,
    pub practice: PracticeId,
    pub client: UserId,
    pub data_key: DataKeyId,
    pub subject_sealed: Vec<u8>,
    pub assignee: Option<UserId>,
    pub status: Status,
    pub priority: Priority,
    pub head: i64,
    pub last_entry_at: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub struct ParticipantRow {
    pub thread: ThreadId,
    pub user: UserId,
    pub delivered: i64,
    pub read: i64,
}

#[derive(Clone, Debug)]
pub struct EntryRow {
    pub thread: ThreadId,
    pub seq: i64,
    pub id: EntryId,
    pub sender: UserId,
    pub kind: Kind,
    pub priority: Priority,
    pub sealed: Vec<u8>,
    pub at: DateTime<Utc>,
}

/// A sign-in session without an idle end, for bearer tokens.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub id: SignInId,
    pub user: UserId,
    pub role: Role,
    pub expires_at: DateTime<Utc>,
}

/// Everything that is written together.
#[derive(Clone, Default)]
pub struct Rows {
    pub practices: Vec<PracticeRow>,
    pub users: Vec<UserRow>,
    pub keys: Vec<KeyRow>,
    pub threads: Vec<ThreadRow>,
    pub participants: Vec<ParticipantRow>,
    pub entries: Vec<EntryRow>,
    pub sessions: Vec<SessionRow>,
}

impl Rows {
    /// Writes all of them or none.
    pub async fn insert(&self, conn: &mut AsyncPgConnection) -> QueryResult<()> {
        conn.transaction(async |conn| {
            for rows in self.practices.chunks(STATEMENT_ROWS) {
                insert_practices(conn, rows).await?;
            }
            for rows in self.users.chunks(STATEMENT_ROWS) {
                insert_users(conn, rows).await?;
            }
            for rows in self.keys.chunks(STATEMENT_ROWS) {
                insert_keys(conn, rows).await?;
            }
            for rows in self.threads.chunks(STATEMENT_ROWS) {
                insert_threads(conn, rows).await?;
            }
            for rows in self.participants.chunks(STATEMENT_ROWS) {
                insert_participants(conn, rows).await?;
            }
            for rows in self.entries.chunks(STATEMENT_ROWS) {
                insert_entries(conn, rows).await?;
            }
            for rows in self.sessions.chunks(STATEMENT_ROWS) {
                insert_sessions(conn, rows).await?;
            }
            Ok(())
        })
        .await
    }
}

fn column<'a, R, C>(rows: &'a [R], field: impl Fn(&'a R) -> C) -> Vec<C> {
    rows.iter().map(field).collect()
}

async fn insert_practices(conn: &mut AsyncPgConnection, rows: &[PracticeRow]) -> QueryResult<usize> {
    sql_query("INSERT INTO practices (id, name, time_zone) SELECT * FROM unnest($1, $2, $3)")
        .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.id.0))
        .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.name.as_str()))
        .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.time_zone.as_str()))
        .execute(conn)
        .await
}

async fn insert_users(conn: &mut AsyncPgConnection, rows: &[UserRow]) -> QueryResult<usize> {
    sql_query(
        "INSERT INTO users (id, practice_id, role, email, name, password_hash, time_zone, sends_per_minute)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.id.0))
    .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.practice.0))
    .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.role.as_str()))
    .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.email.as_str()))
    .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.name.as_str()))
    .bind::<sql::Array<sql::Nullable<sql::Text>>, _>(column(rows, |row| row.password_hash.as_deref()))
    .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.time_zone.as_str()))
    .bind::<sql::Array<sql::Nullable<sql::Integer>>, _>(column(rows, |row| row.sends_per_minute))
    .execute(conn)
    .await
}

async fn insert_keys(conn: &mut AsyncPgConnection, rows: &[KeyRow]) -> QueryResult<usize> {
    sql_query("INSERT INTO data_keys (id, owner_id, wrapped, master_key_id) SELECT * FROM unnest($1, $2, $3, $4)")
        .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.key.id.0))
        .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.owner.0))
        .bind::<sql::Array<sql::Bytea>, _>(column(rows, |row| row.key.wrapped.as_slice()))
        .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.master_key_id.as_str()))
        .execute(conn)
        .await
}

async fn insert_threads(conn: &mut AsyncPgConnection, rows: &[ThreadRow]) -> QueryResult<usize> {
    sql_query(
        "INSERT INTO threads (id, practice_id, client_id, data_key_id, subject_sealed, assignee_id, status, priority,
            head, last_entry_at)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.id.0))
    .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.practice.0))
    .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.client.0))
    .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.data_key.0))
    .bind::<sql::Array<sql::Bytea>, _>(column(rows, |row| row.subject_sealed.as_slice()))
    .bind::<sql::Array<sql::Nullable<sql::Uuid>>, _>(column(rows, |row| row.assignee.map(|id| id.0)))
    .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.status.as_str()))
    .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.priority.as_str()))
    .bind::<sql::Array<sql::BigInt>, _>(column(rows, |row| row.head))
    .bind::<sql::Array<sql::Timestamptz>, _>(column(rows, |row| row.last_entry_at))
    .execute(conn)
    .await
}

async fn insert_participants(conn: &mut AsyncPgConnection, rows: &[ParticipantRow]) -> QueryResult<usize> {
    sql_query("INSERT INTO participants (thread_id, user_id, delivered, read) SELECT * FROM unnest($1, $2, $3, $4)")
        .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.thread.0))
        .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.user.0))
        .bind::<sql::Array<sql::BigInt>, _>(column(rows, |row| row.delivered))
        .bind::<sql::Array<sql::BigInt>, _>(column(rows, |row| row.read))
        .execute(conn)
        .await
}

async fn insert_entries(conn: &mut AsyncPgConnection, rows: &[EntryRow]) -> QueryResult<usize> {
    sql_query(
        "INSERT INTO entries (thread_id, seq, id, sender_id, kind, priority, sealed, at)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.thread.0))
    .bind::<sql::Array<sql::BigInt>, _>(column(rows, |row| row.seq))
    .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.id.0))
    .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.sender.0))
    .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.kind.as_str()))
    .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.priority.as_str()))
    .bind::<sql::Array<sql::Bytea>, _>(column(rows, |row| row.sealed.as_slice()))
    .bind::<sql::Array<sql::Timestamptz>, _>(column(rows, |row| row.at))
    .execute(conn)
    .await
}

async fn insert_sessions(conn: &mut AsyncPgConnection, rows: &[SessionRow]) -> QueryResult<usize> {
    sql_query("INSERT INTO sign_in_sessions (id, user_id, audience, expires_at) SELECT * FROM unnest($1, $2, $3, $4)")
        .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.id.0))
        .bind::<sql::Array<sql::Uuid>, _>(column(rows, |row| row.user.0))
        .bind::<sql::Array<sql::Text>, _>(column(rows, |row| row.role.audience().as_str()))
        .bind::<sql::Array<sql::Timestamptz>, _>(column(rows, |row| row.expires_at))
        .execute(conn)
        .await
}
