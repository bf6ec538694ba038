//! What was answered in the demo practice: a client who gets better over twelve weeks, and one questionnaire that waits.

use super::people::Who;
use crate::{
    assessments::{
        answers::Answers,
        instruments::{self, Instrument},
        model::Kept,
        score::Outcome,
        store,
    },
    crypto::DataKey,
    db,
    error::Result,
    ids::{AssessmentId, AssessmentPlanId, PracticeId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types as sql;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Every two weeks, oldest first: the nine items of the PHQ-9, and how hard they made life.
const HISTORY: [[u8; 10]; 6] = [
    [2, 3, 3, 3, 2, 2, 2, 1, 0, 2],
    [2, 2, 3, 3, 2, 2, 2, 0, 0, 2],
    [2, 2, 2, 2, 1, 2, 1, 0, 0, 1],
    [1, 2, 2, 2, 1, 1, 1, 0, 0, 1],
    [1, 1, 2, 1, 1, 1, 1, 0, 0, 1],
    [1, 1, 1, 1, 0, 1, 0, 0, 0, 0],
];
const EVERY: TimeDelta = TimeDelta::weeks(2);

/// Whose answers, sealed with what.
pub(super) struct Client<'a> {
    pub practice: PracticeId,
    pub id: UserId,
    pub key: &'a DataKey,
}

/// The client and the clinician of this.
pub(super) const WHO: (Who, Who) = (Who::Grace, Who::Maya);

/// Writes all of it. Within the transaction that writes the practice, or after it.
pub(super) async fn write(
    conn: &mut AsyncPgConnection,
    client: Client<'_>,
    clinician: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let begun = now - EVERY * 6 - TimeDelta::days(1);
    let next = begun + EVERY * 7;
    let depression = plan(conn, &client, clinician, &instruments::phq9::PHQ_9, Some((2, next)), begun).await?;
    for (occurrence, values) in (1..).zip(HISTORY) {
        let at = begun + EVERY * occurrence + TimeDelta::hours(5);
        answered(conn, &client, depression, i64::from(occurrence), values, at).await?;
    }
    let anxiety = plan(conn, &client, clinician, &instruments::gad7::GAD_7, None, now - TimeDelta::days(2)).await?;
    insert(conn, &client, anxiety, &instruments::gad7::GAD_7, 1, now - TimeDelta::days(2)).await?;
    Ok(())
}

async fn plan(
    conn: &mut AsyncPgConnection,
    client: &Client<'_>,
    clinician: UserId,
    instrument: &Instrument,
    again: Option<(i16, DateTime<Utc>)>,
    at: DateTime<Utc>,
) -> Result<AssessmentPlanId> {
    let id = AssessmentPlanId::new();
    db::statement(
        "INSERT INTO assessment_plans (id, practice_id, client_id, instrument, recurrence, weeks, due_days, made_by,
            made_at, occurrences, next_at)
        VALUES ($1, $2, $3, $4, $5, $6, 7, $7, $8, $9, $10)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(client.practice)
    .bind::<sql::Uuid, _>(client.id)
    .bind::<sql::Text, _>(instrument.id)
    .bind::<sql::Text, _>(if again.is_some() { "everyWeeks" } else { "once" })
    .bind::<sql::Nullable<sql::SmallInt>, _>(again.map(|(weeks, _)| weeks))
    .bind::<sql::Uuid, _>(clinician)
    .bind::<sql::Timestamptz, _>(at)
    .bind::<sql::BigInt, _>(if again.is_some() { HISTORY.len() as i64 } else { 1 })
    .bind::<sql::Nullable<sql::Timestamptz>, _>(again.map(|(_, next)| next))
    .execute(conn)
    .await?;
    Ok(id)
}

async fn insert(
    conn: &mut AsyncPgConnection,
    client: &Client<'_>,
    plan: AssessmentPlanId,
    instrument: &Instrument,
    occurrence: i64,
    at: DateTime<Utc>,
) -> Result<AssessmentId> {
    let id = AssessmentId::new();
    db::statement(
        "INSERT INTO assessments (id, practice_id, client_id, plan_id, occurrence, instrument, version, assigned_at, due_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(client.practice)
    .bind::<sql::Uuid, _>(client.id)
    .bind::<sql::Uuid, _>(plan)
    .bind::<sql::BigInt, _>(occurrence)
    .bind::<sql::Text, _>(instrument.id)
    .bind::<sql::Text, _>(instrument.version)
    .bind::<sql::Timestamptz, _>(at)
    .bind::<sql::Timestamptz, _>(at + TimeDelta::days(7))
    .execute(conn)
    .await?;
    Ok(id)
}

async fn answered(
    conn: &mut AsyncPgConnection,
    client: &Client<'_>,
    plan: AssessmentPlanId,
    occurrence: i64,
    values: [u8; 10],
    at: DateTime<Utc>,
) -> Result<()> {
    let instrument = &instruments::phq9::PHQ_9;
    let id = insert(conn, client, plan, instrument, occurrence, at - TimeDelta::hours(5)).await?;
    let answers = Answers(instrument.items.iter().map(|item| item.id.to_owned()).zip(values).collect());
    let outcome = Some(Outcome::of(instrument, &answers)?);
    let sealed = store::seal(client.key, id, &Kept { language: "en".to_owned(), answers, outcome })?;
    db::statement(
        "UPDATE assessments SET state = 'submitted', started_at = $2, closed_at = $3, key_id = $4, sealed = $5, revision = 1
        WHERE id = $1",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Timestamptz, _>(at - TimeDelta::minutes(4))
    .bind::<sql::Timestamptz, _>(at)
    .bind::<sql::Uuid, _>(client.key.id())
    .bind::<sql::Bytea, _>(sealed)
    .execute(conn)
    .await?;
    Ok(())
}
