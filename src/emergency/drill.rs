//! Drills: an escalation as in an emergency, that says everywhere that it is none. It has no client and no thread.

use super::raise;
use crate::{
    audit::Actor,
    db,
    error::{Error, Result},
    ids::{EscalationId, PracticeId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// Begins one.
///
/// # Errors
/// `Conflict`, naming it, while another is open: people who are called too often stop coming.
pub async fn begin(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    practice: PracticeId,
    now: DateTime<Utc>,
) -> Result<EscalationId> {
    conn.transaction(async |conn| {
        // Of two who begin one at once, one does.
        db::statement("SELECT FROM practices WHERE id = $1 FOR NO KEY UPDATE")
            .bind::<sql::Uuid, _>(practice)
            .execute(conn)
            .await?;
        if let Some(open) = find_open(conn, practice).await? {
            return Err(Error::Conflict {
                detail: "A drill is open already: take it and close it first.",
                extra: [("escalation".to_owned(), json!(open))].into_iter().collect(),
            });
        }
        Ok(raise::raise_drill(conn, practice, actor, now).await?)
    })
    .await
}

async fn find_open(conn: &mut AsyncPgConnection, practice: PracticeId) -> QueryResult<Option<EscalationId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: EscalationId,
    }
    let row: Option<Row> = db::statement(
        "SELECT id FROM escalations WHERE practice_id = $1 AND drill AND state <> 'resolved' ORDER BY id LIMIT 1",
    )
    .bind::<sql::Uuid, _>(practice)
    .get_result(conn)
    .await
    .optional()?;
    Ok(row.map(|row| row.id))
}
