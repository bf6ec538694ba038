//! Telling those who bill for a practice that something went back, or did not.

use crate::{
    accounts::{Permission, Role},
    db,
    error::Result,
    ids::{PracticeId, UserId},
    notices::{self, Kind, Notice},
};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// People who bill for one practice.
const MOST: i64 = 50;

/// Tells them of something on the account of `client`. In the transaction in which it is recorded.
pub(super) async fn tell(conn: &mut AsyncPgConnection, practice: PracticeId, client: UserId, kind: Kind) -> Result<()> {
    #[derive(QueryableByName)]
    struct Biller {
        #[diesel(sql_type = sql::Uuid)]
        id: UserId,
    }
    let roles = [Role::Clinician, Role::Staff, Role::Admin].into_iter();
    let roles: Vec<&str> = roles.filter(|role| role.grants(Permission::ManageBilling)).map(Role::as_str).collect();
    let billers: Vec<Biller> = db::statement(
        "SELECT id FROM users WHERE practice_id = $1 AND role = ANY($2) AND status = 'active' ORDER BY id LIMIT $3",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Array<sql::Text>, _>(roles)
    .bind::<sql::BigInt, _>(MOST)
    .load(conn)
    .await?;
    for Biller { id } in billers {
        notices::tell(conn, &Notice::new(id, kind, Some(client.0))).await?;
    }
    Ok(())
}
