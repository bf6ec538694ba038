//! Telling a person by e-mail that somebody signed in as them from where they had not been before.

use super::begin::Means;
use crate::{
    accounts::{security_notice, store::SignInRecord},
    audit::Actor,
    db::statement,
    error::Result,
    ids::SignInId,
    notify::mail::SecurityNotice,
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Bool)]
    is_new: bool,
}

/// Writes the e-mail where program or network are new. A network is the address without what one household or
/// practice shares out. The first sign-in of all tells nothing new: the account was made a moment ago.
pub(super) async fn tell(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    user: &SignInRecord,
    session: SignInId,
    from: &Actor,
) -> Result<()> {
    let row: Row = statement(
        "WITH earlier AS (
            SELECT created_at, user_agent IS NOT DISTINCT FROM $3 AND coalesce(
                network(set_masklen(address, CASE family(address) WHEN 4 THEN 24 ELSE 48 END))
                    >>= $4::inet, $4 IS NULL) AS same
            FROM sign_in_sessions WHERE user_id = $1 AND id <> $2
        )
        SELECT EXISTS (SELECT FROM earlier)
            AND NOT EXISTS (SELECT FROM earlier WHERE same AND created_at > now() - interval '90 days') AS is_new",
    )
    .bind::<sql::Uuid, _>(user.id)
    .bind::<sql::Uuid, _>(session)
    .bind::<sql::Nullable<sql::Text>, _>(from.user_agent.as_deref())
    .bind::<sql::Nullable<sql::Text>, _>(from.address.map(|address| address.to_string()))
    .get_result(conn)
    .await?;
    if row.is_new {
        security_notice::tell(conn, means, user, SecurityNotice::NewSignIn).await?;
    }
    Ok(())
}
