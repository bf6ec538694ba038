//! The end of a checked run: fetch every thread afresh, try what a stranger may not, judge.
//! Owns the questions asked afterwards; the judgement itself is `check`'s.

use crate::clock::Clock;
use crate::history::{Book, Dump, Entry, Event, History, Recorder, What};
use crate::seat::Seat;
use crate::session::{Broken, Session, Target};
use crate::tokens::{Person, Room};
use crate::wire::{Frame, Request};
use anyhow::{Context, Result, anyhow};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

const AT_ONCE: usize = 16;
/// Threads into which a stranger tries to look.
const PROBED: usize = 8;
/// Members of a large thread whose view is fetched.
const VIEWS: usize = 4;
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// A stranger who is not answered at all is a finding, not worth waiting long for.
const STRANGER_WITHIN: Duration = Duration::from_secs(3);

/// A thread to be fetched, and where the run began in it.
#[derive(Clone, Debug)]
pub struct Subject {
    pub room: Room,
    pub base: u64,
}

/// Completes a history with what the hub holds.
pub async fn complete(
    target: &Target,
    book: &Arc<Book>,
    clock: Clock,
    subjects: &[Subject],
    mut events: Vec<Event>,
) -> Result<History> {
    let views: Vec<(&Subject, &Person)> = subjects
        .iter()
        .flat_map(|subject| subject.room.people.iter().take(VIEWS).map(move |person| (subject, person)))
        .collect();
    let seen: Vec<(Dump, Vec<Event>)> = stream::iter(views)
        .map(|(subject, person)| view(target, book, clock, subject, person))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut dumps = Vec::new();
    for (dump, more) in seen {
        dumps.push(dump);
        events.extend(more);
    }
    for (number, subject) in subjects.iter().take(PROBED).enumerate() {
        let stranger = subjects
            .iter()
            .cycle()
            .skip(number + 1)
            .take(subjects.len())
            .flat_map(|other| &other.room.people)
            .find(|person| subject.room.people.iter().all(|member| member.id != person.id));
        if let Some(stranger) = stranger {
            events.extend(probe(target, book, clock, &subject.room, stranger).await.context("a stranger's attempt")?);
        }
    }
    Ok(History { header: book.header().clone(), events, dumps })
}

/// Where each room's thread stands now.
pub async fn heads(target: &Target, book: &Arc<Book>, clock: Clock, rooms: &[Room]) -> Result<Vec<(Uuid, u64)>> {
    stream::iter(rooms)
        .map(|room| async move {
            let seat = Seat::take(target, book, clock, &room.people[0], room.thread).await?;
            seat.session.close().await;
            Ok((room.thread, seat.base))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

/// A fresh connection that asks and waits.
struct Asker {
    session: Session,
    recorder: Recorder,
    clock: Clock,
    patience: Duration,
}

impl Asker {
    async fn connect(target: &Target, book: &Arc<Book>, clock: Clock, person: &Person) -> Result<Self> {
        let (session, _) = Session::open(target, &person.token, person.id, &[], None).await?;
        Ok(Self { session, recorder: book.recorder(person.id), clock, patience: ANSWER_WITHIN })
    }

    /// The answer, which is the first frame that is one in the eyes of `is`.
    async fn ask(&mut self, request: &Request<'_>, is: impl Fn(&Frame<'_>) -> bool) -> Result<Utf8Bytes> {
        if matches!(request, Request::Sync { .. }) {
            self.recorder.asked(self.clock.now());
        }
        self.session.say(request.to_json()).await?;
        let answer = async {
            loop {
                let text = self.session.next().await?;
                if let Some(frame) = self.session.parse(&text)? {
                    self.recorder.frame(self.clock.now(), &frame);
                    if is(&frame) {
                        return Ok::<_, Broken>(text.clone());
                    }
                }
            }
        };
        Ok(tokio::time::timeout(self.patience, answer)
            .await
            .map_err(|_| anyhow!("no answer within {:?}", self.patience))??)
    }

    fn parse<'a>(&self, text: &'a str) -> Result<Frame<'a>> {
        self.session.parse(text)?.ok_or_else(|| anyhow!("an answer that says nothing"))
    }
}

async fn view(
    target: &Target,
    book: &Arc<Book>,
    clock: Clock,
    subject: &Subject,
    person: &Person,
) -> Result<(Dump, Vec<Event>)> {
    let thread = subject.room.thread;
    let who = || format!("fetching thread {thread} as {}", person.id);
    let mut asker = Asker::connect(target, book, clock, person).await.with_context(who)?;
    // The summaries at the end: marks and unread counts.
    asker
        .ask(&Request::Sync { cursor: None, have: &BTreeMap::new() }, |frame| frame.name == "synced")
        .await
        .with_context(who)?;
    let number = book.thread(thread).ok_or_else(|| anyhow!("thread {thread} is not in the tokens file"))?;
    let user = book.user(person.id).ok_or_else(|| anyhow!("user {} is not in the tokens file", person.id))?;
    let mut dump = Dump { thread: number, user, after: subject.base, entries: Vec::new() };
    loop {
        let after = dump.head();
        let fetch = Request::Fetch { thread, after, limit: 200, reference: "dump" };
        let text = asker.ask(&fetch, |frame| frame.reference == "dump").await.with_context(who)?;
        let frame = asker.parse(&text)?;
        if matches!(&*frame.code, "busy" | "rateLimited") {
            tokio::time::sleep(Duration::from_millis(frame.retry_after_ms.unwrap_or(200).min(5_000))).await;
            continue;
        }
        if frame.name != "page" {
            return Err(anyhow!("{} ({})", frame.code, frame.message)).with_context(who);
        }
        dump.entries.extend(frame.page_entries()?.iter().map(Entry::from));
        if frame.more != Some(true) || dump.head() == after {
            break;
        }
    }
    let Asker { session, recorder, .. } = asker;
    session.close().await;
    Ok((dump, recorder.into_events()))
}

/// A stranger fetches, sends and reads in a thread, and in one that does not exist; a member listens.
async fn probe(target: &Target, book: &Arc<Book>, clock: Clock, room: &Room, stranger: &Person) -> Result<Vec<Event>> {
    let thread = book.thread(room.thread).ok_or_else(|| anyhow!("thread {} is not in the tokens file", room.thread))?;
    let mut asker = Asker::connect(target, book, clock, stranger).await?;
    asker.patience = STRANGER_WITHIN;
    let mut member = Asker::connect(target, book, clock, &room.people[0]).await?;
    for kind in ["fetch", "send", "read"] {
        let answer = attempt(&mut asker, kind, room.thread).await?;
        let unknown = attempt(&mut asker, kind, Uuid::now_v7()).await?;
        let leaked = frames_about(&mut member, room.thread).await?;
        asker.recorder.note(clock.now(), What::Probed { thread, request: kind.into(), answer, unknown, leaked });
    }
    asker.session.close().await;
    member.session.close().await;
    Ok(asker.recorder.into_events().into_iter().chain(member.recorder.into_events()).collect())
}

async fn attempt(asker: &mut Asker, kind: &str, thread: Uuid) -> Result<String> {
    const REF: &str = "stranger";
    let request = match kind {
        "fetch" => Request::Fetch { thread, after: 0, limit: 1, reference: REF },
        "send" => Request::Send { id: Uuid::now_v7(), thread, body: "from a stranger", reference: Some(REF) },
        _ => Request::Read { thread, seq: 1, reference: Some(REF) },
    };
    let Ok(text) = asker.ask(&request, |frame| frame.reference == REF).await else { return Ok("nothing".into()) };
    let frame = asker.parse(&text)?;
    Ok(if frame.name == "error" { format!("{}: {}", frame.code, frame.message) } else { frame.name.into_owned() })
}

/// How many frames about the thread come within a moment.
async fn frames_about(member: &mut Asker, thread: Uuid) -> Result<u32> {
    let mut count = 0;
    let moment = tokio::time::sleep(Duration::from_millis(100));
    tokio::pin!(moment);
    loop {
        tokio::select! {
            text = member.session.next() => {
                let text = text?;
                let about = member.session.parse(&text)?.and_then(|frame| frame.thread_id());
                count += u32::from(about == Some(thread));
            }
            () = &mut moment => return Ok(count),
        }
    }
}
