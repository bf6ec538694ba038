//! Everything that the hub reads from the store, on a thread with connections of its own, so that no actor waits and
//! no query is cut off by a connection that closes. Bounded: as many at once as there are connections, the rest queue.

use super::trail::{Deed, Note};
use crate::{
    accounts::{
        Identity,
        authenticate::{self, Credential, Unrecognised},
        store as accounts,
        token::Tokens,
    },
    audit::{self, Actor, Event},
    clock::Clock,
    crypto::{DataKey, Keyring},
    db,
    emergency::{acts::Act, frame as escalation},
    error::Error,
    ids::{EscalationId, SignInId, ThreadId, UserId},
    threads::{
        access::{self, Through, Viewer},
        entries::{self, Page, Range, ReadError},
        members,
        model::{Entry, Summary},
        record::{self, ThreadRecord},
        summaries::{self, MAX_SUMMARIES, Scope},
        view,
    },
};
use anyhow::Context;
use diesel::QueryResult;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use futures_util::future::LocalBoxFuture;
use secrecy::SecretString;
use serde_json::json;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::{Semaphore, mpsc, oneshot};
use uuid::Uuid;

/// Connections, and so queries at once.
const CONNECTIONS: u32 = 4;
/// Queries that may wait; a caller waits for a place.
const QUEUE: usize = 4_096;
/// A query that takes longer counts as failed, and its connection is given up. Nobody waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce(db::Pool) -> LocalBoxFuture<'static, ()> + Send>;

/// Reading failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No answer from the store.
    #[error("the store is away")]
    Away,
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Read(error.into())
    }
}

/// What became of somebody's taking an emergency.
pub enum Taken {
    /// They have it.
    Now(escalation::Frame),
    /// Somebody else has it.
    Before(serde_json::Value),
    Over,
    Unknown,
}

/// What changed since a cursor, and what lies ahead of what the client has.
#[derive(Default)]
pub struct Changes {
    pub cursor: String,
    pub threads: Vec<Summary>,
    /// For each thread of `have` that the viewer may see and that goes on: what the client has, and the head.
    pub ahead: Vec<(ThreadId, i64, i64)>,
    /// Whose presence the viewer is told: a cursor leaves out threads that did not change, but not their people.
    pub companions: Vec<(ThreadId, Vec<UserId>)>,
    pub owed: Owed,
}

/// What the audit log is still owed, because the store could be read and not be written: its disk is full. Whoever asked
/// gets what they asked for all the same, once the trail has taken the note.
pub type Owed = Option<Deed>;

/// Reads for the hub. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    jobs: mpsc::Sender<Job>,
    keyring: Arc<Keyring>,
    tokens: Arc<Tokens>,
    clock: Clock,
    epoch: Uuid,
}

impl Reader {
    /// Starts the reading thread.
    pub fn start(
        url: SecretString,
        keyring: Arc<Keyring>,
        tokens: Arc<Tokens>,
        clock: Clock,
        epoch: Uuid,
    ) -> anyhow::Result<Self> {
        let (jobs, mut queue) = mpsc::channel::<Job>(QUEUE);
        std::thread::Builder::new()
            .name("reader".into())
            .spawn(move || {
                let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => return tracing::error!(%error, "the reader has no runtime"),
                };
                let local = tokio::task::LocalSet::new();
                local.block_on(&runtime, async move {
                    let pool = db::pool(&url, CONNECTIONS);
                    let free = Arc::new(Semaphore::new(CONNECTIONS as usize));
                    while let Some(job) = queue.recv().await {
                        let Ok(permit) = free.clone().acquire_owned().await else { return };
                        let work = job(pool.clone());
                        tokio::task::spawn_local(async move {
                            work.await;
                            drop(permit);
                        });
                    }
                });
            })
            .context("cannot start the reader")?;
        Ok(Self { jobs, keyring, tokens, clock, epoch })
    }

    /// The history's name (PROTOCOL `epoch`).
    pub fn epoch(&self) -> Uuid {
        self.epoch
    }

    /// The keys that open what is read.
    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    async fn read<T, E, F>(&self, query: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Away> + Send + 'static,
        F: for<'c> AsyncFnOnce(&'c mut AsyncPgConnection) -> Result<T, E> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |pool| {
            Box::pin(async move {
                if answer.is_closed() {
                    return;
                }
                let result = match pool.get().await {
                    Ok(mut connection) => match tokio::time::timeout(PATIENCE, query(&mut connection)).await {
                        Ok(result) => result,
                        Err(_) => {
                            give_up(&mut connection);
                            Err(E::from(Away))
                        }
                    },
                    Err(_) => Err(E::from(Away)),
                };
                // Nobody waits any more: fine.
                let _ = answer.send(result);
            })
        });
        let asked = async {
            self.jobs.send(job).await.ok()?;
            answered.await.ok()
        };
        // Also those who wait for their turn behind queries that hang are not kept longer.
        tokio::time::timeout(PATIENCE, asked).await.ok().flatten().unwrap_or_else(|| Err(E::from(Away)))
    }

    /// Writes notes into the audit log.
    pub async fn record(&self, notes: Vec<Note>) -> Result<(), Failure> {
        self.read(async move |conn: &mut AsyncPgConnection| Ok(write_notes(conn, &notes).await?)).await
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> bool {
        let query =
            async |conn: &mut AsyncPgConnection| -> Result<u64, Failure> { Ok(summaries::read_position(conn).await?) };
        self.read(query).await.is_ok()
    }

    /// Recognises a caller.
    pub async fn identify(&self, credential: Credential) -> Result<Identity, Unrecognised> {
        let (tokens, clock) = (self.tokens.clone(), self.clock.clone());
        self.read(async move |conn: &mut AsyncPgConnection| {
            authenticate::identify(conn, &tokens, &clock, &credential).await
        })
        .await
    }

    /// Notes that the users of these sign-in sessions did something.
    pub async fn touch(&self, ids: Vec<SignInId>) -> Result<(), Failure> {
        self.read(async move |conn: &mut AsyncPgConnection| {
            accounts::touch_sessions(conn, &ids).await?;
            Ok(())
        })
        .await
    }

    /// Takes charge of an emergency for a member of staff.
    pub async fn acknowledge(&self, viewer: Viewer, actor: Arc<Actor>, id: EscalationId) -> Result<Taken, Failure> {
        let (keyring, clock) = (self.keyring.clone(), self.clock.clone());
        self.read(async move |conn: &mut AsyncPgConnection| {
            let act = Act { keyring: &keyring, clock: &clock, viewer, actor: &actor, via: "socket" };
            match act.acknowledge(conn, id).await {
                Ok(_) => Ok(escalation::frame_of(conn, id).await?.map_or(Taken::Unknown, Taken::Now)),
                Err(Error::NotFound) => Ok(Taken::Unknown),
                Err(Error::Conflict { mut extra, .. }) => {
                    Ok(extra.remove("acknowledgedBy").map_or(Taken::Over, Taken::Before))
                }
                Err(error) => {
                    tracing::error!(escalation = %id, ?error, "an emergency cannot be taken");
                    Err(Failure::Away)
                }
            }
        })
        .await
    }

    /// Which of these sign-in sessions have ended.
    pub async fn ended(&self, ids: Vec<SignInId>) -> Result<Vec<SignInId>, Failure> {
        self.read(async move |conn: &mut AsyncPgConnection| Ok(accounts::find_ended_sessions(conn, &ids).await?)).await
    }

    /// The thread, for its mailbox.
    pub async fn thread(&self, id: ThreadId) -> Result<Option<ThreadRecord>, Failure> {
        self.read(async move |conn: &mut AsyncPgConnection| Ok(record::find_thread(conn, id).await?)).await
    }

    /// Entries after `seq`, for fan-out.
    pub async fn after(&self, id: ThreadId, key: Arc<DataKey>, seq: i64, limit: i64) -> Result<Vec<Entry>, Failure> {
        self.read(async move |conn: &mut AsyncPgConnection| Ok(record::read_after(conn, id, &key, seq, limit).await?))
            .await
    }

    /// Heads and versions: the position check.
    pub async fn positions(&self, ids: Vec<ThreadId>) -> Result<Vec<(ThreadId, i64, i64)>, Failure> {
        self.read(async move |conn: &mut AsyncPgConnection| Ok(record::find_positions(conn, &ids).await?)).await
    }

    /// A page of what follows for somebody who is shown the thread already; None when it is not theirs to see.
    pub async fn page(&self, viewer: Viewer, id: ThreadId, range: Range, limit: i64) -> Result<Option<Page>, Failure> {
        let keyring = self.keyring.clone();
        self.read(async move |conn: &mut AsyncPgConnection| {
            let Some(access) = access::find_access(conn, viewer, id).await? else { return Ok(None) };
            Ok(Some(entries::read_page(conn, &keyring, &access, range, limit).await?))
        })
        .await
    }

    /// A page that somebody asked for; None when the thread is not theirs to see. The audit log tells so before they have
    /// it, or is owed it.
    pub async fn fetch(
        &self,
        viewer: Viewer,
        asked_by: Arc<Actor>,
        id: ThreadId,
        range: Range,
        limit: i64,
    ) -> Result<Option<(Page, Owed)>, Failure> {
        let keyring = self.keyring.clone();
        self.read(async move |conn: &mut AsyncPgConnection| {
            let Some(access) = access::find_access(conn, viewer, id).await? else {
                let deed = Deed::Refused { frame: "fetch", thread: Some(id) };
                write_notes(conn, &[Note { actor: asked_by, deed }]).await?;
                return Ok(None);
            };
            let page = entries::read_page(conn, &keyring, &access, range, limit).await?;
            let event = access.event(&asked_by, "thread.viewed").with(view::of_page(&page.entries));
            let recorded = audit::record(conn, event).await;
            // Emergency access shows nothing that is not written down.
            let owed = if access.is_emergency() { recorded.map(|()| None) } else { owed(recorded, Deed::Fetched(id)) };
            Ok(Some((page, owed?)))
        })
        .await
    }

    /// Threads as a viewer sees them, without previews.
    pub async fn summaries(&self, viewer: Viewer, scope: Scope) -> Result<Vec<Summary>, Failure> {
        let keyring = self.keyring.clone();
        self.read(async move |conn: &mut AsyncPgConnection| {
            let found = summaries::read_summaries(conn, &keyring, viewer, &scope, None, None, MAX_SUMMARIES).await?;
            Ok(found.into_iter().map(Summary::without_preview).collect())
        })
        .await
    }

    /// What changed for a viewer since `cursor`, and how far the threads that it has go on. The audit log tells that it
    /// was asked for before they have it: from then on they are shown what is said in the threads in which they take
    /// part.
    pub async fn changes(
        &self,
        viewer: Viewer,
        asked_by: Arc<Actor>,
        cursor: Option<String>,
        have: HashMap<ThreadId, i64>,
    ) -> Result<Changes, Failure> {
        let (keyring, epoch) = (self.keyring.clone(), self.epoch);
        self.read(async move |conn: &mut AsyncPgConnection| {
            let scope = cursor
                .as_deref()
                .and_then(|cursor| cursor.strip_prefix(&format!("{epoch}."))?.parse().ok())
                .map_or(Scope::OwnOpen, Scope::ChangedSince);
            let position = summaries::read_position(conn).await?;
            let threads = summaries::read_summaries(conn, &keyring, viewer, &scope, None, None, MAX_SUMMARIES).await?;
            let threads: Vec<Summary> = threads.into_iter().map(Summary::without_preview).collect();
            let companions = members::find_companions(conn, viewer.user).await?;
            let mut ahead = Vec::new();
            if !have.is_empty() {
                let asked: Vec<ThreadId> = have.keys().copied().collect();
                let found = access::find_access_many(conn, viewer, &asked).await?;
                // What is read by right of the care team or in an emergency is fetched, not followed.
                for access in
                    found.into_iter().filter(|access| matches!(access.through(), Through::Part | Through::Pool))
                {
                    let has = have.get(&access.thread()).copied().unwrap_or(0);
                    ahead.push((access.thread(), has, access.head()));
                }
            }
            let event = Event::new(&asked_by, "threads.synchronised");
            let event = if viewer.role.is_staff() { event } else { event.of_client(viewer.user) };
            let detail = json!({"told": threads.len(), "partIn": companions.len(), "ahead": ahead.len()});
            let owed = owed(audit::record(conn, event.with(detail)).await, Deed::Synchronised)?;
            Ok(Changes { cursor: format!("{epoch}.{position}"), threads, ahead, companions, owed })
        })
        .await
    }
}

fn owed(recorded: QueryResult<()>, deed: Deed) -> QueryResult<Owed> {
    match recorded {
        Ok(()) => Ok(None),
        Err(error) if db::is_full(&error) => Ok(Some(deed)),
        Err(error) => Err(error),
    }
}

async fn write_notes(conn: &mut AsyncPgConnection, notes: &[Note]) -> QueryResult<()> {
    let viewed = |note: &Note| match note.deed {
        Deed::Viewed(thread) | Deed::Fetched(thread) => Some(thread),
        _ => None,
    };
    let threads: Vec<ThreadId> = notes.iter().filter_map(viewed).collect();
    let clients = if threads.is_empty() { HashMap::new() } else { record::find_clients(conn, &threads).await? };
    let event = |note| event(note, &clients);
    audit::record_all(conn, &notes.iter().map(event).collect::<Vec<_>>()).await
}

fn event<'a>(Note { actor, deed }: &'a Note, clients: &HashMap<ThreadId, UserId>) -> Event<'a> {
    match deed {
        Deed::Connected => Event::new(actor, "connection.opened"),
        Deed::Viewed(thread) | Deed::Fetched(thread) => {
            let detail = if matches!(deed, Deed::Viewed(_)) { json!({"live": true}) } else { json!({"late": true}) };
            let event = Event::new(actor, "thread.viewed").on("thread", *thread).with(detail);
            clients.get(thread).copied().into_iter().fold(event, Event::of_client)
        }
        Deed::Synchronised => Event::new(actor, "threads.synchronised").with(json!({"late": true})),
        Deed::Refused { frame, thread } => {
            let event = Event::new(actor, "access.refused").refused().with(json!({"frame": frame}));
            thread.iter().fold(event, |event, thread| event.on("thread", *thread))
        }
    }
}

/// The pool takes a connection whose query hangs for broken, and does not hand it out again: an answer that was lost
/// would keep everybody after it waiting.
fn give_up(connection: &mut AsyncPgConnection) {
    AnsiTransactionManager::transaction_manager_status_mut(connection).set_in_error();
}

/// No answer.
struct Away;

impl From<Away> for Failure {
    fn from(_: Away) -> Self {
        Self::Away
    }
}

impl From<Away> for Unrecognised {
    fn from(_: Away) -> Self {
        Self::Away
    }
}
