//! Who may see an assessment: whoever may see the record of its client. Functions that read or change one demand an
//! [`AssessmentAccess`], and only this file makes one.

use crate::{
    accounts::access::{ClientAccess, Viewer, find_client_access},
    audit::{Actor, Event},
    ids::{AssessmentId, UserId},
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Proof that a viewer may see an assessment, at the moment it was made.
#[derive(Clone, Copy, Debug)]
pub struct AssessmentAccess {
    id: AssessmentId,
    client: ClientAccess,
}

impl AssessmentAccess {
    pub fn id(&self) -> AssessmentId {
        self.id
    }

    /// To the record that it belongs to.
    pub fn client(&self) -> &ClientAccess {
        &self.client
    }

    /// What the viewer did to it, for the audit log.
    pub fn event<'a>(&self, actor: &'a Actor, action: &'static str) -> Event<'a> {
        self.client.event(actor, action).on("assessment", self.id)
    }
}

/// Whether the viewer may see this assessment. Another's and one that does not exist give the same answer: none.
pub async fn find_access(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    id: AssessmentId,
) -> QueryResult<Option<AssessmentAccess>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
    }
    let row: Option<Row> = crate::db::statement("SELECT client_id FROM assessments WHERE id = $1 AND practice_id = $2")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(viewer.practice)
        .get_result(conn)
        .await
        .optional()?;
    let Some(Row { client_id }) = row else { return Ok(None) };
    let client = find_client_access(conn, viewer, client_id).await?;
    Ok(client.map(|client| AssessmentAccess { id, client }))
}
