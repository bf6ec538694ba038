//! The thread of an escalation: what is said in it, and who is let in. Within the transaction that has its row locked.

use super::{
    model::Escalation,
    raise::{self, Emergency, SealedNotice},
    recognise::{Recognised, Recogniser},
    store,
};
use crate::{
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{DataKeyId, EntryId, ThreadId, UserId},
    threads::{
        members,
        open::{Also, First},
    },
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::BoxFuture;

/// Raises an emergency in a thread, and tells the client the crisis resources with it. Within the transaction of what
/// means it, which has the thread's row locked.
pub async fn raise(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    recogniser: &Recogniser,
    emergency: Emergency,
) -> Result<Escalation> {
    let id = raise::raise(conn, emergency).await?;
    let escalation = store::read(conn, id).await?.ok_or(Error::NotFound)?;
    say(conn, keyring, &escalation, |language| recogniser.resources(escalation.practice, language)).await?;
    Ok(escalation)
}

/// A thread that is opened with an emergency, or without one.
pub struct Opening<'a> {
    pub keyring: &'a Keyring,
    pub recogniser: &'a Recogniser,
    pub recognised: Option<Recognised>,
}

impl Also for Opening<'_> {
    fn first_is_stored<'a>(&'a self, conn: &'a mut AsyncPgConnection, first: First) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Some(Recognised { cause, finding }) = &self.recognised else { return Ok(()) };
            let First { thread, entry, at } = first;
            let emergency = Emergency { thread, entry: Some(entry), cause: *cause, by: None, at };
            let escalation = raise(conn, self.keyring, self.recogniser, emergency).await?;
            if let Some(finding) = finding {
                raise::explain(conn, escalation.id, finding).await?;
            }
            Ok(())
        })
    }
}

/// What is needed to say something in a thread.
#[derive(QueryableByName)]
struct Voice {
    #[diesel(sql_type = sql::Text)]
    language: String,
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
}

/// Says something to the client in the thread, in their language; where there is no thread, or the client was erased,
/// nothing.
pub async fn say(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    escalation: &Escalation,
    words: impl FnOnce(&str) -> String,
) -> Result<()> {
    let Some(thread) = escalation.thread else { return Ok(()) };
    let voice: Option<Voice> = db::statement(
        "SELECT u.language, k.id AS key_id, k.wrapped FROM threads t
        JOIN users u ON u.id = t.client_id JOIN data_keys k ON k.id = t.data_key_id WHERE t.id = $1",
    )
    .bind::<sql::Uuid, _>(thread)
    .get_result(conn)
    .await
    .optional()?;
    let Some(voice) = voice else { return Ok(()) };
    let wrapped = WrappedKey { id: voice.key_id, wrapped: voice.wrapped };
    if wrapped.is_destroyed() {
        return Ok(());
    }
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let id = EntryId::new();
    let place = Place::Entry { thread, id, sender: None };
    let sealed = key.seal(place, &words(&voice.language)).map_err(anyhow::Error::from)?;
    raise::say(conn, thread, &SealedNotice { id, sealed }).await?;
    Ok(())
}

/// Lets whoever takes an emergency into its thread; notes that it was this that let them in.
pub async fn let_in(conn: &mut AsyncPgConnection, escalation: &Escalation, user: UserId) -> Result<()> {
    let Some(thread) = escalation.thread else { return Ok(()) };
    if members::join(conn, thread, user).await? == 0 {
        return Ok(());
    }
    changed(conn, thread).await?;
    db::statement("UPDATE escalations SET let_in = array_append(let_in, $2) WHERE id = $1")
        .bind::<sql::Uuid, _>(escalation.id)
        .bind::<sql::Uuid, _>(user)
        .execute(conn)
        .await?;
    Ok(())
}

/// It is over: whoever was let in by it alone leaves, and the thread is no emergency any more.
pub async fn calm(conn: &mut AsyncPgConnection, escalation: &Escalation) -> Result<()> {
    let Some(thread) = escalation.thread else { return Ok(()) };
    db::statement(
        "UPDATE participants p SET left_at = now(), changed_xid = pg_current_xact_id()
        FROM escalations e, threads t
        WHERE e.id = $1 AND t.id = e.thread_id AND p.thread_id = t.id AND p.user_id = ANY (e.let_in)
            AND p.left_at IS NULL AND p.user_id IS DISTINCT FROM t.assignee_id",
    )
    .bind::<sql::Uuid, _>(escalation.id)
    .execute(conn)
    .await?;
    db::statement("UPDATE threads SET priority = 'normal' WHERE id = $1 AND priority = 'emergency'")
        .bind::<sql::Uuid, _>(thread)
        .execute(conn)
        .await?;
    changed(conn, thread).await?;
    Ok(())
}

/// Mailboxes and lists read it again.
async fn changed(conn: &mut AsyncPgConnection, thread: ThreadId) -> QueryResult<()> {
    db::statement("UPDATE threads SET version = version + 1, changed_xid = pg_current_xact_id() WHERE id = $1")
        .bind::<sql::Uuid, _>(thread)
        .execute(conn)
        .await
        .map(drop)
}
