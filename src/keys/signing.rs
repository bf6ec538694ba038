//! The keys that sign access tokens, one after another. A row holds no secret: the key is derived from its master key and
//! its id. Each is known to all hubs before it signs, and verifies for a while after the next one began to.

use crate::schema::signing_keys;
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// One signing key.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, QueryableByName)]
pub struct SigningKey {
    /// The `kid` of tokens.
    #[diesel(sql_type = sql::Text)]
    pub id: String,
    #[diesel(sql_type = sql::Text)]
    pub master_key_id: String,
    #[diesel(sql_type = sql::Timestamptz)]
    pub active_from: DateTime<Utc>,
}

/// All of them, in the order in which they sign.
pub async fn list(conn: &mut AsyncPgConnection) -> QueryResult<Vec<SigningKey>> {
    signing_keys::table
        .select((signing_keys::id, signing_keys::master_key_id, signing_keys::active_from))
        .order((signing_keys::active_from, signing_keys::id))
        .load(conn)
        .await
}

/// Lets a new key follow the last one, ten seconds from now: until then every hub has read of it. Forgets those whose
/// tokens ended long ago.
pub async fn begin(conn: &mut AsyncPgConnection, master_key_id: &str) -> QueryResult<SigningKey> {
    crate::db::statement(
        "WITH over AS (
            DELETE FROM signing_keys k WHERE EXISTS (
                SELECT FROM signing_keys n WHERE n.active_from > k.active_from AND n.active_from < now() - interval '2 days')
        )
        INSERT INTO signing_keys (id, master_key_id, active_from) VALUES ($1, $2, now() + interval '10 seconds')
        RETURNING id, master_key_id, active_from",
    )
    .bind::<sql::Text, _>(Uuid::now_v7().simple().to_string())
    .bind::<sql::Text, _>(master_key_id)
    .get_result(conn)
    .await
}
