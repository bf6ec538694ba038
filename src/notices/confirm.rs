//! A device says that it showed a push. Only the device has the token, and it is good once; what a push service says of
//! itself confirms nothing.

use crate::{crypto::secret, db::statement};
use chrono::{DateTime, Utc};
use diesel::{QueryResult, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;

/// Takes the token. A token that is none, or was taken before, changes nothing.
pub async fn confirm(conn: &mut AsyncPgConnection, token: &SecretString, now: DateTime<Utc>) -> QueryResult<()> {
    statement(
        "UPDATE notification_deliveries SET confirmed_at = $2 WHERE confirm_digest = $1 AND confirmed_at IS NULL",
    )
    .bind::<sql::Bytea, _>(secret::digest(token))
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}
