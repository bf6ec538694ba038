//! What a person was told, as they see it in Carehub: their own, the newest first. What is still to be told and what was
//! cancelled is not shown.

use super::{
    pool,
    turns::{self, Closed},
    unread,
};
use crate::{
    db::statement,
    error::Result,
    ids::{NotificationId, UserId},
    notify::{
        kind::{self, Kind},
        wording,
    },
};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One notice, as its person sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    pub id: NotificationId,
    pub kind: Kind,
    /// In the person's language; says no more than the kind.
    pub title: &'static str,
    /// A page of the hub's.
    pub link: String,
    pub at: DateTime<Utc>,
    pub read: bool,
}

#[derive(QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = sql::Uuid)]
    pub id: NotificationId,
    #[diesel(sql_type = sql::Uuid)]
    pub user_id: UserId,
    #[diesel(sql_type = sql::Text)]
    kind: String,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    code: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    about: Option<Uuid>,
    #[diesel(sql_type = sql::BigInt)]
    pub told: i64,
    #[diesel(sql_type = sql::Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = sql::Bool)]
    read: bool,
    #[diesel(sql_type = sql::Bool)]
    is_staff: bool,
    #[diesel(sql_type = sql::Text)]
    language: String,
}

/// What a [`Row`] is made of.
pub(super) const COLUMNS: &str = "SELECT n.id, n.user_id, n.kind, n.code, n.about, n.told, n.told_at AS at,
        n.read_at IS NOT NULL AS read, u.role <> 'client' AS is_staff, u.language
    FROM notifications n JOIN users u ON u.id = n.user_id
    WHERE n.told IS NOT NULL AND n.cancelled_at IS NULL";

impl Row {
    /// As it is shown; None: of a kind that this version does not know.
    pub fn shown(&self) -> Option<Notification> {
        let kind = Kind::parse(&self.kind)?;
        let security = self.code.as_deref().and_then(kind::parse_security);
        Some(Notification {
            id: self.id,
            kind,
            title: wording::title(kind, security, &self.language),
            link: kind.path(self.is_staff, self.about),
            at: self.at,
            read: self.read,
        })
    }
}

/// Those of this person that were told before the one with id `before`.
pub async fn read(
    conn: &mut AsyncPgConnection,
    user: UserId,
    before: Option<Uuid>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Notification>> {
    unread::close_read(conn, Some(user), now).await?;
    pool::close_taken(conn, Some(user), now).await?;
    let rows: Vec<Row> = statement(format!(
        "{COLUMNS} AND n.user_id = $1
            AND ($2 IS NULL OR n.told < (SELECT told FROM notifications WHERE id = $2 AND user_id = $1))
        ORDER BY n.told DESC LIMIT $3"
    ))
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.iter().filter_map(Row::shown).collect())
}

/// How many this person has not read.
pub async fn count_unread(conn: &mut AsyncPgConnection, user: UserId, now: DateTime<Utc>) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = sql::BigInt)]
        unread: i64,
    }
    unread::close_read(conn, Some(user), now).await?;
    pool::close_taken(conn, Some(user), now).await?;
    let count: Count = statement(
        "SELECT count(*) AS unread FROM notifications
        WHERE user_id = $1 AND told IS NOT NULL AND read_at IS NULL AND cancelled_at IS NULL",
    )
    .bind::<sql::Uuid, _>(user)
    .get_result(conn)
    .await?;
    Ok(count.unread)
}

/// Marks one as read. False: they have no such notice.
pub async fn mark_read(
    conn: &mut AsyncPgConnection,
    user: UserId,
    id: NotificationId,
    now: DateTime<Utc>,
) -> Result<bool> {
    conn.transaction(async |conn| {
        let found = find(conn, user, id).await?;
        if found {
            mark(conn, user, Some(id), now).await?;
        }
        Ok(found)
    })
    .await
}

/// Marks all that were told as read.
pub async fn mark_all_read(conn: &mut AsyncPgConnection, user: UserId, now: DateTime<Utc>) -> Result<()> {
    conn.transaction(async |conn| mark(conn, user, None, now).await).await
}

async fn find(conn: &mut AsyncPgConnection, user: UserId, id: NotificationId) -> QueryResult<bool> {
    let row: Option<Row> = statement(format!("{COLUMNS} AND n.user_id = $1 AND n.id = $2"))
        .bind::<sql::Uuid, _>(user)
        .bind::<sql::Uuid, _>(id)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.is_some())
}

async fn mark(
    conn: &mut AsyncPgConnection,
    user: UserId,
    only: Option<NotificationId>,
    now: DateTime<Utc>,
) -> Result<()> {
    let marked: Vec<Closed> = statement(
        "UPDATE notifications SET read_at = $3 WHERE user_id = $1 AND ($2 IS NULL OR id = $2)
            AND told IS NOT NULL AND read_at IS NULL AND cancelled_at IS NULL RETURNING id",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Nullable<sql::Uuid>, _>(only)
    .bind::<sql::Timestamptz, _>(now)
    .load(conn)
    .await?;
    turns::withdraw(conn, &marked, "read").await
}
