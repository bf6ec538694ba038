//! Failed sign-ins: five in a row lock an account for half an hour. The store counts, so that tries in parallel and on
//! several nodes are counted too. A locked account's live sessions go on.

use crate::ids::UserId;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// So many failures in a row lock the account.
const FAILURES: i32 = 5;
const LOCKED_MINUTES: i32 = 30;

/// Counts a failure. For nobody, the same statement is run, so that the time taken tells nothing; nor does it wait for
/// the disk, which it would for a real account only.
///
/// A failure while locked does not count: else anybody could keep somebody locked out for good.
pub async fn record_failure(conn: &mut AsyncPgConnection, user: Option<UserId>) -> QueryResult<()> {
    crate::db::statement(
        "WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
        UPDATE users u SET
            failed_sign_ins = CASE WHEN u.locked_until IS NULL THEN u.failed_sign_ins + 1 ELSE 1 END,
            locked_until = CASE WHEN u.locked_until IS NULL AND u.failed_sign_ins + 1 >= $2
                THEN now() + make_interval(mins => $3) END
        FROM quick WHERE u.id = $1 AND (u.locked_until IS NULL OR u.locked_until <= now())",
    )
    .bind::<sql::Uuid, _>(user.map_or(uuid::Uuid::nil(), |user| user.0))
    .bind::<sql::Integer, _>(FAILURES)
    .bind::<sql::Integer, _>(LOCKED_MINUTES)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes note of the right password; false when the account is locked or disabled, right password or not.
pub async fn record_success(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<bool> {
    let let_in = crate::db::statement(
        "UPDATE users SET failed_sign_ins = 0, locked_until = NULL
        WHERE id = $1 AND status = 'active' AND (locked_until IS NULL OR locked_until <= now())",
    )
    .bind::<sql::Uuid, _>(user)
    .execute(conn)
    .await?;
    Ok(let_in == 1)
}
