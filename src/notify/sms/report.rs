//! What became of a message after Twilio took it. Reports come late, twice, and in any order: a message that ended stays
//! as it ended.

use super::twilio::{OPTED_OUT, is_message};
use crate::ids::OutboxId;
use diesel::{QueryResult, prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A report, as it was sent and signed.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// Twilio's name for the message.
    pub sid: String,
    pub fate: Fate,
    pub error: Option<u32>,
}

/// What it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// On its way.
    UnderWay,
    Delivered,
    Failed,
}

impl Report {
    /// None: nothing that Twilio would send.
    pub fn read(form: &[(String, String)]) -> Option<Self> {
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let sid = field("MessageSid").filter(|sid| is_message(sid))?.to_owned();
        let fate = match field("MessageStatus")? {
            "accepted" | "scheduled" | "queued" | "sending" | "sent" => Fate::UnderWay,
            "delivered" | "read" => Fate::Delivered,
            "undelivered" | "failed" | "canceled" => Fate::Failed,
            _ => return None,
        };
        Some(Self { sid, fate, error: field("ErrorCode").and_then(|code| code.parse().ok()) })
    }

    /// The number answered STOP, says Twilio.
    pub fn says_opted_out(&self) -> bool {
        self.error == Some(OPTED_OUT)
    }
}

/// Notes a report; whether it changed anything. One about an earlier try of the same row changes nothing.
pub async fn note(conn: &mut AsyncPgConnection, id: OutboxId, report: &Report) -> QueryResult<bool> {
    let state = match report.fate {
        Fate::UnderWay => return Ok(false),
        Fate::Delivered => "delivered",
        Fate::Failed => "failed",
    };
    let code = report.error.map(|code| format!("twilio {code}"));
    let code = code.or_else(|| (report.fate == Fate::Failed).then(|| "twilio undelivered".to_owned()));
    let noted = crate::db::statement(
        "UPDATE outbox SET state = $2, last_error = $3, provider_id = $4, settled_at = now(),
            sealed = CASE WHEN $2 = 'delivered' THEN '' ELSE sealed END
        WHERE id = $1 AND channel = 'sms' AND state IN ('waiting', 'sent') AND attempts > 0
            AND COALESCE(provider_id, $4) = $4",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Text, _>(state)
    .bind::<sql::Nullable<sql::Text>, _>(code)
    .bind::<sql::Text, _>(&report.sid)
    .execute(conn)
    .await?;
    Ok(noted == 1)
}

/// To which contact point the row went; none where there is no such row.
pub async fn exists(conn: &mut AsyncPgConnection, id: OutboxId) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        found: bool,
    }
    let row: Row =
        crate::db::statement("SELECT EXISTS (SELECT FROM outbox WHERE id = $1 AND channel = 'sms') AS found")
            .bind::<sql::Uuid, _>(id)
            .get_result(conn)
            .await?;
    Ok(row.found)
}
