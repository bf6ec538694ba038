//! Versions of a practice's phrases and resources: written once, never changed.

use super::own::OwnPhrase;
use crate::{
    audit::{self, Actor, Event},
    db,
    emergency::resources::Resources,
    error::{Error, Result},
    ids::PracticeId,
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

/// Something of a practice, in its newest version.
#[derive(Clone, Debug, Default)]
pub struct Versioned<T> {
    /// 0: the practice has set nothing.
    pub version: i32,
    pub changed_at: Option<DateTime<Utc>>,
    pub value: T,
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Table {
    Phrases,
    Resources,
}

/// Who changes something, whose, and which version they saw.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    pub actor: &'a Actor,
    pub practice: PracticeId,
    pub seen: i32,
    pub now: DateTime<Utc>,
}

/// The phrases of a practice.
pub async fn phrases(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Versioned<Vec<OwnPhrase>>> {
    newest(conn, Table::Phrases, practice).await
}

/// The resources of a practice.
pub async fn resources(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Versioned<Resources>> {
    newest(conn, Table::Resources, practice).await
}

/// Puts phrases in the place of those that were seen.
///
/// # Errors
/// `Conflict` when somebody else changed them meanwhile.
pub async fn change_phrases(conn: &mut AsyncPgConnection, by: Change<'_>, phrases: &[OwnPhrase]) -> Result<()> {
    add(conn, Table::Phrases, by, &phrases, "crisisPhrases.changed", phrases.len()).await
}

/// Puts resources in the place of those that were seen.
///
/// # Errors
/// `Conflict` when somebody else changed them meanwhile.
pub async fn change_resources(conn: &mut AsyncPgConnection, by: Change<'_>, resources: &Resources) -> Result<()> {
    add(conn, Table::Resources, by, resources, "crisisResources.changed", resources.0.len()).await
}

/// What all practices have set.
pub async fn all(
    conn: &mut AsyncPgConnection,
) -> Result<(Vec<(PracticeId, Versioned<Vec<OwnPhrase>>)>, Vec<(PracticeId, Versioned<Resources>)>)> {
    Ok((of_all(conn, Table::Phrases).await?, of_all(conn, Table::Resources).await?))
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Integer)]
    version: i32,
    #[diesel(sql_type = sql::Jsonb)]
    value: serde_json::Value,
    #[diesel(sql_type = sql::Timestamptz)]
    changed_at: DateTime<Utc>,
}

impl Row {
    fn read<T: DeserializeOwned>(self) -> Result<(PracticeId, Versioned<T>)> {
        let value = serde_json::from_value(self.value).context("stored crisis settings")?;
        Ok((self.practice_id, Versioned { version: self.version, changed_at: Some(self.changed_at), value }))
    }
}

async fn newest<T: DeserializeOwned + Default>(
    conn: &mut AsyncPgConnection,
    table: Table,
    practice: PracticeId,
) -> Result<Versioned<T>> {
    let text = match table {
        Table::Phrases => {
            "SELECT practice_id, version, phrases AS value, changed_at FROM crisis_phrases
            WHERE practice_id = $1 ORDER BY version DESC LIMIT 1"
        }
        Table::Resources => {
            "SELECT practice_id, version, resources AS value, changed_at FROM crisis_resources
            WHERE practice_id = $1 ORDER BY version DESC LIMIT 1"
        }
    };
    let row: Option<Row> = db::statement(text).bind::<sql::Uuid, _>(practice).get_result(conn).await.optional()?;
    row.map_or_else(|| Ok(Versioned::default()), |row| Ok(row.read()?.1))
}

async fn of_all<T: DeserializeOwned>(
    conn: &mut AsyncPgConnection,
    table: Table,
) -> Result<Vec<(PracticeId, Versioned<T>)>> {
    let text = match table {
        Table::Phrases => {
            "SELECT DISTINCT ON (practice_id) practice_id, version, phrases AS value, changed_at FROM crisis_phrases
            ORDER BY practice_id, version DESC"
        }
        Table::Resources => {
            "SELECT DISTINCT ON (practice_id) practice_id, version, resources AS value, changed_at
            FROM crisis_resources ORDER BY practice_id, version DESC"
        }
    };
    let rows: Vec<Row> = db::statement(text).load(conn).await?;
    rows.into_iter().map(Row::read).collect()
}

async fn add<T: Serialize + ?Sized>(
    conn: &mut AsyncPgConnection,
    table: Table,
    by: Change<'_>,
    value: &T,
    action: &'static str,
    count: usize,
) -> Result<()> {
    let Change { actor, practice, seen, now } = by;
    let user = actor.user.ok_or(Error::Unauthenticated)?;
    let value = serde_json::to_value(value).context("crisis settings")?;
    let changed_meanwhile = || Error::conflict("Somebody else changed this meanwhile: look at it again.");
    let next = seen.checked_add(1).ok_or_else(changed_meanwhile)?;
    let text = match table {
        Table::Phrases => {
            "INSERT INTO crisis_phrases (practice_id, version, phrases, changed_by, changed_at)
            SELECT $1, $6, $3, $4, $5
            WHERE $2 = (SELECT COALESCE(max(version), 0) FROM crisis_phrases WHERE practice_id = $1)
            ON CONFLICT DO NOTHING"
        }
        Table::Resources => {
            "INSERT INTO crisis_resources (practice_id, version, resources, changed_by, changed_at)
            SELECT $1, $6, $3, $4, $5
            WHERE $2 = (SELECT COALESCE(max(version), 0) FROM crisis_resources WHERE practice_id = $1)
            ON CONFLICT DO NOTHING"
        }
    };
    conn.transaction(async |conn| {
        let added = db::statement(text)
            .bind::<sql::Uuid, _>(practice)
            .bind::<sql::Integer, _>(seen)
            .bind::<sql::Jsonb, _>(&value)
            .bind::<sql::Uuid, _>(user)
            .bind::<sql::Timestamptz, _>(now)
            .bind::<sql::Integer, _>(next)
            .execute(conn)
            .await?;
        if added == 0 {
            return Err(changed_meanwhile());
        }
        // Never the words: an audit row outlives what they were for.
        let detail = json!({"version": next, "count": count});
        audit::record(conn, Event::new(actor, action).with(detail)).await?;
        Ok(())
    })
    .await
}
