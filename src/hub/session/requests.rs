//! One function for each frame that a client may send. Each is authorised by itself, by the mailbox or the reader.

use super::{
    actor::{InFlight, SessionActor},
    flood::{Sort, Verdict},
    freshness::READS,
    link::ToSocket,
};
use crate::{
    hub::{
        directory::Full,
        event::{Complaint, Mark, NewMessage, Origin, Post, PostError, PostSettled, ReplyTo, ToSession, Type, Unheard},
        reader::{Changes, Failure, Owed},
        wire::{
            Code, Disconnect, Frame, Refused, Request, frame,
            inbound::Send,
            outbound::{Empty, Sent, Synced},
        },
    },
    ids::ThreadId,
    threads::{
        attachments::NO_SUCH_FILE,
        commit::Refusal,
        entries::{Page, Range},
        model::{Kind, Marks},
    },
};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// Sends of one connection that may be on their way.
const IN_FLIGHT: usize = 1_024;
/// Large answers that may wait for the one before them to leave.
const LARGE_WAITING: usize = 16;
/// A page stops at so many bytes (and says `more`).
const PAGE_BYTES: usize = 512 * 1024;

/// A request whose answer is large: one at a time leaves, so that a client that does not read costs no memory.
pub enum Large {
    Sync { reference: Option<String>, cursor: Option<String>, have: HashMap<ThreadId, i64> },
    Fetch { reference: Option<String>, thread: ThreadId, range: Range, limit: i64 },
}

impl SessionActor {
    /// A text frame came.
    pub(super) fn request(&mut self, text: &str, ctx: &mut Context<Self>) {
        let parsed = Request::parse(text);
        let sort = match &parsed {
            Ok(Request { frame: Frame::Delivered { .. } | Frame::Read { .. }, .. }) => Some(Sort::Mark),
            // Sends have the user's own allowance.
            Ok(Request { frame: Frame::Send(_), .. }) => None,
            _ => Some(Sort::Other),
        };
        if let Some(sort) = sort {
            match self.flood.count(sort) {
                Verdict::Fine => {}
                Verdict::Enough => return self.close(Disconnect::TooMany, ctx),
                Verdict::TooFast(wait) => {
                    let reference = parsed.ok().and_then(|request| request.reference);
                    return self.send(Refused::rate_limited(wait).with_reference(reference).frame());
                }
            }
        }
        match parsed {
            Ok(request) => self.obey(request, ctx),
            Err(refused) => self.send(refused.frame()),
        }
    }

    fn obey(&mut self, Request { reference, frame: asked }: Request, ctx: &mut Context<Self>) {
        // By the clock, not only by the timer: a machine that slept, or whose clock was set, takes nothing too late.
        if self.who.as_ref().is_some_and(|who| who.identity.expires_at <= self.parts.clock.now()) {
            return self.close(Disconnect::SignIn, ctx);
        }
        match asked {
            Frame::Auth { token } => return self.authenticate(token, reference, ctx),
            Frame::Ping => return self.send(frame("pong", reference.as_deref(), &Empty {})),
            _ if self.who.is_none() => {
                let refused = Refused::new(Code::Forbidden, "Sign in first: send `auth`.");
                return self.send(refused.with_reference(reference).frame());
            }
            _ => {}
        }
        match asked {
            Frame::Auth { .. } | Frame::Ping => {}
            Frame::Sync { cursor, have } => self.large(Large::Sync { reference, cursor, have }, ctx),
            Frame::Fetch { thread, range, limit } => {
                self.did_something(ctx);
                self.large(Large::Fetch { reference, thread, range, limit }, ctx);
            }
            Frame::Send(send) => {
                self.did_something(ctx);
                self.post(send, reference, ctx);
            }
            Frame::Delivered { thread, seq } => {
                self.mark(thread, Marks { delivered: seq, read: 0 }, reference, ctx);
            }
            Frame::Read { thread, seq } => {
                self.did_something(ctx);
                self.mark(thread, Marks { delivered: seq, read: seq }, reference, ctx);
            }
            Frame::Typing { thread, on } => {
                self.did_something(ctx);
                let Some(user) = self.who.as_ref().map(|who| who.identity.user) else { return };
                if !self.parts.presence.is_shown(user) {
                    return;
                }
                let complaint = Complaint { reference, frame: "typing", thread, to: ctx.address().recipient() };
                self.parts.directory.typing(thread, Type { user, on, complaint });
            }
            Frame::Acknowledge { escalation } => {
                self.did_something(ctx);
                self.acknowledge(escalation, reference, ctx);
            }
        }
    }

    fn post(&mut self, send: Send, reference: Option<String>, ctx: &mut Context<Self>) {
        let Some(who) = &self.who else { return };
        let id = send.id;
        if let Err(wait) = who.allowance.take() {
            return match self.flood.refuse(wait) {
                Verdict::Enough => self.close(Disconnect::TooMany, ctx),
                _ => self.send(Refused::rate_limited(wait).with_id(id).with_reference(reference).frame()),
            };
        }
        let author = who.person.clone();
        if self.in_flight.len() >= IN_FLIGHT {
            return self.send(Refused::busy(Duration::from_millis(200)).with_id(id).with_reference(reference).frame());
        }
        self.next_token += 1;
        let origin = Origin { connection: self.id, token: self.next_token };
        self.in_flight.insert(origin.token, InFlight { id, thread: send.thread, reference });
        let message = NewMessage {
            id,
            thread: send.thread,
            kind: Kind::Message,
            body: send.body,
            priority: send.priority,
            reply_to: send.reply_to,
            attachments: send.attachments,
            based_on: send.based_on.filter(|_| author.role.is_staff()),
        };
        let to = self.own.get_or_insert_with(|| Arc::new(ctx.address().recipient())).clone();
        let reply = ReplyTo::Connection(ToSession::new(origin, to));
        // One that does not fit is dropped, and so told `busy`.
        drop(self.parts.directory.post(Post { author, message, reply }));
    }

    /// A post was settled otherwise than by being stored just now.
    pub(super) fn post_settled(&mut self, settled: PostSettled) {
        // One that was acknowledged by a catch-up meanwhile is settled.
        let Some(InFlight { id, thread, reference }) = self.in_flight.remove(&settled.token) else { return };
        match settled.result {
            Ok(posted) => {
                let sent = Sent { id: posted.id, thread: posted.thread, seq: posted.seq, at: posted.at };
                self.send(frame("sent", reference.as_deref(), &sent));
                self.feeds.hear_own(posted.thread, posted.seq);
            }
            Err(error) => {
                if matches!(error, PostError::Refused(Refusal::NotFound)) {
                    self.note_refused("send", Some(thread));
                }
                let refused = Refused { id: Some(id), reference, ..refusal(error) };
                self.send(refused.frame());
            }
        }
    }

    fn mark(&mut self, thread: ThreadId, marks: Marks, reference: Option<String>, ctx: &mut Context<Self>) {
        let Some(user) = self.who.as_ref().map(|who| who.identity.user) else { return };
        let frame = if marks.read > 0 { "read" } else { "delivered" };
        let complaint = Some(Complaint { reference, frame, thread, to: ctx.address().recipient() });
        let mark = Mark { user, marks, connection: Some(self.id), reply: None, complaint };
        if let Err(Full(mark)) = self.parts.directory.mark(thread, mark)
            && let Some(complaint) = mark.complaint
        {
            complaint.tell(PostError::busy());
        }
        if self.feeds.confirm(thread, marks.delivered) {
            self.catch_up(ctx);
        }
    }

    /// A mark or typing went nowhere.
    pub(super) fn unheard(&mut self, unheard: Unheard, ctx: &mut Context<Self>) {
        // Whoever marks and types into one unknown thread after another makes work: not without end.
        let unknown = matches!(unheard.error, PostError::Refused(_));
        if unknown {
            self.note_refused(unheard.frame, Some(unheard.thread));
        }
        if unknown && self.flood.refuse(Duration::ZERO) == Verdict::Enough {
            return self.close(Disconnect::TooMany, ctx);
        }
        let refused = Refused { reference: unheard.reference, ..refusal(unheard.error) };
        self.send(refused.frame());
    }

    fn large(&mut self, request: Large, ctx: &mut Context<Self>) {
        if !self.large_out {
            self.large_out = true;
            return self.answer_large(request, ctx);
        }
        if self.large_waiting.len() >= LARGE_WAITING {
            let (Large::Sync { reference, .. } | Large::Fetch { reference, .. }) = request;
            return self.send(Refused::busy(Duration::from_millis(500)).with_reference(reference).frame());
        }
        self.large_waiting.push_back(request);
    }

    /// The large answer before this has left.
    pub(super) fn large_left(&mut self, ctx: &mut Context<Self>) {
        match self.large_waiting.pop_front() {
            Some(next) => self.answer_large(next, ctx),
            None => self.large_out = false,
        }
    }

    fn answer_large(&mut self, request: Large, ctx: &mut Context<Self>) {
        let Some((viewer, actor)) = self.who.as_ref().map(|who| (who.viewer(), who.actor.clone())) else { return };
        let reader = self.parts.reader.clone();
        match request {
            Large::Fetch { reference, thread, range, limit } => {
                let work = async move { reader.fetch(viewer, actor, thread, range, limit).await };
                ctx.spawn(work.into_actor(self).map(move |found, session, ctx| {
                    let answer = match found {
                        Ok(Some((page, owed))) if session.owes(owed) => {
                            Ok(frame("page", reference.as_deref(), &cut(page, range)))
                        }
                        Ok(Some(_)) => Err(failed(&Failure::Away)),
                        Ok(None) => Err(Refused::not_found()),
                        Err(error) => Err(failed(&error)),
                    };
                    session.send_large(answer, reference, ctx);
                }));
            }
            Large::Sync { reference, cursor, have } => {
                // What arrives while this is read must find its place after what the client has.
                self.feeds.expect(&have);
                self.syncing = true;
                let work = async move { reader.changes(viewer, actor, cursor, have).await };
                ctx.spawn(work.into_actor(self).map(move |found, session, ctx| match found {
                    Ok(changes) if session.owes(changes.owed) => {
                        session.refresh(changes, READS, ctx, |changes, session, ctx| {
                            let synced = session.synced(changes, reference.as_deref(), ctx);
                            session.feeds.open();
                            session.sync_answered(Ok(synced), reference, ctx);
                        })
                    }
                    found => {
                        // It will ask again.
                        let error = found.err().unwrap_or(Failure::Away);
                        session.open_without_sync(ctx);
                        session.sync_answered(Err(failed(&error)), reference, ctx);
                    }
                }));
            }
        }
    }

    /// Takes what the audit log is owed; false where that cannot be, and nothing may be shown.
    fn owes(&self, owed: Owed) -> bool {
        let Some(deed) = owed else { return true };
        self.who.as_ref().is_some_and(|who| self.parts.trail.note(&who.actor, deed))
    }

    fn sync_answered(
        &mut self,
        answer: Result<bytestring::ByteString, Refused>,
        reference: Option<String>,
        ctx: &mut Context<Self>,
    ) {
        self.feeds.expect_no_more();
        self.syncing = false;
        self.send_large(answer, reference, ctx);
        self.catch_up(ctx);
    }

    fn synced(
        &mut self,
        mut changes: Changes,
        reference: Option<&str>,
        ctx: &mut Context<Self>,
    ) -> bytestring::ByteString {
        for summary in &changes.threads {
            self.feeds.start(summary.id, summary.head, summary.head);
        }
        for (thread, has, head) in &changes.ahead {
            self.feeds.start(*thread, *has, *head);
        }
        if let Some(me) = self.who.as_ref().map(|who| who.identity.user) {
            for summary in &mut changes.threads {
                self.told.lift(summary, me);
            }
            for (thread, people) in &changes.companions {
                let new = self.watched.add(*thread, people.iter().copied().filter(|user| *user != me));
                self.parts.presence.watch(self.id, &ctx.address().recipient(), new);
            }
        }
        frame("synced", reference, &Synced { cursor: &changes.cursor, threads: &changes.threads })
    }

    fn send_large(
        &mut self,
        answer: Result<bytestring::ByteString, Refused>,
        reference: Option<String>,
        ctx: &mut Context<Self>,
    ) {
        match answer {
            Ok(text) => self.tell_socket(ToSocket::Large(text)),
            Err(refused) => {
                self.send(refused.with_reference(reference).frame());
                self.large_left(ctx);
            }
        }
    }
}

/// A page that is not larger than a frame to a client should be.
fn cut(mut page: Page, range: Range) -> Page {
    let keeps_end = !matches!(range, Range::After(_));
    let mut bytes = 0;
    let size = |entry: &crate::threads::model::Entry| entry.body.0.len() + 256;
    let mut fit = |entry: &crate::threads::model::Entry| {
        bytes += size(entry);
        bytes <= PAGE_BYTES
    };
    let fitting = if keeps_end {
        page.entries.iter().rev().take_while(|entry| fit(entry)).count()
    } else {
        page.entries.iter().take_while(|entry| fit(entry)).count()
    };
    if fitting < page.entries.len() {
        page.more = true;
        if keeps_end {
            page.entries.drain(..page.entries.len() - fitting);
        } else {
            page.entries.truncate(fitting);
        }
    }
    page
}

fn failed(error: &Failure) -> Refused {
    match error {
        Failure::Away => Refused::busy(Duration::from_secs(1)),
        Failure::Read(error) => {
            tracing::error!(%error, "a read failed");
            Refused::new(Code::Internal, "Something went wrong on our side. It was logged; try again.")
        }
    }
}

/// The `error` frame for a post that was not stored.
fn refusal(error: PostError) -> Refused {
    match error {
        PostError::Refused(Refusal::NotFound) => Refused::not_found(),
        PostError::Refused(Refusal::ThreadClosed) => {
            Refused::new(Code::ThreadClosed, "This thread is closed. Open a new one, or ask the practice to reopen it.")
        }
        PostError::Refused(Refusal::BadReplyTo) => {
            Refused::new(Code::Invalid, "`replyTo` names no entry of this thread.")
        }
        PostError::Refused(Refusal::BadAttachment) => Refused::new(Code::Invalid, NO_SUCH_FILE),
        PostError::Refused(Refusal::NotAuthor) => Refused::new(Code::Forbidden, "Only its author may do that."),
        PostError::Refused(Refusal::Newer) | PostError::Newer(_) => {
            let entries = if let PostError::Newer(entries) = error { entries } else { Vec::new() };
            let words = "A colleague has written since you looked. Read it, then send again without `basedOn`.";
            Refused { entries, ..Refused::new(Code::Conflict, words) }
        }
        PostError::Conflict => {
            Refused::new(Code::Conflict, "This id was used for another message. Choose a new one for each message.")
        }
        PostError::RateLimited { retry_after } => Refused::rate_limited(retry_after),
        PostError::Busy { retry_after } => Refused::busy(retry_after),
        PostError::Failed => Refused::new(Code::Internal, "This message could not be stored. It was logged."),
    }
}
