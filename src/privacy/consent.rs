//! What a client agreed to, with history: rows are only ever added, and the newest of a kind is what holds.

use crate::{
    audit::{self, Actor, Event},
    error::Result,
    ids::{self, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// What may be agreed to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConsentKind {
    /// Having seen how the practice handles health information.
    PrivacyNotice,
    /// Being told by e-mail that something waits in the portal.
    EmailNotices,
    /// Being treated over video.
    Telehealth,
}

/// A text that is agreed to. Whoever changes one gives it a new version.
pub struct Document {
    pub kind: ConsentKind,
    pub version: &'static str,
    pub title: &'static str,
    pub text: &'static str,
}

/// The texts as they are now.
pub const DOCUMENTS: &[Document] = &[
    Document {
        kind: ConsentKind::PrivacyNotice,
        version: "2026-11",
        title: "How your health information is handled",
        text: "Your practice uses what you write here to care for you, and shares it with nobody who is not involved in \
            your care unless you ask for it or the law demands it. You can see at any time who opened your record, get a \
            copy of everything in it, and ask for corrections. The practice gives you its full notice of privacy \
            practices on request.",
    },
    Document {
        kind: ConsentKind::EmailNotices,
        version: "2026-11",
        title: "E-mails that something waits for you",
        text: "Your practice may send an e-mail to say that something is new in the portal. Such an e-mail never says \
            what it is about; but whoever can read your e-mail learns that you are in touch with the practice.",
    },
    Document {
        kind: ConsentKind::Telehealth,
        version: "2026-11",
        title: "Sessions over video",
        text: "Sessions may take place over video. You choose a place where nobody listens in; a connection may break \
            off, and your clinician then calls you. You may ask to meet in person instead, at any time.",
    },
];

impl ConsentKind {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PrivacyNotice => "privacyNotice",
            Self::EmailNotices => "emailNotices",
            Self::Telehealth => "telehealth",
        }
    }
}

/// A decision of the client.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = ConsentDecision)]
pub struct Decision {
    /// Of the text that was shown.
    pub version: String,
    /// False: withdrawn, or refused.
    pub granted: bool,
    pub at: DateTime<Utc>,
}

/// All decisions of a client, by kind, the newest first.
pub async fn history(conn: &mut AsyncPgConnection, client: UserId) -> Result<Vec<(String, Decision)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        kind: String,
        #[diesel(sql_type = sql::Text)]
        version: String,
        #[diesel(sql_type = sql::Bool)]
        granted: bool,
        #[diesel(sql_type = sql::Timestamptz)]
        at: DateTime<Utc>,
    }
    let rows: Vec<Row> = crate::db::statement(
        "SELECT kind, version, granted, at FROM consents WHERE client_id = $1 ORDER BY id DESC LIMIT 1000",
    )
    .bind::<sql::Uuid, _>(client)
    .load(conn)
    .await?;
    let decision = |row: Row| (row.kind, Decision { version: row.version, granted: row.granted, at: row.at });
    Ok(rows.into_iter().map(decision).collect())
}

/// Adds a decision of the client's own.
pub async fn decide(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    client: UserId,
    kind: ConsentKind,
    version: &str,
    granted: bool,
) -> Result<()> {
    conn.transaction(async |conn| {
        let id = ids::fresh();
        crate::db::statement(
            "INSERT INTO consents (id, client_id, kind, version, granted, sign_in_id) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(client)
        .bind::<sql::Text, _>(kind.as_str())
        .bind::<sql::Text, _>(version)
        .bind::<sql::Bool, _>(granted)
        .bind::<sql::Nullable<sql::Uuid>, _>(actor.sign_in.map(|id| id.0))
        .execute(conn)
        .await?;
        let action = if granted { "consent.granted" } else { "consent.withdrawn" };
        let detail = json!({"kind": kind, "version": version});
        audit::record(conn, Event::new(actor, action).of_client(client).on("consent", id).with(detail)).await?;
        Ok(())
    })
    .await
}
