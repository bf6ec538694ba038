//! Which running hub holds which master keys. A hub says so every few seconds; whoever is about to wrap keys by another
//! master key asks first whether all of them could unwrap it.

use crate::crypto::MasterKeys;
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Notes what a hub holds, and forgets hubs that have been silent for an hour.
pub async fn note(conn: &mut AsyncPgConnection, node: Uuid, masters: &MasterKeys) -> QueryResult<()> {
    let ids: Vec<String> = masters.all().map(|master| master.id().to_owned()).collect();
    crate::db::statement(
        "WITH silent AS (DELETE FROM key_holders WHERE seen_at < now() - interval '1 hour' AND node <> $1)
        INSERT INTO key_holders (node, master_key_ids) VALUES ($1, $2)
        ON CONFLICT (node) DO UPDATE SET master_key_ids = excluded.master_key_ids, seen_at = now()",
    )
    .bind::<sql::Uuid, _>(node)
    .bind::<sql::Array<sql::Text>, _>(ids)
    .execute(conn)
    .await?;
    Ok(())
}

/// How many hubs that were heard of lately do not hold this master key.
pub async fn count_without(conn: &mut AsyncPgConnection, master_key_id: &str) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::BigInt)]
        hubs: i64,
    }
    let row: Row = crate::db::statement(
        "SELECT count(*) AS hubs FROM key_holders
        WHERE seen_at > now() - interval '15 seconds' AND NOT $1 = ANY (master_key_ids)",
    )
    .bind::<sql::Text, _>(master_key_id)
    .get_result(conn)
    .await?;
    Ok(row.hubs)
}
