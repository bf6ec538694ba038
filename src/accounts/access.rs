//! Who may see a client's record. Functions that read one demand a [`ClientAccess`], and only this file makes one, so
//! that no handler can forget to ask. A client who is not the viewer's and one who does not exist give the same answer:
//! none.

use super::{Identity, Role};
use crate::ids::{PracticeId, UserId};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Somebody, for whom records and threads are read.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    pub user: UserId,
    pub practice: PracticeId,
    pub role: Role,
}

impl From<&Identity> for Viewer {
    fn from(identity: &Identity) -> Self {
        Self { user: identity.user, practice: identity.practice, role: identity.role }
    }
}

/// By which right a record is seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Through {
    /// It is the client's own.
    Oneself,
    /// The viewer is in the client's care team.
    CareTeam,
    /// Emergency access, with a reason and for an hour.
    BreakGlass,
}

/// Proof that a viewer may see a client's record, at the moment it was made.
#[derive(Clone, Copy, Debug)]
pub struct ClientAccess {
    client: UserId,
    practice: PracticeId,
    viewer: Viewer,
    through: Through,
}

impl ClientAccess {
    pub fn client(&self) -> UserId {
        self.client
    }
    pub fn practice(&self) -> PracticeId {
        self.practice
    }
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }
    /// Whether it is seen only under break-glass: the audit log marks what is done then.
    pub fn is_emergency(&self) -> bool {
        self.through == Through::BreakGlass
    }
    pub fn through(&self) -> Through {
        self.through
    }
}

/// Whether the viewer may see this client's record, and by which right; the mildest one counts.
pub async fn find_client_access(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    client: UserId,
) -> QueryResult<Option<ClientAccess>> {
    let granted = |through| ClientAccess { client, practice: viewer.practice, viewer, through };
    if viewer.role == Role::Client {
        return Ok((viewer.user == client).then(|| granted(Through::Oneself)));
    }
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        cares: bool,
        #[diesel(sql_type = sql::Bool)]
        broke_glass: bool,
    }
    let row: Option<Row> = crate::db::statement(
        "SELECT EXISTS (SELECT FROM client_care WHERE client_id = c.id AND user_id = $2) AS cares,
            EXISTS (SELECT FROM break_glass WHERE client_id = c.id AND user_id = $2 AND expires_at > now())
                AS broke_glass
        FROM users c WHERE c.id = $1 AND c.practice_id = $3 AND c.role = 'client'",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Uuid, _>(viewer.practice)
    .get_result(conn)
    .await
    .optional()?;
    Ok(match row {
        Some(Row { cares: true, .. }) => Some(granted(Through::CareTeam)),
        Some(Row { broke_glass: true, .. }) => Some(granted(Through::BreakGlass)),
        _ => None,
    })
}
