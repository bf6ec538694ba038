//! Raising an emergency in the transaction of what means it: the message, the notice with the crisis resources and the
//! escalation are one commit. A message that had been stored before raises nothing again. In a thread there is one open
//! escalation: a further emergency joins it.

use super::{model::Cause, phrases::Finding};
use crate::{
    audit::{self, Actor, Event},
    db,
    ids::{EntryId, EscalationId, PracticeId, ThreadId, UserId},
    threads::{
        attachments,
        commit::{Committed, NewEntry, NewMark, Outcome, Refusal, commit_batch},
        model::{Kind, Priority},
    },
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, result::Error as DieselError, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// What a message brings along that is an emergency.
#[derive(Clone, Debug)]
pub struct Raising {
    pub cause: Cause,
    /// The crisis phrase that was found.
    pub finding: Option<Finding>,
    /// The crisis resources, as the hub's own entry.
    pub notice: SealedNotice,
}

/// A notice of the hub, sealed for its place.
#[derive(Clone, Debug)]
pub struct SealedNotice {
    pub id: EntryId,
    pub sealed: Vec<u8>,
}

/// Where the notice of an emergency stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noticed {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub version: i64,
}

/// What became of a batch in which emergencies were.
#[derive(Default)]
pub struct Raised {
    pub committed: Committed,
    /// For each entry that was stored and is an emergency, its notice.
    pub notices: Vec<Option<Noticed>>,
}

/// An emergency, whatever means it.
#[derive(Clone, Copy, Debug)]
pub struct Emergency {
    pub thread: ThreadId,
    /// The message that means it.
    pub entry: Option<EntryId>,
    pub cause: Cause,
    /// The member of staff who raises it; None: the client.
    pub by: Option<UserId>,
    pub at: DateTime<Utc>,
}

/// Stores a batch like [`commit_batch`], with what each entry raises: everything or nothing.
pub async fn commit(
    conn: &mut AsyncPgConnection,
    entries: &[NewEntry],
    raisings: &[Option<Raising>],
    marks: &[NewMark],
) -> QueryResult<Raised> {
    if raisings.iter().all(Option::is_none) && entries.iter().all(|entry| entry.attachments.is_empty()) {
        let committed = commit_batch(conn, entries, marks).await?;
        return Ok(Raised { committed, notices: vec![None; entries.len()] });
    }
    conn.transaction(async |conn| store(conn, entries, raisings, marks).await).await
}

async fn store(
    conn: &mut AsyncPgConnection,
    entries: &[NewEntry],
    raisings: &[Option<Raising>],
    marks: &[NewMark],
) -> QueryResult<Raised> {
    let mut committed = attachments::commit(conn, entries, marks).await?;
    let mut notices = vec![None; entries.len()];
    for (at, raising) in raisings.iter().enumerate() {
        let (Some(raising), Some(entry), Some(outcome)) = (raising, entries.get(at), committed.entries.get_mut(at))
        else {
            continue;
        };
        if *outcome == Outcome::Refused(Refusal::ThreadClosed) {
            *outcome = reopen_for(conn, entry).await?;
        }
        let Outcome::Stored { at: stored_at, .. } = *outcome else { continue };
        let (entry_id, thread) = (Some(entry.id), entry.thread);
        let emergency = Emergency { thread, entry: entry_id, cause: raising.cause, by: None, at: stored_at };
        let escalation = raise(conn, emergency).await?;
        if let Some(finding) = &raising.finding {
            explain(conn, escalation, finding).await?;
        }
        notices[at] = Some(say(conn, thread, &raising.notice).await?);
    }
    Ok(Raised { committed, notices })
}

/// Writes down which crisis phrase was found: its id, its language and the list's version, never a word of the text.
pub async fn explain(conn: &mut AsyncPgConnection, escalation: EscalationId, finding: &Finding) -> QueryResult<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        practice_id: PracticeId,
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
    }
    let row: Row = db::statement("UPDATE escalations SET finding = $2 WHERE id = $1 RETURNING practice_id, client_id")
        .bind::<sql::Uuid, _>(escalation)
        .bind::<sql::Jsonb, _>(json!(finding))
        .get_result(conn)
        .await?;
    let actor = Actor::hub();
    let event = Event::new(&actor, "crisisPhrase.found").in_practice(row.practice_id).of_client(row.client_id);
    audit::record(conn, event.on("escalation", escalation).with(json!(finding))).await
}

/// Nobody in danger is told that a conversation is over: it is opened again.
async fn reopen_for(conn: &mut AsyncPgConnection, entry: &NewEntry) -> QueryResult<Outcome> {
    db::statement(
        "UPDATE threads SET status = 'open', version = version + 1, changed_xid = pg_current_xact_id()
        WHERE id = $1 AND status = 'closed'",
    )
    .bind::<sql::Uuid, _>(entry.thread)
    .execute(conn)
    .await?;
    only(attachments::commit(conn, std::slice::from_ref(entry), &[]).await?)
}

/// Writes the notice of the crisis resources into the thread.
pub async fn say(conn: &mut AsyncPgConnection, thread: ThreadId, notice: &SealedNotice) -> QueryResult<Noticed> {
    let entry = NewEntry {
        thread,
        id: notice.id,
        sender: None,
        from_staff: true,
        kind: Kind::Notice,
        priority: Priority::Emergency,
        sealed: notice.sealed.clone(),
        reply_to: None,
        attachments: Vec::new(),
        based_on: None,
    };
    match only(commit_batch(conn, &[entry], &[]).await?)? {
        Outcome::Stored { seq, at, version } => Ok(Noticed { seq, at, version }),
        _ => Err(DieselError::RollbackTransaction),
    }
}

fn only(committed: Committed) -> QueryResult<Outcome> {
    committed.entries.into_iter().next().ok_or(DieselError::NotFound)
}

/// Opens an escalation, or joins the one that is open in the thread. Within the transaction of what means it, which has
/// the thread's row locked.
pub async fn raise(conn: &mut AsyncPgConnection, emergency: Emergency) -> QueryResult<EscalationId> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: EscalationId,
        #[diesel(sql_type = sql::Uuid)]
        practice_id: PracticeId,
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
        #[diesel(sql_type = sql::Bool)]
        joined: bool,
    }
    let Emergency { thread, entry, cause, by, at } = emergency;
    // Who has it already, or came to the end, has to look again; who is calling goes on calling.
    let row: Row = db::statement(
        "INSERT INTO escalations AS e (id, practice_id, client_id, thread_id, entry_id, cause, raised_by, raised_at,
            heard_at, due_at)
        SELECT $1, t.practice_id, t.client_id, t.id, $3, $4, $5, $6, $6, $6 FROM threads t WHERE t.id = $2
        ON CONFLICT (thread_id) WHERE state <> 'resolved' AND thread_id IS NOT NULL DO UPDATE SET
            emergencies = e.emergencies + 1, heard_at = GREATEST(e.heard_at, EXCLUDED.heard_at),
            due_at = CASE WHEN e.state IN ('acknowledged', 'exhausted') THEN EXCLUDED.due_at ELSE e.due_at END,
            version = e.version + 1
        RETURNING e.id, e.practice_id, e.client_id, e.emergencies > 1 AS joined",
    )
    .bind::<sql::Uuid, _>(EscalationId::new())
    .bind::<sql::Uuid, _>(thread)
    .bind::<sql::Nullable<sql::Uuid>, _>(entry)
    .bind::<sql::Text, _>(cause.as_str())
    .bind::<sql::Nullable<sql::Uuid>, _>(by)
    .bind::<sql::Timestamptz, _>(at)
    .get_result(conn)
    .await?;
    let user = by.or(Some(row.client_id));
    let actor = Actor { user, role: by.is_none().then_some("client"), ..Actor::default() };
    let action = if row.joined { "escalation.joined" } else { "escalation.raised" };
    let event = Event::new(&actor, action).in_practice(row.practice_id).of_client(row.client_id);
    audit::record(conn, event.on("escalation", row.id).with(json!({"cause": cause}))).await?;
    metrics::counter!("carehub_emergencies_total", "cause" => cause.as_str()).increment(1);
    Ok(row.id)
}

/// Opens an escalation that no thread tells of: an assessment whose answers mean danger. Within the transaction that
/// stores the answers.
pub async fn raise_for_client(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    client: UserId,
    cause: Cause,
    at: DateTime<Utc>,
) -> QueryResult<EscalationId> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: EscalationId,
    }
    let row: Row = db::statement(
        "INSERT INTO escalations AS e (id, practice_id, client_id, cause, raised_at, heard_at, due_at)
        VALUES ($1, $2, $3, $4, $5, $5, $5)
        ON CONFLICT (client_id) WHERE state <> 'resolved' AND thread_id IS NULL AND NOT drill DO UPDATE SET
            emergencies = e.emergencies + 1, heard_at = GREATEST(e.heard_at, EXCLUDED.heard_at),
            due_at = CASE WHEN e.state IN ('acknowledged', 'exhausted') THEN EXCLUDED.due_at ELSE e.due_at END,
            version = e.version + 1
        RETURNING e.id",
    )
    .bind::<sql::Uuid, _>(EscalationId::new())
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Text, _>(cause.as_str())
    .bind::<sql::Timestamptz, _>(at)
    .get_result(conn)
    .await?;
    let actor = Actor { user: Some(client), role: Some("client"), ..Actor::default() };
    let event = Event::new(&actor, "escalation.raised").in_practice(practice).of_client(client);
    audit::record(conn, event.on("escalation", row.id).with(json!({"cause": cause}))).await?;
    Ok(row.id)
}

/// Opens a drill: everything happens as in an emergency, and says that it is a drill.
pub async fn raise_drill(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    actor: &Actor,
    at: DateTime<Utc>,
) -> QueryResult<EscalationId> {
    let id = EscalationId::new();
    db::statement(
        "INSERT INTO escalations (id, practice_id, cause, drill, raised_by, raised_at, heard_at, due_at)
        VALUES ($1, $2, 'staff', true, $3, $4, $4, $4)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Nullable<sql::Uuid>, _>(actor.user)
    .bind::<sql::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    let event = Event::new(actor, "escalation.raised").in_practice(practice).on("escalation", id);
    audit::record(conn, event.with(json!({"drill": true}))).await?;
    Ok(id)
}
