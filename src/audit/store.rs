//! Writing rows. Call within the transaction of what they tell of.

use super::event::Event;
use crate::ids;
use diesel::{QueryResult, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Writes one row.
pub async fn record(conn: &mut AsyncPgConnection, event: Event<'_>) -> QueryResult<()> {
    record_all(conn, &[event]).await
}

/// Writes several rows in one statement.
pub async fn record_all(conn: &mut AsyncPgConnection, events: &[Event<'_>]) -> QueryResult<()> {
    type Texts = sql::Array<sql::Nullable<sql::Text>>;
    type Uuids = sql::Array<sql::Nullable<sql::Uuid>>;
    let column = |of: fn(&Event<'_>) -> Option<Uuid>| events.iter().map(of).collect::<Vec<_>>();
    let addresses: Vec<_> = events.iter().map(|event| event.actor.address.map(|address| address.to_string())).collect();
    let details: Vec<_> = events.iter().map(|event| event.detail.to_string()).collect();
    crate::db::statement(
        "INSERT INTO audit_events (id, practice_id, actor_id, actor_role, sign_in_id, client_id, action, object_kind,
            object_id, outcome, emergency, address, user_agent, detail)
        SELECT id, practice_id, actor_id, actor_role, sign_in_id, client_id, action, object_kind, object_id, outcome,
            emergency, address::inet, user_agent, detail::jsonb
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS e(id, practice_id, actor_id,
            actor_role, sign_in_id, client_id, action, object_kind, object_id, outcome, emergency, address, user_agent,
            detail)",
    )
    .bind::<sql::Array<sql::Uuid>, _>(events.iter().map(|_| ids::fresh()).collect::<Vec<_>>())
    .bind::<Uuids, _>(column(|event| event.practice.map(|id| id.0)))
    .bind::<Uuids, _>(column(|event| event.actor.user.map(|id| id.0)))
    .bind::<Texts, _>(events.iter().map(|event| event.actor.role).collect::<Vec<_>>())
    .bind::<Uuids, _>(column(|event| event.actor.sign_in.map(|id| id.0)))
    .bind::<Uuids, _>(column(|event| event.client.map(|id| id.0)))
    .bind::<sql::Array<sql::Text>, _>(events.iter().map(|event| event.action).collect::<Vec<_>>())
    .bind::<Texts, _>(events.iter().map(|event| event.object.map(|(kind, _)| kind)).collect::<Vec<_>>())
    .bind::<Uuids, _>(column(|event| event.object.map(|(_, id)| id)))
    .bind::<sql::Array<sql::Text>, _>(events.iter().map(|event| event.outcome.as_str()).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Bool>, _>(events.iter().map(|event| event.emergency).collect::<Vec<_>>())
    .bind::<Texts, _>(addresses)
    .bind::<Texts, _>(events.iter().map(|event| event.actor.user_agent.as_deref()).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Text>, _>(details)
    .execute(conn)
    .await?;
    Ok(())
}
