//! The history's name (PROTOCOL `epoch`): clients that meet another one forget their cursors. A store that was restored
//! shows another system identifier, timeline or database than the one it was written under, and gets a new name.

use crate::schema::store_identity;
use diesel::{prelude::*, sql_types};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = sql_types::Text)]
    system_identifier: String,
    #[diesel(sql_type = sql_types::Integer)]
    timeline: i32,
    #[diesel(sql_type = sql_types::BigInt)]
    database_oid: i64,
}

/// The epoch of this store; a new one where the store is not the one that the last was given to.
pub async fn read_or_renew(conn: &mut AsyncPgConnection) -> QueryResult<Uuid> {
    let seen: Seen = diesel::sql_query(
        "SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
            (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline,
            (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database_oid",
    )
    .get_result(conn)
    .await?;
    let new = (
        store_identity::only_row.eq(true),
        store_identity::epoch.eq(Uuid::now_v7()),
        store_identity::system_identifier.eq(&seen.system_identifier),
        store_identity::timeline.eq(seen.timeline),
        store_identity::database_oid.eq(seen.database_oid),
    );
    diesel::insert_into(store_identity::table).values(new).on_conflict_do_nothing().execute(conn).await?;
    move_ticks_on(conn).await?;
    // Of several nodes that notice at once, one renews.
    diesel::update(store_identity::table)
        .filter(
            store_identity::system_identifier
                .ne(&seen.system_identifier)
                .or(store_identity::timeline.ne(seen.timeline))
                .or(store_identity::database_oid.is_distinct_from(seen.database_oid)),
        )
        .set((
            store_identity::epoch.eq(Uuid::now_v7()),
            store_identity::system_identifier.eq(&seen.system_identifier),
            store_identity::timeline.eq(seen.timeline),
            store_identity::database_oid.eq(seen.database_oid),
        ))
        .execute(conn)
        .await?;
    store_identity::table.select(store_identity::epoch).first(conn).await
}

/// A store that was restored under a younger server meets transaction ids that it has seen before. Ticks go on from the
/// highest that is there, so that the audit log's order stays one order. Anywhere else this changes nothing.
async fn move_ticks_on(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    crate::db::statement(
        "UPDATE store_identity SET tick_offset = needed.tick_offset
        FROM (SELECT 1 - pg_current_xact_id()::text::bigint + GREATEST((SELECT max(tick) FROM audit_events),
            (SELECT max(tick) FROM entries), (SELECT max(to_tick) FROM audit_blocks)) AS tick_offset) AS needed
        WHERE needed.tick_offset > store_identity.tick_offset",
    )
    .execute(conn)
    .await?;
    Ok(())
}
