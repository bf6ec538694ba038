//! Subscriptions of browsers to push messages. A browser belongs to whoever subscribed with it last.

use super::point::{self, MOST_BROWSERS};
use crate::{
    audit::{self, Actor, Event},
    clock::Clock,
    crypto::Keyring,
    error::{Error, Result},
    ids::{ContactPointId, PracticeId, UserId},
    keys,
    notify::{push::Subscription, secrets::Digester},
};
use diesel::sql_types as sql;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// What a subscription is found by: its endpoint.
const LOOKUP: &str = "contactPoint.push";

/// Keeps a subscription of the caller's, whose endpoint was checked. The same one twice is one.
pub async fn subscribe(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    clock: &Clock,
    actor: &Actor,
    subscription: &Subscription,
) -> Result<ContactPointId> {
    let (Some(user), Some(practice)) = (actor.user, actor.practice) else { return Err(Error::Unauthenticated) };
    conn.transaction(async |conn| {
        let lookup = Digester::find(conn, keyring).await?.digest(LOOKUP, &[subscription.endpoint.as_bytes()]);
        let gone = forget(conn, None, &lookup).await?;
        let owner = point::owner(actor.role.unwrap_or_default(), user, practice);
        let wrapped = keys::find_or_make(conn, keyring, owner).await?;
        let (id, key) = (ContactPointId::new(), keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?);
        let text = serde_json::to_string(subscription).map_err(anyhow::Error::from)?;
        crate::db::statement(
            "WITH oldest AS (DELETE FROM contact_points WHERE id IN (
                SELECT id FROM contact_points WHERE user_id = $2 AND channel = 'push' ORDER BY id DESC OFFSET $7))
            INSERT INTO contact_points (id, user_id, channel, key_id, sealed, lookup, created_at, verified_at)
            VALUES ($1, $2, 'push', $3, $4, $5, $6, $6)",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(user)
        .bind::<sql::Uuid, _>(key.id())
        .bind::<sql::Bytea, _>(point::seal(&key, id, &text)?)
        .bind::<sql::Bytea, _>(lookup)
        .bind::<sql::Timestamptz, _>(clock.now())
        .bind::<sql::BigInt, _>(MOST_BROWSERS - 1)
        .execute(conn)
        .await?;
        // A page asks the browser for its subscription at every visit, and gives it in again.
        if !gone.contains(&user) {
            audit::record(conn, about(actor, "push.subscribed", user, practice)).await?;
        }
        Ok(id)
    })
    .await
}

/// Forgets a subscription of the caller's; whether there was one.
pub async fn unsubscribe(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    actor: &Actor,
    endpoint: &str,
) -> Result<bool> {
    let (Some(user), Some(practice)) = (actor.user, actor.practice) else { return Err(Error::Unauthenticated) };
    conn.transaction(async |conn| {
        let lookup = Digester::find(conn, keyring).await?.digest(LOOKUP, &[endpoint.as_bytes()]);
        let gone = !forget(conn, Some(user), &lookup).await?.is_empty();
        if gone {
            audit::record(conn, about(actor, "push.unsubscribed", user, practice)).await?;
        }
        Ok(gone)
    })
    .await
}

/// Forgets it; whose it was.
async fn forget(
    conn: &mut AsyncPgConnection,
    whose: Option<UserId>,
    lookup: &[u8],
) -> diesel::QueryResult<Vec<UserId>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        user_id: UserId,
    }
    let gone: Vec<Row> = crate::db::statement(
        "DELETE FROM contact_points WHERE channel = 'push' AND lookup = $1 AND user_id = COALESCE($2, user_id)
        RETURNING user_id",
    )
    .bind::<sql::Bytea, _>(lookup)
    .bind::<sql::Nullable<sql::Uuid>, _>(whose)
    .load(conn)
    .await?;
    Ok(gone.into_iter().map(|row| row.user_id).collect())
}

fn about<'a>(actor: &'a Actor, action: &'static str, user: UserId, practice: PracticeId) -> Event<'a> {
    let event = Event::new(actor, action).in_practice(practice).on("user", user).with(json!({"channel": "push"}));
    if actor.role == Some("client") { event.of_client(user) } else { event }
}
