//! Emergency access: somebody who is not responsible for a client sees the record all the same, for an hour, with a
//! reason. Owns `break_glass`. The client and the practice's administrators are told, and every row that the audit log
//! gets meanwhile is marked.

use super::{
    Person, Role,
    access::{ClientAccess, Through, Viewer, find_client_access},
    people, store,
};
use crate::{
    audit::{self, Actor, Event},
    crypto::{Keyring, Place, WrappedKey},
    error::{Error, Result},
    ids::{BreakGlassId, DataKeyId, PracticeId, UserId},
    keys::{self, Owner},
    notices::{self, Notice},
    notify::{
        Channel, Mail,
        mail::SecurityNotice,
        outbox::{self, Recipient},
    },
    threads::model::Named,
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;

/// How long it lasts.
const MINUTES: i32 = 60;
/// A reason says something, and is no essay.
const REASON_CHARACTERS: std::ops::RangeInclusive<usize> = 10..=500;
/// The most administrators that are told.
const MOST_TOLD: i64 = 50;

/// What somebody was granted.
#[derive(Clone, Copy, Debug, Serialize, QueryableByName, ToSchema)]
#[schema(as = BreakGlass)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    #[diesel(sql_type = sql::Uuid)]
    pub id: BreakGlassId,
    #[diesel(sql_type = sql::Timestamptz)]
    pub started_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub expires_at: DateTime<Utc>,
}

/// Grants access, and tells of it. Call in a transaction.
///
/// # Errors
/// `NotFound` for no client of the practice; `Conflict` where the viewer sees the record anyway.
pub async fn grant(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    actor: &Actor,
    client: UserId,
    reason: &str,
) -> Result<Grant> {
    let reason = reason.trim();
    if !REASON_CHARACTERS.contains(&reason.chars().count()) {
        return Err(Error::field("/reason", "Say why in 10 to 500 characters: the practice will read it."));
    }
    let person = people::find_person(conn, viewer.practice, client).await?;
    person.filter(|person| person.role == Role::Client).ok_or(Error::NotFound)?;
    let access = find_client_access(conn, viewer, client).await?;
    if access.is_some_and(|access| access.through() == Through::CareTeam) {
        return Err(Error::conflict("You are in this client's care team: you see the record without this."));
    }
    let id = BreakGlassId::new();
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(client)).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let sealed = key.seal(Place::BreakGlass { id }, reason).map_err(anyhow::Error::from)?;
    let grant: Grant = crate::db::statement(
        "INSERT INTO break_glass (id, practice_id, client_id, user_id, key_id, reason_sealed, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(mins => $7)) RETURNING id, started_at, expires_at",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(viewer.practice)
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Uuid, _>(wrapped.id)
    .bind::<sql::Bytea, _>(sealed)
    .bind::<sql::Integer, _>(MINUTES)
    .get_result(conn)
    .await?;
    let event = Event::new(actor, "breakGlass.granted").of_client(client).on("breakGlass", id).emergency();
    audit::record(conn, event).await?;
    tell(conn, keyring, viewer.practice, client, grant.started_at).await?;
    Ok(grant)
}

/// The client, and whoever answers for privacy in the practice.
async fn tell(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    practice: PracticeId,
    client: UserId,
    at: DateTime<Utc>,
) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: UserId,
        #[diesel(sql_type = sql::Text)]
        email: String,
        #[diesel(sql_type = sql::Text)]
        language: String,
    }
    let told: Vec<Row> = crate::db::statement(
        "SELECT id, email, language FROM users
        WHERE practice_id = $1 AND status = 'active' AND (id = $2 OR role = 'admin')
        ORDER BY id = $2 DESC, id LIMIT $3",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::BigInt, _>(MOST_TOLD + 1)
    .load(conn)
    .await?;
    for Row { id, email, language } in told {
        let to = Recipient { practice, user: Some(id), channel: Channel::Email, address: email, language };
        outbox::mail(conn, keyring, &to, Mail::Security { notice: SecurityNotice::BreakGlass, at }).await?;
        notices::tell(conn, &Notice::security(id, SecurityNotice::BreakGlass)).await?;
    }
    Ok(())
}

/// A grant as the client sees it: the reason is for the practice.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BreakGlassOfMine)]
pub struct SeenByClient {
    #[serde(flatten)]
    pub grant: Grant,
    pub by: Person,
}

/// A grant as whoever reads the audit log sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BreakGlassOfPractice)]
pub struct SeenByPractice {
    #[serde(flatten)]
    pub grant: Grant,
    pub by: Person,
    pub client: Named,
    /// None: it was erased with the client, or does not open.
    pub reason: Option<String>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    grant: Grant,
    #[diesel(sql_type = sql::Uuid)]
    by_id: UserId,
    #[diesel(sql_type = sql::Text)]
    by_name: String,
    #[diesel(sql_type = sql::Text)]
    by_role: String,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Text)]
    client_name: String,
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
    #[diesel(sql_type = sql::Bytea)]
    reason_sealed: Vec<u8>,
}

impl Row {
    fn by(&self) -> QueryResult<Person> {
        let role = Role::parse(&self.by_role).ok_or_else(store::unknown_role)?;
        Ok(Person { id: self.by_id, name: self.by_name.clone(), role })
    }
}

macro_rules! grants {
    ($condition:literal) => {
        concat!(
            "SELECT b.id, b.started_at, b.expires_at, u.id AS by_id, u.name AS by_name, u.role AS by_role,
                c.id AS client_id, c.name AS client_name, k.id AS key_id, k.wrapped, b.reason_sealed
            FROM break_glass b JOIN users u ON u.id = b.user_id JOIN users c ON c.id = b.client_id
            JOIN data_keys k ON k.id = b.key_id
            WHERE ",
            $condition,
            " AND ($2::uuid IS NULL OR b.id < $2) ORDER BY b.id DESC LIMIT $3"
        )
    };
}

/// Who took emergency access to this client's record, newest first.
pub async fn read_of_client(
    conn: &mut AsyncPgConnection,
    access: &ClientAccess,
    after: Option<uuid::Uuid>,
    limit: i64,
) -> QueryResult<Vec<SeenByClient>> {
    let rows: Vec<Row> = crate::db::statement(grants!("b.client_id = $1"))
        .bind::<sql::Uuid, _>(access.client())
        .bind::<sql::Nullable<sql::Uuid>, _>(after)
        .bind::<sql::BigInt, _>(limit)
        .load(conn)
        .await?;
    rows.iter().map(|row| Ok(SeenByClient { grant: row.grant, by: row.by()? })).collect()
}

/// Who took emergency access in this practice, and why, newest first.
pub async fn read_of_practice(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    practice: PracticeId,
    after: Option<uuid::Uuid>,
    limit: i64,
) -> QueryResult<Vec<SeenByPractice>> {
    let rows: Vec<Row> = crate::db::statement(grants!("b.practice_id = $1"))
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Nullable<sql::Uuid>, _>(after)
        .bind::<sql::BigInt, _>(limit)
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let by = row.by()?;
            let wrapped = WrappedKey { id: row.key_id, wrapped: row.wrapped };
            let place = Place::BreakGlass { id: row.grant.id };
            let reason = keyring.unwrap(&wrapped).ok().and_then(|key| key.open(place, &row.reason_sealed).ok());
            let client = Named { id: row.client_id, name: row.client_name };
            Ok(SeenByPractice { grant: row.grant, by, client, reason })
        })
        .collect()
}
