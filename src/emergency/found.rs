//! Which crisis phrase made an emergency, in words for staff: of which list, in which version, and why it is on it. Never
//! what the client wrote: that is read in the thread.

use super::phrases::Detector;
use crate::{db, ids::EscalationId};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A phrase that was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FoundCrisisPhrase)]
pub struct Found {
    #[serde(flatten)]
    stored: Stored,
    /// What that means.
    words: String,
}

/// As `raise` stores it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FoundCrisisPhraseName)]
struct Stored {
    phrase_id: String,
    /// The list's language; `any` for phrases of the practice's own.
    language: String,
    list_version: String,
}

impl From<Stored> for Found {
    fn from(stored: Stored) -> Self {
        let Stored { phrase_id, language, list_version } = &stored;
        let list = match language.as_str() {
            "any" => "the practice's own crisis phrases".to_owned(),
            "en" => "the English crisis phrases".to_owned(),
            "es" => "the Spanish crisis phrases".to_owned(),
            other => format!("the crisis phrases in the language {other}"),
        };
        // In the midst of a sentence no other one ends.
        let why = Detector::why(phrase_id).map(|why| format!(" ({})", why.trim_end_matches('.'))).unwrap_or_default();
        let words = format!(
            "Carehub found one of {list}, version {list_version}, in what the client wrote{why}. The list is only a second \
             pair of eyes: read the message, and judge for yourself."
        );
        Self { words, stored }
    }
}

/// The last one of an emergency. The caller knows that its reader may know whose it is.
pub async fn find(conn: &mut AsyncPgConnection, escalation: EscalationId) -> QueryResult<Option<Found>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Nullable<sql::Jsonb>)]
        finding: Option<serde_json::Value>,
    }
    let row: Row = db::statement("SELECT finding FROM escalations WHERE id = $1")
        .bind::<sql::Uuid, _>(escalation)
        .get_result(conn)
        .await?;
    // One of another version that cannot be read any more is in the audit log all the same.
    Ok(row.finding.and_then(|finding| serde_json::from_value::<Stored>(finding).ok()).map(Found::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_explained_by_its_list_its_version_and_its_reason() {
        let stored = |language: &str, phrase: &str| Stored {
            phrase_id: phrase.into(),
            language: language.into(),
            list_version: "2026-11-22".into(),
        };
        let listed = Found::from(stored("en", "en-kill-self")).words;
        assert!(listed.contains("English crisis phrases, version 2026-11-22") && listed.contains(" ("), "{listed}");
        assert!(!listed.contains(".)") && !listed.contains(".."), "{listed}");
        let own = Found::from(stored("any", "0192")).words;
        assert!(own.contains("the practice's own crisis phrases") && !own.contains(" ("), "{own}");
    }
}
