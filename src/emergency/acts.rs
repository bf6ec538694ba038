//! What people do with an emergency: raise one, take it, hand it over, pass it on, close it. Each is one transaction
//! under the escalation's lock, so that of two who do the same at once one does it and the other is told who did.

use super::{
    course::{Happened, Refusal, Transition},
    model::{Cause, Escalation},
    pages::{self, Call},
    policy,
    raise::Emergency,
    reach,
    recognise::Recogniser,
    store, thread,
    words::Said,
};
use crate::{
    accounts::{access::Viewer, people},
    audit::{self, Actor},
    clock::Clock,
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{DataKeyId, EscalationId, UserId},
    keys::{self, Owner},
    notify::Channel,
    threads::{access::ThreadAccess, model::Text},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// The most characters that a note may have.
pub const NOTE_CHARACTERS: usize = 4_000;

/// Who does something, and with what.
pub struct Act<'a> {
    pub keyring: &'a Keyring,
    pub clock: &'a Clock,
    pub viewer: Viewer,
    pub actor: &'a Actor,
    /// `call`, `socket` or `link`: for the audit log.
    pub via: &'static str,
}

impl Act<'_> {
    /// Takes it: nobody else is called any more.
    ///
    /// # Errors
    /// `Conflict`, with `acknowledgedBy`, where somebody has it.
    pub async fn acknowledge(&self, conn: &mut AsyncPgConnection, id: EscalationId) -> Result<Escalation> {
        conn.transaction(async |conn| {
            let (escalation, now) = self.lock(conn, id).await?;
            let happened = Happened::Acknowledged { by: self.viewer.user };
            let Some(transition) = self.advance(conn, &escalation, happened, now).await? else { return Ok(escalation) };
            pages::cancel(conn, id).await?;
            pages::note_seen(conn, id, self.viewer.user, now).await?;
            thread::let_in(conn, &escalation, self.viewer.user).await?;
            let person = people::find_person(conn, self.viewer.practice, self.viewer.user).await?;
            let name = person.ok_or(Error::NotFound)?.name;
            let words = |language: &str| Said::Acknowledged { name: &name }.in_words(language);
            thread::say(conn, self.keyring, &escalation, words).await?;
            self.finish(conn, &escalation, transition).await
        })
        .await
    }

    /// Calls a colleague to take it over; until they do, it stays with the caller.
    pub async fn hand_over(&self, conn: &mut AsyncPgConnection, id: EscalationId, to: UserId) -> Result<Escalation> {
        conn.transaction(async |conn| {
            let (escalation, now) = self.lock(conn, id).await?;
            let colleague = people::find_person(conn, self.viewer.practice, to).await?;
            if to == self.viewer.user || colleague.is_none_or(|person| !person.role.is_staff()) {
                return Err(Error::field("/to", "Choose a colleague of your practice."));
            }
            let happened = Happened::HandedOver { by: self.viewer.user, to };
            let Some(transition) = self.advance(conn, &escalation, happened, now).await? else { return Ok(escalation) };
            let ways = reach::ways(conn, escalation.practice, &[to]).await?;
            let call = Call { keyring: self.keyring, escalation: &escalation, course: &transition.course, now };
            if call.people(conn, &ways, &Channel::ALL).await? == 0 {
                return Err(Error::field(
                    "/to",
                    "This colleague cannot be reached outside of Carehub. Choose another.",
                ));
            }
            self.finish(conn, &escalation, transition).await
        })
        .await
    }

    /// Passes it on: the next people are called at once.
    pub async fn skip(&self, conn: &mut AsyncPgConnection, id: EscalationId) -> Result<Escalation> {
        conn.transaction(async |conn| {
            let (escalation, now) = self.lock(conn, id).await?;
            match self.advance(conn, &escalation, Happened::Skipped, now).await? {
                Some(transition) => self.finish(conn, &escalation, transition).await,
                None => Ok(escalation),
            }
        })
        .await
    }

    /// Closes it, with a note of what was done.
    pub async fn resolve(&self, conn: &mut AsyncPgConnection, id: EscalationId, note: &Text) -> Result<Escalation> {
        let note = note.0.trim();
        if note.is_empty() {
            return Err(Error::field("/note", "Write what was done: whoever reads the record needs it."));
        }
        if note.chars().count() > NOTE_CHARACTERS {
            return Err(Error::TooLarge("The note is longer than 4,000 characters. Shorten it.".into()));
        }
        conn.transaction(async |conn| {
            let (escalation, now) = self.lock(conn, id).await?;
            let Some(_) = self.advance(conn, &escalation, Happened::Resolved, now).await? else {
                return Ok(escalation);
            };
            pages::cancel(conn, id).await?;
            thread::calm(conn, &escalation).await?;
            let owner = escalation.client.map_or(Owner::Practice(escalation.practice), Owner::Client);
            let wrapped = keys::find_or_make(conn, self.keyring, owner).await?;
            let key = self.keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
            let sealed = key.seal(Place::EscalationNote { id }, note).map_err(anyhow::Error::from)?;
            db::statement(
                "UPDATE escalations SET state = 'resolved', due_at = NULL, handed_to = NULL, resolved_by = $2,
                    resolved_at = $3, note_key_id = $4, note_sealed = $5, version = version + 1 WHERE id = $1",
            )
            .bind::<sql::Uuid, _>(id)
            .bind::<sql::Uuid, _>(self.viewer.user)
            .bind::<sql::Timestamptz, _>(now)
            .bind::<sql::Uuid, _>(key.id())
            .bind::<sql::Bytea, _>(sealed)
            .execute(conn)
            .await?;
            self.record(conn, &escalation, "escalation.resolved").await?;
            self.read_again(conn, id).await
        })
        .await
    }

    /// Locks one of the actor's practice.
    async fn lock(&self, conn: &mut AsyncPgConnection, id: EscalationId) -> Result<(Escalation, DateTime<Utc>)> {
        // Asked first, so that no stranger makes others wait.
        store::find(conn, self.viewer.practice, id).await?.ok_or(Error::NotFound)?;
        let escalation = store::lock(conn, id).await?.ok_or(Error::NotFound)?;
        Ok((escalation, store::now(conn, self.clock).await?))
    }

    async fn advance(
        &self,
        conn: &mut AsyncPgConnection,
        escalation: &Escalation,
        happened: Happened,
        now: DateTime<Utc>,
    ) -> Result<Option<Transition>> {
        // A policy that cannot be read keeps nobody from taking an emergency.
        let found =
            conn.transaction(async |conn| policy::find(conn, escalation.practice, escalation.policy).await).await;
        let policy = found.unwrap_or_else(|_| policy::Policy::built_in());
        match escalation.course.advance(&policy, happened, now) {
            Ok(transition) => Ok(transition),
            Err(refusal) => Err(self.explain(conn, escalation, refusal).await?),
        }
    }

    async fn explain(&self, conn: &mut AsyncPgConnection, escalation: &Escalation, refusal: Refusal) -> Result<Error> {
        Ok(match refusal {
            Refusal::NotTheirs => Error::Forbidden("Only who has this emergency can hand it over. Take it first."),
            Refusal::Over => {
                Error::conflict("This is over: the emergency was closed, or everybody was called already.")
            }
            Refusal::Taken(by) => {
                let holder = people::find_person(conn, escalation.practice, by).await?;
                let holder = json!({"id": by, "name": holder.map(|person| person.name)});
                let at = escalation.course.acknowledged.map(|(_, at)| at);
                let extra = [("acknowledgedBy", holder), ("acknowledgedAt", json!(at))];
                Error::Conflict {
                    detail: "Somebody has this emergency already.",
                    extra: extra.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
                }
            }
        })
    }

    async fn finish(
        &self,
        conn: &mut AsyncPgConnection,
        escalation: &Escalation,
        transition: Transition,
    ) -> Result<Escalation> {
        store::write(conn, escalation, &transition.course, escalation.policy).await?;
        if let Some(action) = transition.action {
            self.record(conn, escalation, action).await?;
        }
        self.read_again(conn, escalation.id).await
    }

    async fn record(&self, conn: &mut AsyncPgConnection, escalation: &Escalation, action: &'static str) -> Result<()> {
        let course = &escalation.course;
        let detail = json!({"step": course.step, "round": course.round, "via": self.via});
        audit::record(conn, escalation.event(self.actor, action).with(detail)).await?;
        Ok(())
    }

    async fn read_again(&self, conn: &mut AsyncPgConnection, id: EscalationId) -> Result<Escalation> {
        store::read(conn, id).await?.ok_or(Error::NotFound)
    }

    /// Raises an emergency in a thread, as staff who read of a danger do.
    pub async fn raise(
        &self,
        conn: &mut AsyncPgConnection,
        access: &ThreadAccess,
        recogniser: &Recogniser,
    ) -> Result<Escalation> {
        conn.transaction(async |conn| {
            let id = access.thread();
            db::statement(
                "UPDATE threads SET priority = 'emergency', changed_xid = pg_current_xact_id() WHERE id = $1",
            )
            .bind::<sql::Uuid, _>(id)
            .execute(conn)
            .await?;
            let at = store::now(conn, self.clock).await?;
            let by = Some(self.viewer.user);
            let emergency = Emergency { thread: id, entry: None, cause: Cause::Staff, by, at };
            thread::raise(conn, self.keyring, recogniser, emergency).await
        })
        .await
    }

    /// What was noted when it was closed.
    pub async fn read_note(&self, conn: &mut AsyncPgConnection, id: EscalationId) -> Result<Option<Text>> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = sql::Uuid)]
            key_id: DataKeyId,
            #[diesel(sql_type = sql::Bytea)]
            wrapped: Vec<u8>,
            #[diesel(sql_type = sql::Bytea)]
            sealed: Vec<u8>,
        }
        let row: Option<Row> = db::statement(
            "SELECT k.id AS key_id, k.wrapped, e.note_sealed AS sealed FROM escalations e
            JOIN data_keys k ON k.id = e.note_key_id WHERE e.id = $1 AND e.practice_id = $2",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(self.viewer.practice)
        .get_result(conn)
        .await
        .optional()?;
        let Some(Row { key_id, wrapped, sealed }) = row else { return Ok(None) };
        let wrapped = WrappedKey { id: key_id, wrapped };
        if wrapped.is_destroyed() {
            return Ok(None);
        }
        let key = self.keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
        Ok(Some(Text(key.open(Place::EscalationNote { id }, &sealed).map_err(anyhow::Error::from)?)))
    }
}
