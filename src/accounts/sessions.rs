//! The sign-in sessions of one person. What ends here is worth nothing from then on; live connections of an ended
//! session are cut by every node within seconds.

use super::sign_in::ticket;
use crate::{
    ids::{SignInId, UserId},
    schema::sign_in_sessions as sessions,
};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Ends all sessions of a person but one, and what they began and did not finish; tells which ended. Call within the
/// transaction that changed what they hang from, after it locked the user's row.
pub async fn end_all(
    conn: &mut AsyncPgConnection,
    user: UserId,
    except: Option<SignInId>,
    because: &str,
) -> QueryResult<Vec<SignInId>> {
    ticket::forget_all(conn, user).await?;
    diesel::update(sessions::table)
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(except.map_or(uuid::Uuid::nil(), |session| session.0)))
        .set((sessions::ended_at.eq(diesel::dsl::now), sessions::ended_because.eq(because)))
        .returning(sessions::id)
        .get_results(conn)
        .await
}
