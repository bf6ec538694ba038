//! Which account is whose. An identity opens one account at each door.

use super::flow::Subject;
use crate::{accounts::Audience, ids::UserId};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The account of this somebody at this door.
pub async fn find(conn: &mut AsyncPgConnection, who: &Subject, door: Audience) -> QueryResult<Option<UserId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        user_id: UserId,
    }
    let row: Option<Row> = crate::db::statement(
        "SELECT user_id FROM external_identities WHERE issuer = $1 AND subject = $2 AND audience = $3",
    )
    .bind::<sql::Text, _>(&who.issuer)
    .bind::<sql::Text, _>(&who.subject)
    .bind::<sql::Text, _>(door.as_str())
    .get_result(conn)
    .await
    .optional()?;
    Ok(row.map(|row| row.user_id))
}

/// Links an account, in place of an identity of the same issuer before. False: it opens somebody else's.
pub async fn link(conn: &mut AsyncPgConnection, user: UserId, who: &Subject, door: Audience) -> QueryResult<bool> {
    if find(conn, who, door).await?.is_some_and(|owner| owner != user) {
        return Ok(false);
    }
    unlink(conn, user, &who.issuer).await?;
    let linked = crate::db::statement(
        "INSERT INTO external_identities (issuer, subject, audience, user_id) VALUES ($1, $2, $3, $4)
        ON CONFLICT (issuer, subject, audience) DO NOTHING",
    )
    .bind::<sql::Text, _>(&who.issuer)
    .bind::<sql::Text, _>(&who.subject)
    .bind::<sql::Text, _>(door.as_str())
    .bind::<sql::Uuid, _>(user)
    .execute(conn)
    .await?;
    Ok(linked == 1)
}

/// Takes the link to an issuer away; false when there was none.
pub async fn unlink(conn: &mut AsyncPgConnection, user: UserId, issuer: &str) -> QueryResult<bool> {
    let gone = crate::db::statement("DELETE FROM external_identities WHERE user_id = $1 AND issuer = $2")
        .bind::<sql::Uuid, _>(user)
        .bind::<sql::Text, _>(issuer)
        .execute(conn)
        .await?;
    Ok(gone == 1)
}

/// The issuers that an account is linked to.
pub async fn issuers(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        issuer: String,
    }
    let rows: Vec<Row> = crate::db::statement("SELECT issuer FROM external_identities WHERE user_id = $1")
        .bind::<sql::Uuid, _>(user)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.issuer).collect())
}
