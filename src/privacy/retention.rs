//! How long things are kept, by the practice's rules, and the loop that applies them. Nothing of a client under a legal
//! hold goes. The audit log and the entries of living records are never touched: nobody may delete those.

use super::{
    certificate::Cause,
    erasure::{self, Erasing},
    tombstone::Tombstones,
};
use crate::{
    audit::{self, Actor, Event},
    clock::Clock,
    crypto::Keyring,
    db,
    error::{Error, Result},
    ids::{PracticeId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use utoipa::ToSchema;

/// The first time soon after the start, so that a hub that is restarted daily gets to it.
const FIRST_AFTER: Duration = Duration::from_secs(120);
const EVERY: Duration = Duration::from_secs(3_600);
/// Clients of one round, so that no round takes long.
const CLIENTS_AT_ONCE: i64 = 50;
/// Rows of one statement.
const ROWS_AT_ONCE: i64 = 5_000;
/// Of the advisory lock that lets one hub at a time apply the rules.
const LOCK: i64 = 0x6361_7265_6875_6201;

/// What a rule is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum RetentionKind {
    /// A client of whom nothing was heard for so long is erased.
    ClientRecords,
    /// Texts that were never sent.
    Drafts,
    /// Sign-in sessions that ended.
    EndedSignIns,
    /// E-mails that were delivered or given up.
    DeliveredMail,
    /// What people were told in Carehub.
    Notifications,
}

impl RetentionKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::ClientRecords, Self::Drafts, Self::EndedSignIns, Self::DeliveredMail, Self::Notifications];

    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientRecords => "clientRecords",
            Self::Drafts => "drafts",
            Self::EndedSignIns => "endedSignIns",
            Self::DeliveredMail => "deliveredMail",
            Self::Notifications => "notifications",
        }
    }

    /// Days, where the practice says nothing. None: for ever.
    pub fn default_days(self) -> Option<i32> {
        match self {
            Self::ClientRecords | Self::Drafts => None,
            Self::EndedSignIns => Some(365),
            Self::DeliveredMail => Some(30),
            Self::Notifications => Some(180),
        }
    }

    /// No rule may be shorter: what is needed to look into an incident, and years for a record.
    pub fn least_days(self) -> i32 {
        match self {
            Self::ClientRecords => 5 * 365,
            Self::Drafts => 30,
            Self::EndedSignIns => 90,
            Self::DeliveredMail => 7,
            Self::Notifications => 30,
        }
    }
}

/// A rule of a practice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    pub kind: RetentionKind,
    /// None: for ever.
    pub days: Option<i32>,
}

/// The practice's rules, with the defaults where it has none.
pub async fn rules(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Vec<Rule>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        kind: String,
        #[diesel(sql_type = sql::Nullable<sql::Integer>)]
        days: Option<i32>,
    }
    let rows: Vec<Row> = db::statement("SELECT kind, days FROM retention_rules WHERE practice_id = $1")
        .bind::<sql::Uuid, _>(practice)
        .load(conn)
        .await?;
    let rule = |kind: RetentionKind| {
        let own = rows.iter().find(|row| row.kind == kind.as_str()).map(|row| row.days);
        Rule { kind, days: own.unwrap_or(kind.default_days()) }
    };
    Ok(RetentionKind::ALL.into_iter().map(rule).collect())
}

/// Changes rules of the caller's practice.
pub async fn change(conn: &mut AsyncPgConnection, actor: &Actor, practice: PracticeId, rules: &[Rule]) -> Result<()> {
    let by = actor.user.ok_or(Error::Unauthenticated)?;
    conn.transaction(async |conn| {
        for rule in rules {
            db::statement(
                "INSERT INTO retention_rules (practice_id, kind, days, changed_by) VALUES ($1, $2, $3, $4)
                ON CONFLICT (practice_id, kind)
                DO UPDATE SET days = excluded.days, changed_by = excluded.changed_by, changed_at = now()",
            )
            .bind::<sql::Uuid, _>(practice)
            .bind::<sql::Text, _>(rule.kind.as_str())
            .bind::<sql::Nullable<sql::Integer>, _>(rule.days)
            .bind::<sql::Uuid, _>(by)
            .execute(conn)
            .await?;
            let detail = json!({"kind": rule.kind, "days": rule.days});
            audit::record(conn, Event::new(actor, "retentionRule.changed").with(detail)).await?;
        }
        Ok(())
    })
    .await
}

/// What the loop works with.
pub struct Retention {
    pub database_url: SecretString,
    pub keyring: Arc<Keyring>,
    /// None: no client is erased.
    pub tombstones: Option<Arc<Tombstones>>,
    pub clock: Clock,
}

impl Retention {
    /// Applies the rules every hour from now on.
    pub fn keep_applying(self) {
        actix::spawn(async move {
            tokio::time::sleep(FIRST_AFTER).await;
            let mut every = tokio::time::interval(EVERY);
            loop {
                every.tick().await;
                if let Err(error) = self.apply().await {
                    tracing::error!(%error, "the retention rules could not be applied; trying again in an hour");
                }
            }
        });
    }

    /// Applies the rules of all practices once, unless another hub does at the moment.
    pub async fn apply(&self) -> Result<()> {
        let mut conn = db::connect(&self.database_url).await?;
        if !lock(&mut conn).await? {
            return Ok(());
        }
        for practice in practices(&mut conn).await? {
            for rule in rules(&mut conn, practice).await? {
                let Some(days) = rule.days else { continue };
                let before = self.clock.now() - TimeDelta::days(days.into());
                let gone = match rule.kind {
                    RetentionKind::ClientRecords => self.erase_clients(&mut conn, practice, before).await?,
                    other => delete(&mut conn, practice, other, before).await?,
                };
                if gone > 0 {
                    let (actor, detail) = (Actor::hub(), json!({"kind": rule.kind, "days": days, "gone": gone}));
                    let event = Event::new(&actor, "retentionRule.applied").in_practice(practice).with(detail);
                    audit::record(&mut conn, event).await?;
                }
            }
        }
        // The lock goes with the connection.
        Ok(())
    }

    async fn erase_clients(
        &self,
        conn: &mut AsyncPgConnection,
        practice: PracticeId,
        before: DateTime<Utc>,
    ) -> Result<u64> {
        let Some(tombstones) = &self.tombstones else { return Ok(0) };
        let mut gone = 0;
        for client in silent_clients(conn, practice, before).await? {
            let (actor, cause, now) = (Actor::hub(), Cause::Retention, self.clock.now());
            let erasing = Erasing { actor: &actor, practice, client, cause, reason: None, now };
            match erasure::erase(conn, &self.keyring, tombstones, &erasing).await {
                Ok(_) => gone += 1,
                // Placed since the question.
                Err(Error::LegalHold) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(gone)
    }
}

async fn lock(conn: &mut AsyncPgConnection) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        taken: bool,
    }
    let row: Row =
        db::statement("SELECT pg_try_advisory_lock($1) AS taken").bind::<sql::BigInt, _>(LOCK).get_result(conn).await?;
    Ok(row.taken)
}

async fn practices(conn: &mut AsyncPgConnection) -> Result<Vec<PracticeId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: PracticeId,
    }
    let rows: Vec<Row> = db::statement("SELECT id FROM practices ORDER BY id").load(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Clients who neither wrote, nor were written to, nor signed in since.
async fn silent_clients(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    before: DateTime<Utc>,
) -> Result<Vec<UserId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: UserId,
    }
    let rows: Vec<Row> = db::statement(
        "SELECT id FROM users u WHERE practice_id = $1 AND role = 'client' AND status <> 'erased' AND GREATEST(
            created_at,
            (SELECT max(last_entry_at) FROM threads WHERE client_id = u.id),
            (SELECT max(last_active_at) FROM sign_in_sessions WHERE user_id = u.id)) < $2
        AND NOT EXISTS (SELECT FROM legal_holds WHERE client_id = u.id AND lifted_at IS NULL)
        ORDER BY id LIMIT $3",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Timestamptz, _>(before)
    .bind::<sql::BigInt, _>(CLIENTS_AT_ONCE)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

async fn delete(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    kind: RetentionKind,
    before: DateTime<Utc>,
) -> Result<u64> {
    let text = match kind {
        RetentionKind::ClientRecords => return Ok(0),
        RetentionKind::Drafts => {
            "DELETE FROM drafts WHERE ctid IN (
                SELECT d.ctid FROM drafts d JOIN users u ON u.id = d.user_id LEFT JOIN threads t ON t.id = d.thread_id
                WHERE u.practice_id = $1 AND d.updated_at < $2 AND NOT EXISTS (
                    SELECT FROM legal_holds WHERE client_id IN (u.id, t.client_id) AND lifted_at IS NULL) LIMIT $3)"
        }
        RetentionKind::EndedSignIns => {
            "WITH gone AS MATERIALIZED (
                SELECT s.id FROM sign_in_sessions s JOIN users u ON u.id = s.user_id
                WHERE u.practice_id = $1 AND COALESCE(s.ended_at, s.expires_at) < $2 AND NOT EXISTS (
                    SELECT FROM legal_holds WHERE client_id = u.id AND lifted_at IS NULL) LIMIT $3
            ), tokens AS (DELETE FROM refresh_tokens WHERE sign_in_id IN (SELECT id FROM gone))
            DELETE FROM sign_in_sessions WHERE id IN (SELECT id FROM gone)"
        }
        RetentionKind::Notifications => {
            "DELETE FROM notifications WHERE id IN (
                SELECT id FROM notifications n WHERE practice_id = $1 AND GREATEST(told_at, cancelled_at) < $2
                AND NOT EXISTS (
                    SELECT FROM notification_deliveries WHERE notification_id = n.id AND state IN ('planned', 'queued'))
                AND NOT EXISTS (
                    SELECT FROM legal_holds WHERE client_id = n.user_id AND lifted_at IS NULL) LIMIT $3)"
        }
        RetentionKind::DeliveredMail => {
            "DELETE FROM outbox WHERE id IN (
                SELECT id FROM outbox o WHERE practice_id = $1 AND state <> 'waiting' AND created_at < $2 AND NOT EXISTS (
                    SELECT FROM legal_holds WHERE client_id = o.recipient_id AND lifted_at IS NULL) LIMIT $3)"
        }
    };
    let gone = db::statement(text)
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Timestamptz, _>(before)
        .bind::<sql::BigInt, _>(ROWS_AT_ONCE)
        .execute(conn)
        .await?;
    Ok(gone as u64)
}
