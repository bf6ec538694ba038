//! Submitting: the answers are judged, sealed and stored in one transaction, with who signed what, when and from where.
//! Nothing of what was refused is stored; the draft stays.

use super::{
    answers::{self, Answers},
    assignments::{self, Assigned},
    definition::FieldKind,
    drafts,
    files::{self, FormFile},
    seal,
};
use crate::{
    audit::{self, Actor},
    crypto::{Keyring, Place},
    db::statement,
    error::{Error, Result},
    ids::{EntryId, FormId, FormSubmissionId},
    keys::{self, Owner},
};
use chrono::{DateTime, SubsecRound, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// All that the seal is of, as it is stored.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sealed {
    pub form: FormId,
    pub version: i32,
    /// Of the questions, in hexadecimal.
    pub definition: String,
    pub client: Uuid,
    pub submitted_at: DateTime<Utc>,
    pub answers: Answers,
    pub signatures: Vec<Signed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FormFile>,
    /// 32 random bytes, in hexadecimal.
    pub salt: String,
}

/// A signature with what belongs to it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormSignature)]
pub struct Signed {
    /// The key of its field.
    pub field: String,
    /// What was agreed to.
    pub intent: String,
    pub signed_at: DateTime<Utc>,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// What is sent.
pub struct Submitting {
    /// What its sender calls it: sent twice, it is stored once.
    pub sent_as: EntryId,
    /// Of the draft that was seen; None: whatever is there.
    pub revision: Option<i64>,
    /// What was changed since.
    pub changed: Answers,
}

/// Submits. True where it was submitted before under the same name.
///
/// # Errors
/// `invalid`, with everything that is wrong; `conflict` where the draft changed meanwhile or the form is closed.
pub async fn submit(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    assigned: &Assigned,
    actor: &Actor,
    submitting: Submitting,
    now: DateTime<Utc>,
) -> Result<(FormSubmissionId, bool)> {
    if let Some(submission) = find_sent(conn, assigned, submitting.sent_as).await? {
        audit::record(conn, assigned.event(actor, "form.submitted")).await?;
        return Ok((submission, true));
    }
    let draft = drafts::read_to_change(conn, keyring, assigned, submitting.revision).await?;
    let merged = answers::merge(&assigned.definition, draft.answers, submitting.changed)?;
    let judged = answers::judge(&assigned.definition, &merged, assigned.today(now))?;
    let files = files::submitted(conn, keyring, assigned, &judged).await?;
    // The store keeps microseconds.
    let at = now.trunc_subsecs(6);
    let (id, client) = (FormSubmissionId::new(), assigned.access.client());
    let sealed = Sealed {
        form: assigned.form,
        version: assigned.summary.version,
        definition: seal::hex(&assigned.digest),
        client: client.0,
        submitted_at: at,
        signatures: signatures(assigned, &judged, actor, at),
        answers: judged,
        files,
        salt: salt()?,
    };
    let seal = seal::of(&json!(sealed));
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(client)).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let text = serde_json::to_string(&sealed).map_err(anyhow::Error::from)?;
    statement(
        "INSERT INTO form_submissions (id, assignment_id, practice_id, client_id, key_id, sealed, seal, sent_as, submitted_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(assigned.id)
    .bind::<sql::Uuid, _>(assigned.access.practice())
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(wrapped.id)
    .bind::<sql::Bytea, _>(key.seal(Place::FormSubmission { id }, &text).map_err(anyhow::Error::from)?)
    .bind::<sql::Bytea, _>(&seal)
    .bind::<sql::Uuid, _>(submitting.sent_as)
    .bind::<sql::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    statement("UPDATE form_assignments SET closed_at = $2 WHERE id = $1")
        .bind::<sql::Uuid, _>(assigned.id)
        .bind::<sql::Timestamptz, _>(at)
        .execute(conn)
        .await?;
    drafts::drop(conn, assigned).await?;
    assignments::moot(conn, assigned.id, now).await?;
    // In the chain of the audit log: whoever puts other answers and another seal in its place is found out there.
    let detail = json!({"submission": id, "version": assigned.summary.version, "seal": seal::hex(&seal)});
    audit::record(conn, assigned.event(actor, "form.submitted").with(detail)).await?;
    Ok((id, false))
}

async fn find_sent(
    conn: &mut AsyncPgConnection,
    assigned: &Assigned,
    sent_as: EntryId,
) -> Result<Option<FormSubmissionId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: FormSubmissionId,
    }
    let row: Option<Row> = statement("SELECT id FROM form_submissions WHERE assignment_id = $1 AND sent_as = $2")
        .bind::<sql::Uuid, _>(assigned.id)
        .bind::<sql::Uuid, _>(sent_as)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(|row| row.id))
}

fn signatures(assigned: &Assigned, judged: &Answers, actor: &Actor, at: DateTime<Utc>) -> Vec<Signed> {
    let signed = assigned.definition.fields.iter().filter_map(|field| match &field.kind {
        FieldKind::Signature { intent } if judged.contains_key(&field.key) => Some(Signed {
            field: field.key.clone(),
            intent: intent.clone(),
            signed_at: at,
            address: actor.address.map(|address| address.to_string()),
            user_agent: actor.user_agent.clone(),
        }),
        _ => None,
    });
    signed.collect()
}

fn salt() -> Result<String> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::Internal(anyhow::anyhow!("there is no randomness")))?;
    Ok(seal::hex(&bytes))
}
