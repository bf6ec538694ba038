//! Reading the log: for administrators, for export, and for clients who ask who opened their record. Whoever calls sees
//! to it that the reader may, and that the reading is written down, too.

use crate::ids::{PracticeId, UserId};
use chrono::{DateTime, Utc};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// One row, with the names that people have now.
#[derive(Clone, Debug, Serialize, QueryableByName, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEvent)]
pub struct Found {
    #[diesel(sql_type = sql::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = sql::Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = sql::Text)]
    pub action: String,
    #[diesel(sql_type = sql::Text)]
    pub outcome: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub actor: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub actor_name: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub actor_role: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub client: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub client_name: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub object_kind: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub object: Option<Uuid>,
    /// Done under break-glass.
    #[diesel(sql_type = sql::Bool)]
    pub emergency: bool,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub session: Option<Uuid>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub address: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub user_agent: Option<String>,
    #[diesel(sql_type = sql::Jsonb)]
    pub detail: Value,
}

/// Which rows; what is None does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub practice: Option<PracticeId>,
    pub client: Option<UserId>,
    pub actor: Option<UserId>,
    /// The action itself, or its noun with a dot: `thread.`.
    pub action: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    /// Only what others did.
    pub not_by: Option<UserId>,
}

/// Where to begin, and in which direction to go on. Ids grow with time.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// Backwards from now.
    Newest,
    Before(Uuid),
    /// Forwards from the beginning.
    Oldest,
    After(Uuid),
}

/// At most `most` rows from there on.
pub async fn search(conn: &mut AsyncPgConnection, filter: &Filter, place: Place, most: i64) -> QueryResult<Vec<Found>> {
    // What is asked for by client or by actor is looked up by index, and so has a text of its own.
    let client = if filter.client.is_some() { "e.client_id = $2" } else { "$2::uuid IS NULL" };
    let actor = if filter.actor.is_some() { "e.actor_id = $3" } else { "$3::uuid IS NULL" };
    let (rest, from) = match place {
        Place::Newest => ("e.id < $8 ORDER BY e.id DESC", Uuid::max()),
        Place::Before(id) => ("e.id < $8 ORDER BY e.id DESC", id),
        Place::Oldest => ("e.id > $8 ORDER BY e.id", Uuid::nil()),
        Place::After(id) => ("e.id > $8 ORDER BY e.id", id),
    };
    crate::db::statement(format!(
        "SELECT e.id, e.at, e.action, e.outcome, e.actor_id AS actor, a.name AS actor_name, e.actor_role,
            e.client_id AS client, c.name AS client_name, e.object_kind, e.object_id AS object, e.emergency,
            e.sign_in_id AS session, host(e.address) AS address, e.user_agent, e.detail
        FROM audit_events e LEFT JOIN users a ON a.id = e.actor_id LEFT JOIN users c ON c.id = e.client_id
        WHERE ($1 IS NULL OR e.practice_id = $1) AND {client} AND {actor}
            AND ($4 IS NULL OR e.action = $4 OR (right($4, 1) = '.' AND starts_with(e.action, $4)))
            AND ($5 IS NULL OR e.at >= $5) AND ($6 IS NULL OR e.at < $6)
            AND ($7 IS NULL OR e.actor_id IS DISTINCT FROM $7) AND {rest} LIMIT $9"
    ))
    .bind::<sql::Nullable<sql::Uuid>, _>(filter.practice.map(|id| id.0))
    .bind::<sql::Nullable<sql::Uuid>, _>(filter.client.map(|id| id.0))
    .bind::<sql::Nullable<sql::Uuid>, _>(filter.actor.map(|id| id.0))
    .bind::<sql::Nullable<sql::Text>, _>(filter.action.as_deref())
    .bind::<sql::Nullable<sql::Timestamptz>, _>(filter.from)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(filter.to)
    .bind::<sql::Nullable<sql::Uuid>, _>(filter.not_by.map(|id| id.0))
    .bind::<sql::Uuid, _>(from)
    .bind::<sql::BigInt, _>(most)
    .load(conn)
    .await
}
