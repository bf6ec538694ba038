//! Answers so far: sealed on the server as somebody chooses them, so that they go on where they were, on any device.
//!
//! An answer that means danger and stays in a draft is not a secret that Carehub keeps for itself: after a quarter of an
//! hour, or at once when it is submitted, it raises the emergency. Who chose it by mistake takes it back before that, and
//! nobody is called. See `docs/adr/0032`.

use super::{
    access::AssessmentAccess,
    answers::Answers,
    model::{Assessment, AssessmentState, Kept},
    store,
};
use crate::{
    audit::{self, Actor},
    crypto::Keyring,
    db,
    error::{Error, Result},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types as sql;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// So long an answer that means danger may stay in a draft before somebody is called.
pub const ALARM_AFTER: TimeDelta = TimeDelta::minutes(15);

/// Who answers, and when.
#[derive(Clone, Copy)]
pub struct Answering<'a> {
    pub keyring: &'a Keyring,
    pub actor: &'a Actor,
    /// Of the client.
    pub language: &'a str,
    pub now: DateTime<Utc>,
}

impl Answering<'_> {
    /// Begins: from now on it is asked in one language. What was begun stays as it is.
    ///
    /// # Errors
    /// `conflict` where it does not wait for answers any more.
    pub async fn start(self, conn: &mut AsyncPgConnection, access: &AssessmentAccess) -> Result<Assessment> {
        conn.transaction(async |conn| {
            let found = store::lock(conn, self.keyring, access).await?;
            must_be_open(&found)?;
            if found.kept.is_none() {
                self.keep(conn, &found, Answers::default()).await?;
            }
            audit::record(conn, access.event(self.actor, "assessment.started")).await?;
            store::find(conn, self.keyring, access).await
        })
        .await
    }

    /// Keeps these answers in place of those before. `revision`: of the answers that they started from.
    ///
    /// # Errors
    /// `invalid` for what no item offers; `conflict` with the current answers where they did not start from those.
    pub async fn save(
        self,
        conn: &mut AsyncPgConnection,
        access: &AssessmentAccess,
        answers: Answers,
        revision: Option<i64>,
    ) -> Result<Assessment> {
        conn.transaction(async |conn| {
            let found = store::lock(conn, self.keyring, access).await?;
            must_be_open(&found)?;
            answers.check_draft(found.instrument)?;
            if revision.is_some_and(|seen| seen != found.revision) {
                return Err(changed_elsewhere(&found));
            }
            self.keep(conn, &found, answers).await?;
            audit::record(conn, access.event(self.actor, "assessment.saved")).await?;
            store::find(conn, self.keyring, access).await
        })
        .await
    }

    async fn keep(self, conn: &mut AsyncPgConnection, found: &Assessment, answers: Answers) -> Result<()> {
        let dangers = answers.dangers(found.instrument);
        let kept = Kept { language: self.language_of(found), answers, outcome: None };
        let key = store::key_of(conn, self.keyring, found.client).await?;
        // The time begins with the first such answer; going on with the others does not put it off.
        db::statement(
            "UPDATE assessments SET key_id = $2, sealed = $3, revision = revision + 1,
                started_at = COALESCE(started_at, $4),
                alarm_at = CASE WHEN $5 AND escalation_id IS NULL THEN COALESCE(alarm_at, $6) END
            WHERE id = $1",
        )
        .bind::<sql::Uuid, _>(found.id)
        .bind::<sql::Uuid, _>(key.id())
        .bind::<sql::Bytea, _>(store::seal(&key, found.id, &kept)?)
        .bind::<sql::Timestamptz, _>(self.now)
        .bind::<sql::Bool, _>(!dangers.is_empty())
        .bind::<sql::Timestamptz, _>(self.now + ALARM_AFTER)
        .execute(conn)
        .await?;
        Ok(())
    }

    /// Of the wording in which it is asked.
    pub(super) fn language_of(self, found: &Assessment) -> String {
        match &found.kept {
            Some(kept) => kept.language.clone(),
            None => found.instrument.wording(self.language).language.to_owned(),
        }
    }
}

/// Goes on only where it waits for answers.
pub(super) fn must_be_open(found: &Assessment) -> Result<()> {
    match found.state {
        AssessmentState::Open => Ok(()),
        AssessmentState::Submitted => {
            Err(Error::conflict("This was submitted already. What was submitted is not changed."))
        }
        AssessmentState::Missed => Err(Error::conflict("The next one is here already: answer that one instead.")),
        AssessmentState::Cancelled => {
            Err(Error::conflict("Your practice has taken this back. Nothing is left to be done."))
        }
    }
}

fn changed_elsewhere(found: &Assessment) -> Error {
    let answers = found.kept.as_ref().map(|kept| kept.answers.clone()).unwrap_or_default();
    Error::Conflict {
        detail: "These answers were changed on another device. Look at them as they are now, then go on.",
        extra: [("current".to_owned(), json!({"answers": answers, "revision": found.revision}))].into_iter().collect(),
    }
}
