//! The moment at which a client's account opens: the password is stored, the terms are on record, the client is told.

use crate::{
    accounts::{
        credentials::{self, Ending},
        sign_in::Means,
        store::SignInRecord,
    },
    audit::{self, Actor},
    error::Result,
    notify::{Mail, mail::SecurityNotice, outbox},
};
use diesel::sql_types as sql;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// What somebody who proved to be the client chose.
pub struct Chosen<'a> {
    pub password_hash: &'a str,
    pub terms_version: &'a str,
    /// By which proof, as a code.
    pub proof: &'static str,
}

/// Opens the account. Call after locking the client's row.
pub async fn activate(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    client: &SignInRecord,
    chosen: Chosen<'_>,
    from: &Actor,
) -> Result<()> {
    credentials::set_password(conn, client.id, chosen.password_hash, Ending::None).await?;
    crate::db::statement(
        "WITH registered AS (DELETE FROM registrations WHERE client_id = $1),
        accepted AS (UPDATE invitations SET accepted_at = now()
            WHERE client_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL)
        INSERT INTO accepted_terms (user_id, version) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind::<sql::Uuid, _>(client.id)
    .bind::<sql::Text, _>(chosen.terms_version)
    .execute(conn)
    .await?;
    let actor = credentials::actor(client, from);
    let detail = json!({ "proof": chosen.proof, "terms": chosen.terms_version });
    audit::record(conn, credentials::about(&actor, "client.registered", client).with(detail)).await?;
    let mail = Mail::Security { notice: SecurityNotice::Registered, at: means.clock.now() };
    outbox::mail(conn, means.keyring, &client.recipient(), mail).await
}
