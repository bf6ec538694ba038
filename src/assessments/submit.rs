//! Submitting: the answers, their score and, where one of them means danger, the emergency. One transaction: whatever
//! happens to the hub afterwards, the practice is called; whatever happens before, nothing was submitted.

use super::{
    access::AssessmentAccess,
    answers::Answers,
    draft::{Answering, must_be_open},
    model::{Assessment, AssessmentState, Kept},
    occasions,
    score::Outcome,
    store,
};
use crate::{
    audit,
    clock::Clock,
    db,
    emergency::{self, model::Cause, raise::raise_for_client},
    error::{Error, Result},
    ids::{AssessmentId, EscalationId, PracticeId, UserId},
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

/// What became of it.
#[derive(Debug)]
pub struct Submitted {
    pub assessment: Assessment,
    /// It was submitted before, with the same answers.
    pub is_repeated: bool,
    /// An answer of it means danger.
    pub is_danger: bool,
}

impl Answering<'_> {
    /// Submits these answers. Submitted again they are the same submission, and raise nothing again.
    ///
    /// # Errors
    /// `invalid`, an item each; `conflict` where other answers were submitted, or it was taken back.
    pub async fn submit(
        self,
        conn: &mut AsyncPgConnection,
        clock: &Clock,
        access: &AssessmentAccess,
        answers: Answers,
    ) -> Result<Submitted> {
        conn.transaction(async |conn| {
            let found = store::lock(conn, self.keyring, access).await?;
            let is_repeated = found.state == AssessmentState::Submitted
                && found.kept.as_ref().is_some_and(|kept| kept.answers == answers);
            if !is_repeated {
                must_be_open(&found)?;
                self.store(conn, clock, access, &found, answers).await?;
                audit::record(conn, access.event(self.actor, "assessment.submitted")).await?;
            } else {
                audit::record(conn, access.event(self.actor, "assessment.viewed")).await?;
            }
            let assessment = store::find(conn, self.keyring, access).await?;
            let is_danger = assessment.outcome().is_some_and(|outcome| !outcome.dangers.is_empty());
            Ok(Submitted { assessment, is_repeated, is_danger })
        })
        .await
    }

    async fn store(
        self,
        conn: &mut AsyncPgConnection,
        clock: &Clock,
        access: &AssessmentAccess,
        found: &Assessment,
        answers: Answers,
    ) -> Result<()> {
        let outcome = Outcome::of(found.instrument, &answers)?;
        let is_danger = !outcome.dangers.is_empty();
        let kept = Kept { language: self.language_of(found), answers, outcome: Some(outcome) };
        let key = store::key_of(conn, self.keyring, found.client).await?;
        db::statement(
            "UPDATE assessments SET state = 'submitted', closed_at = $4, started_at = COALESCE(started_at, $4),
                key_id = $2, sealed = $3, revision = revision + 1, alarm_at = NULL
            WHERE id = $1",
        )
        .bind::<sql::Uuid, _>(found.id)
        .bind::<sql::Uuid, _>(key.id())
        .bind::<sql::Bytea, _>(store::seal(&key, found.id, &kept)?)
        .bind::<sql::Timestamptz, _>(self.now)
        .execute(conn)
        .await?;
        db::statement(
            "UPDATE assessment_plans SET ended_at = $2 WHERE id = $1 AND recurrence = 'once' AND ended_at IS NULL",
        )
        .bind::<sql::Uuid, _>(found.plan)
        .bind::<sql::Timestamptz, _>(self.now)
        .execute(conn)
        .await?;
        if is_danger {
            raise(conn, clock, access.client().practice(), found.client, found.id).await?;
        }
        occasions::quiet(conn, found.id, self.now).await
    }
}

/// Raises the emergency of an assessment whose row is locked, unless the one that it raised before is still open.
pub(super) async fn raise(
    conn: &mut AsyncPgConnection,
    clock: &Clock,
    practice: PracticeId,
    client: UserId,
    id: AssessmentId,
) -> Result<EscalationId> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: EscalationId,
    }
    let open: Option<Row> = db::statement(
        "SELECT e.id FROM escalations e JOIN assessments a ON a.escalation_id = e.id
        WHERE a.id = $1 AND e.state <> 'resolved'",
    )
    .bind::<sql::Uuid, _>(id)
    .get_result(conn)
    .await
    .optional()?;
    if let Some(open) = open {
        return Ok(open.id);
    }
    let at = emergency::store::now(conn, clock).await?;
    let raised = raise_for_client(conn, practice, client, Cause::Assessment, at).await?;
    let noted = db::statement("UPDATE assessments SET escalation_id = $2, alarm_at = NULL WHERE id = $1")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(raised)
        .execute(conn)
        .await?;
    if noted == 1 { Ok(raised) } else { Err(Error::NotFound) }
}
