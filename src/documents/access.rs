//! Who may see a document: whoever may see its client's record, and the client only what is shared. Functions that read
//! one demand a [`DocumentAccess`], and only this file makes one. A document that is not the viewer's and one that does
//! not exist give the same answer: none.

use crate::{
    accounts::{
        Role,
        access::{ClientAccess, Viewer, find_client_access},
    },
    audit::{Actor, Event},
    error::Result,
    ids::{DocumentId, UserId},
};
use diesel::{OptionalExtension, QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Proof that a viewer may see a document, at the moment it was made.
#[derive(Clone, Copy, Debug)]
pub struct DocumentAccess {
    document: DocumentId,
    client: ClientAccess,
}

impl DocumentAccess {
    pub fn document(&self) -> DocumentId {
        self.document
    }
    pub fn client(&self) -> &ClientAccess {
        &self.client
    }
    pub fn viewer(&self) -> &Viewer {
        self.client.viewer()
    }

    /// Goes on only where it may be changed: not under emergency access.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require_change(&self) -> Result<()> {
        self.client.require_change()
    }

    /// A row for the audit log of what somebody does with it.
    pub fn event<'a>(&self, actor: &'a Actor, action: &'static str) -> Event<'a> {
        self.client.event(actor, action).on("document", self.document)
    }
}

/// Whether the viewer may see this document.
pub async fn find_access(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    document: DocumentId,
) -> QueryResult<Option<DocumentAccess>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
        #[diesel(sql_type = sql::Bool)]
        is_shared: bool,
    }
    let row: Option<Row> = crate::db::statement(
        "SELECT client_id, shared_at IS NOT NULL AS is_shared FROM documents WHERE id = $1 AND practice_id = $2",
    )
    .bind::<sql::Uuid, _>(document)
    .bind::<sql::Uuid, _>(viewer.practice)
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row.filter(|row| row.is_shared || viewer.role != Role::Client) else { return Ok(None) };
    let client = find_client_access(conn, viewer, row.client_id).await?;
    Ok(client.map(|client| DocumentAccess { document, client }))
}
