//! Telling somebody of something: one row, written in the transaction that caused it. Everything after that (who wants it
//! how, when it is not quiet, what was read meanwhile) is decided when it is due.

use super::turns::{self, Closed};
use crate::{
    db::statement,
    error::Result,
    ids::{NotificationId, UserId},
    notify::{kind::Kind, mail::SecurityNotice},
};
use chrono::{DateTime, Utc};
use diesel::{QueryResult, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// What somebody is told. Codes, ids and times: there is no room for more.
#[derive(Clone, Copy, Debug)]
pub struct Notice {
    pub to: UserId,
    pub kind: Kind,
    /// The thread, appointment, form …: where it leads.
    pub about: Option<Uuid>,
    /// Told twice with the same kind, thing and occurrence, it is told once. None: every time is another.
    pub occurrence: Option<i64>,
    /// It waits until then, and can be cancelled. None: it is told at once.
    pub at: Option<DateTime<Utc>>,
    /// Nobody needs an e-mail or text message about it from then on.
    pub expires_at: Option<DateTime<Utc>>,
    code: Option<SecurityNotice>,
}

impl Notice {
    /// Told at once, and once for each call.
    pub fn new(to: UserId, kind: Kind, about: Option<Uuid>) -> Self {
        Self { to, kind, about, occurrence: None, at: None, expires_at: None, code: None }
    }

    /// Something about the account of `to`. Its e-mail is the caller's.
    pub fn security(to: UserId, code: SecurityNotice) -> Self {
        Self { code: Some(code), ..Self::new(to, Kind::Security, None) }
    }

    /// Told at `at`.
    pub fn scheduled(self, at: DateTime<Utc>) -> Self {
        Self { at: Some(at), ..self }
    }

    /// Told once for this occurrence of what it is about.
    pub fn once(self, occurrence: i64) -> Self {
        Self { occurrence: Some(occurrence), ..self }
    }

    /// Not outside of Carehub from `at` on.
    pub fn until(self, at: DateTime<Utc>) -> Self {
        Self { expires_at: Some(at), ..self }
    }
}

/// Tells it. Call within the transaction that causes it. Somebody who has no account is not told.
pub async fn tell(conn: &mut AsyncPgConnection, notice: &Notice) -> QueryResult<()> {
    let code = notice.code.map(|code| serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)));
    statement(
        "INSERT INTO notifications (id, practice_id, user_id, kind, code, about, occurrence, due_at, expires_at)
        SELECT $1, practice_id, id, $3, $4, $5, $6, COALESCE($7, now()), $8 FROM users WHERE id = $2 AND status = 'active'
        ON CONFLICT DO NOTHING",
    )
    .bind::<sql::Uuid, _>(NotificationId::new())
    .bind::<sql::Uuid, _>(notice.to)
    .bind::<sql::Text, _>(notice.kind.as_str())
    .bind::<sql::Nullable<sql::Text>, _>(code.flatten())
    .bind::<sql::Nullable<sql::Uuid>, _>(notice.about)
    .bind::<sql::Nullable<sql::BigInt>, _>(notice.occurrence)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(notice.at)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(notice.expires_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes back what was not told yet, and what was told and not read: of this kind, about this. Call within the transaction
/// that makes it moot; how many notices that were.
pub async fn cancel(conn: &mut AsyncPgConnection, kind: Kind, about: Uuid, now: DateTime<Utc>) -> Result<usize> {
    let cancelled: Vec<Closed> = statement(
        "UPDATE notifications SET cancelled_at = $3
        WHERE kind = $1 AND about = $2 AND read_at IS NULL AND cancelled_at IS NULL RETURNING id",
    )
    .bind::<sql::Text, _>(kind.as_str())
    .bind::<sql::Uuid, _>(about)
    .bind::<sql::Timestamptz, _>(now)
    .load(conn)
    .await?;
    turns::withdraw(conn, &cancelled, "cancelled").await?;
    Ok(cancelled.len())
}
