//! Who cares for whom: the care team of a client, and the clients of somebody who works for the practice. Owns
//! `client_care`. Being in a team opens the client's record; leaving it ends that (see `threads::withdrawal`, too).

use super::{
    Permission, Person, Role,
    access::{Through, Viewer, find_client_access, reading_only},
    people, store,
};
use crate::{
    error::{Error, Result},
    ids::{PracticeId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;

/// Proof that a viewer may see who cares for a client, at the moment it was made.
#[derive(Clone, Copy, Debug)]
pub struct TeamAccess {
    client: UserId,
    practice: PracticeId,
    viewer: UserId,
    may_change: bool,
}

impl TeamAccess {
    pub fn client(&self) -> UserId {
        self.client
    }
}

/// Somebody in a care team.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CareTeamMember)]
pub struct Member {
    #[serde(flatten)]
    pub person: Person,
    pub since: DateTime<Utc>,
}

/// The team itself may see and change who is in it, and so may whoever manages care teams. Emergency access shows it.
pub async fn find_team_access(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    client: UserId,
) -> QueryResult<Option<TeamAccess>> {
    let may_change = if viewer.role.grants(Permission::ManageCareTeams) {
        let person = people::find_person(conn, viewer.practice, client).await?;
        person.filter(|person| person.role == Role::Client).map(|_| true)
    } else {
        let access = find_client_access(conn, viewer, client).await?;
        access.map(|access| access.through() == Through::CareTeam)
    };
    let access = |may_change| TeamAccess { client, practice: viewer.practice, viewer: viewer.user, may_change };
    Ok(may_change.map(access))
}

/// The team, in the order of joining.
pub async fn read_team(conn: &mut AsyncPgConnection, access: &TeamAccess) -> QueryResult<Vec<Member>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: UserId,
        #[diesel(sql_type = sql::Text)]
        name: String,
        #[diesel(sql_type = sql::Text)]
        role: String,
        #[diesel(sql_type = sql::Timestamptz)]
        added_at: DateTime<Utc>,
    }
    let rows: Vec<Row> = crate::db::statement(
        "SELECT u.id, u.name, u.role, c.added_at FROM client_care c JOIN users u ON u.id = c.user_id
        WHERE c.client_id = $1 ORDER BY c.added_at, u.id",
    )
    .bind::<sql::Uuid, _>(access.client)
    .load(conn)
    .await?;
    rows.into_iter()
        .map(|Row { id, name, role, added_at }| {
            let role = Role::parse(&role).ok_or_else(store::unknown_role)?;
            Ok(Member { person: Person { id, name, role }, since: added_at })
        })
        .collect()
}

/// Lets a colleague into the team; false when they are in it already.
pub async fn join(conn: &mut AsyncPgConnection, access: &TeamAccess, user: UserId) -> Result<bool> {
    access.require_change()?;
    let colleague = people::find_person(conn, access.practice, user).await?;
    if colleague.is_none_or(|person| !person.role.is_staff()) {
        return Err(Error::field("/user", "Choose a colleague of your practice."));
    }
    Ok(insert(conn, access.client, user, Some(access.viewer)).await?)
}

/// Writes somebody into a team, without asking anybody: for whoever puts a client on file.
pub async fn insert(
    conn: &mut AsyncPgConnection,
    client: UserId,
    user: UserId,
    added_by: Option<UserId>,
) -> QueryResult<bool> {
    let added = crate::db::statement(
        "INSERT INTO client_care (client_id, user_id, added_by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Nullable<sql::Uuid>, _>(added_by)
    .execute(conn)
    .await?;
    Ok(added == 1)
}

/// Takes somebody out of the team, and tells as whom they saw the client's threads.
///
/// # Errors
/// `NotFound` where they are not in it.
pub async fn leave(conn: &mut AsyncPgConnection, access: &TeamAccess, user: UserId) -> Result<Viewer> {
    access.require_change()?;
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        role: String,
    }
    let gone: Option<Row> = crate::db::statement(
        "DELETE FROM client_care c USING users u WHERE c.client_id = $1 AND c.user_id = $2 AND u.id = c.user_id
        RETURNING u.role",
    )
    .bind::<sql::Uuid, _>(access.client)
    .bind::<sql::Uuid, _>(user)
    .get_result(conn)
    .await
    .optional()?;
    let role = Role::parse(&gone.ok_or(Error::NotFound)?.role).ok_or_else(store::unknown_role)?;
    Ok(Viewer { user, practice: access.practice, role })
}

impl TeamAccess {
    fn require_change(&self) -> Result<()> {
        if self.may_change { Ok(()) } else { Err(reading_only()) }
    }
}
