//! A contact point, and finding it. Only the relay opens one, to send to it, and its own person's page, to show it.

use crate::{
    crypto::{DataKey, Keyring, Place, WrappedKey},
    error::Result,
    ids::{ContactPointId, DataKeyId, PracticeId, UserId},
    keys::Owner,
    notify::Channel,
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The most browsers of one person: the oldest gives way.
pub const MOST_BROWSERS: i64 = 10;

/// One of them, as it is stored.
#[derive(QueryableByName)]
pub struct Point {
    #[diesel(sql_type = sql::Uuid)]
    pub id: ContactPointId,
    #[diesel(sql_type = sql::Uuid)]
    pub user_id: UserId,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub verified_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub opted_out_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Bytea)]
    sealed: Vec<u8>,
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
}

impl Point {
    /// The number, or the subscription as JSON.
    pub fn open(&self, keyring: &Keyring) -> anyhow::Result<String> {
        let key = keyring.unwrap(&WrappedKey { id: self.key_id, wrapped: self.wrapped.clone() })?;
        Ok(key.open(Place::ContactPoint { id: self.id }, &self.sealed)?)
    }
}

/// Whose key seals it: a client's own, so that it goes with the client.
pub(super) fn owner(role: &str, user: UserId, practice: PracticeId) -> Owner {
    if role == "client" { Owner::Client(user) } else { Owner::Practice(practice) }
}

/// Seals what a point is to hold.
pub(super) fn seal(key: &DataKey, id: ContactPointId, address: &str) -> Result<Vec<u8>> {
    Ok(key.seal(Place::ContactPoint { id }, address).map_err(anyhow::Error::from)?)
}

/// By which something may be sent to this person at the moment, beside e-mail. The id is what
/// [`Recipient::address`](crate::notify::outbox::Recipient::address) takes.
pub async fn reachable(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Vec<(Channel, ContactPointId)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        channel: String,
        #[diesel(sql_type = sql::Uuid)]
        id: ContactPointId,
    }
    let rows: Vec<Row> = crate::db::statement(
        "SELECT channel, id FROM contact_points
        WHERE user_id = $1 AND verified_at IS NOT NULL AND opted_out_at IS NULL ORDER BY channel DESC, id",
    )
    .bind::<sql::Uuid, _>(user)
    .load(conn)
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((Channel::parse(&row.channel)?, row.id))).collect())
}

/// The one with this id.
pub async fn find(conn: &mut AsyncPgConnection, id: ContactPointId) -> QueryResult<Option<Point>> {
    crate::db::statement(
        "SELECT c.id, c.user_id, c.verified_at, c.opted_out_at, c.sealed, k.id AS key_id, k.wrapped
        FROM contact_points c JOIN data_keys k ON k.id = c.key_id WHERE c.id = $1",
    )
    .bind::<sql::Uuid, _>(id)
    .get_result(conn)
    .await
    .optional()
}

/// Drops it: there is nobody there any more.
pub async fn delete(conn: &mut AsyncPgConnection, id: ContactPointId) -> QueryResult<usize> {
    crate::db::statement("DELETE FROM contact_points WHERE id = $1").bind::<sql::Uuid, _>(id).execute(conn).await
}
