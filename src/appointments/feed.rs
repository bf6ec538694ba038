//! The address by which a client's calendar program reads their appointments. Its secret is shown once and kept as a
//! digest; whoever has the address reads when a client has appointments, so a client can end it at any time.

use crate::{
    accounts::{Role, access::Viewer},
    audit::{self, Actor, Event},
    crypto::secret,
    db,
    error::Result,
    ids::{PracticeId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;

/// What a client chose.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub struct Feed {
    #[diesel(sql_type = sql::Bool)]
    pub shows_names: bool,
    #[diesel(sql_type = sql::Timestamptz)]
    pub made_at: DateTime<Utc>,
}

/// A client's, if there is one.
pub async fn show(conn: &mut AsyncPgConnection, client: UserId) -> QueryResult<Option<Feed>> {
    db::statement("SELECT shows_names, made_at FROM calendar_feeds WHERE client_id = $1")
        .bind::<sql::Uuid, _>(client)
        .get_result(conn)
        .await
        .optional()
}

/// Makes an address in place of the one before; gives its secret.
pub async fn make(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    client: UserId,
    shows_names: bool,
    now: DateTime<Utc>,
) -> Result<SecretString> {
    let secret = secret::random()?;
    conn.transaction(async |conn| {
        db::statement(
            "INSERT INTO calendar_feeds (client_id, digest, shows_names, made_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (client_id) DO UPDATE SET digest = $2, shows_names = $3, made_at = $4",
        )
        .bind::<sql::Uuid, _>(client)
        .bind::<sql::Bytea, _>(secret::digest(&secret))
        .bind::<sql::Bool, _>(shows_names)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
        Ok(audit::record(conn, Event::new(actor, "calendarFeed.made").of_client(client)).await?)
    })
    .await
    .map(|()| secret)
}

/// Ends the address.
pub async fn end(conn: &mut AsyncPgConnection, actor: &Actor, client: UserId) -> Result<()> {
    conn.transaction(async |conn| {
        db::statement("DELETE FROM calendar_feeds WHERE client_id = $1")
            .bind::<sql::Uuid, _>(client)
            .execute(conn)
            .await?;
        Ok(audit::record(conn, Event::new(actor, "calendarFeed.ended").of_client(client)).await?)
    })
    .await
}

/// Whose appointments are read by an address.
pub struct Reader {
    pub viewer: Viewer,
    /// Whether they name anybody.
    pub shows_names: bool,
    pub language: String,
}

/// Who reads by this secret.
pub async fn find(conn: &mut AsyncPgConnection, secret: &SecretString) -> QueryResult<Option<Reader>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
        #[diesel(sql_type = sql::Uuid)]
        practice_id: PracticeId,
        #[diesel(sql_type = sql::Bool)]
        shows_names: bool,
        #[diesel(sql_type = sql::Text)]
        language: String,
    }
    let row: Option<Row> = db::statement(
        "SELECT f.client_id, u.practice_id, f.shows_names, u.language FROM calendar_feeds f
        JOIN users u ON u.id = f.client_id AND u.status = 'active' WHERE f.digest = $1",
    )
    .bind::<sql::Bytea, _>(secret::digest(secret))
    .get_result(conn)
    .await
    .optional()?;
    Ok(row.map(|Row { client_id, practice_id, shows_names, language }| {
        let viewer = Viewer { user: client_id, practice: practice_id, role: Role::Client };
        Reader { viewer, shows_names, language }
    }))
}
