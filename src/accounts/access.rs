//! Who may see a client's record. Functions that read one demand a [`ClientAccess`], and only this file makes one, so
//! that no handler can forget to ask. A client who is not the viewer's and one who does not exist give the same answer:
//! none.

use super::{Identity, Role};
use crate::{
    audit::{Actor, Event},
    error::{Error, Result},
    ids::{PracticeId, UserId},
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use std::collections::BTreeSet;

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

    /// Goes on only where the record may be changed: not under emergency access.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn require_change(&self) -> Result<()> {
        if self.is_emergency() { Err(reading_only()) } else { Ok(()) }
    }

    /// A row for the audit log of what somebody did to this record.
    pub fn event<'a>(&self, actor: &'a Actor, action: &'static str) -> Event<'a> {
        let event = Event::new(actor, action).of_client(self.client);
        if self.is_emergency() { event.emergency() } else { event }
    }
}

/// Why nothing is changed under emergency access.
pub fn reading_only() -> Error {
    Error::Forbidden("Emergency access is for reading.")
}

/// Rows for the audit log of a list in which these clients stand: one for each, so that whoever asks who saw a record
/// finds it; one without a client where the list is empty. `emergency`: who is seen by emergency access alone.
pub fn listed<'a>(
    actor: &'a Actor,
    action: &'static str,
    clients: &BTreeSet<UserId>,
    emergency: &BTreeSet<UserId>,
) -> Vec<Event<'a>> {
    if clients.is_empty() {
        return vec![Event::new(actor, action).with(json!({"count": 0}))];
    }
    let event = |client: &UserId| {
        let event = Event::new(actor, action).of_client(*client);
        if emergency.contains(client) { event.emergency() } else { event }
    };
    clients.iter().map(event).collect()
}

/// Those of these clients whose record the viewer sees by emergency access, and by no care team.
pub async fn only_by_emergency(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    clients: &BTreeSet<UserId>,
) -> QueryResult<BTreeSet<UserId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
    }
    let rows: Vec<Row> = crate::db::statement(
        "SELECT client_id FROM break_glass b WHERE user_id = $1 AND client_id = ANY($2) AND expires_at > now()
            AND NOT EXISTS (SELECT FROM client_care c WHERE c.client_id = b.client_id AND c.user_id = $1)",
    )
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Array<sql::Uuid>, _>(clients.iter().copied().collect::<Vec<_>>())
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.client_id).collect())
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
