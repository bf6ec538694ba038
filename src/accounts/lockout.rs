//! Failed sign-ins: five in a row lock an account for half an hour. The store counts, so that tries in parallel and on
//! several nodes are counted too. A locked account's live sessions go on.

use crate::ids::UserId;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// So many failures in a row lock the account.
const FAILURES: i32 = 5;
const LOCKED_MINUTES: i32 = 30;

/// Counts a failure; true when this one locked the account. For nobody, the same statement is run, so that the time
/// taken tells nothing.
///
/// A failure while locked does not count: else anybody could keep somebody locked out for good.
pub async fn record_failure(conn: &mut AsyncPgConnection, user: Option<UserId>) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        locked: bool,
    }
    let row: Option<Row> = crate::db::statement(
        "UPDATE users SET
            failed_sign_ins = CASE WHEN locked_until IS NULL THEN failed_sign_ins + 1 ELSE 1 END,
            locked_until = CASE WHEN locked_until IS NULL AND failed_sign_ins + 1 >= $2
                THEN now() + make_interval(mins => $3) END
        WHERE id = $1 AND (locked_until IS NULL OR locked_until <= now())
        RETURNING locked_until IS NOT NULL AS locked",
    )
    .bind::<sql::Uuid, _>(user.map_or(uuid::Uuid::nil(), |user| user.0))
    .bind::<sql::Integer, _>(FAILURES)
    .bind::<sql::Integer, _>(LOCKED_MINUTES)
    .get_result(conn)
    .await
    .optional()?;
    Ok(row.is_some_and(|row| row.locked))
}

/// Forgets the failures of somebody who is let in.
pub async fn forget_failures(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<()> {
    crate::db::statement(
        "UPDATE users SET failed_sign_ins = 0, locked_until = CASE WHEN locked_until > now() THEN locked_until END
        WHERE id = $1 AND (failed_sign_ins > 0 OR locked_until IS NOT NULL)",
    )
    .bind::<sql::Uuid, _>(user)
    .execute(conn)
    .await?;
    Ok(())
}
