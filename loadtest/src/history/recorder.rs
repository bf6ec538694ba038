//! Takes down what one device sees and does. Owns the way from frames to events; costs nothing
//! when the run is not checked.

use super::{Entry, Event, Header, Kind, Thread, User, What};
use crate::clock::Nanos;
use crate::stamp::fingerprint;
use crate::tokens::{Person, Room};
use crate::wire::{Frame, PageEntry};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

/// Everybody and every thread of a run, by number.
#[derive(Debug)]
pub struct Book {
    header: Header,
    users: HashMap<Uuid, u32>,
    threads: HashMap<Uuid, u32>,
    devices: AtomicU32,
    recording: bool,
}

impl Book {
    /// Numbers the people and threads of `rooms`.
    pub fn new(rooms: &[Room], seed: u64, recording: bool) -> Arc<Self> {
        let mut book = Self {
            header: Header { seed, ..Header::default() },
            users: HashMap::new(),
            threads: HashMap::new(),
            devices: AtomicU32::new(0),
            recording,
        };
        for room in rooms {
            let members = room.people.iter().map(|person| book.number(person)).collect();
            book.threads.insert(room.thread, book.header.threads.len() as u32);
            book.header.threads.push(Thread { id: room.thread, members });
        }
        Arc::new(book)
    }

    fn number(&mut self, person: &Person) -> u32 {
        *self.users.entry(person.id).or_insert_with(|| {
            self.header.users.push(User { id: person.id, role: person.role });
            self.header.users.len() as u32 - 1
        })
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The number of a thread.
    pub fn thread(&self, id: Uuid) -> Option<u32> {
        self.threads.get(&id).copied()
    }

    /// The number of a user.
    pub fn user(&self, id: Uuid) -> Option<u32> {
        self.users.get(&id).copied()
    }

    /// A recorder for one more device of this user.
    pub fn recorder(self: &Arc<Self>, user: Uuid) -> Recorder {
        Recorder {
            book: self.clone(),
            user: self.users.get(&user).copied().unwrap_or(u32::MAX),
            device: self.devices.fetch_add(1, Ordering::Relaxed),
            connection: 0,
            asked: 0,
            events: Vec::new(),
        }
    }
}

/// The record of one device.
#[derive(Debug)]
pub struct Recorder {
    book: Arc<Book>,
    user: u32,
    device: u32,
    connection: u32,
    /// When summaries were last asked for.
    asked: Nanos,
    events: Vec<Event>,
}

impl Recorder {
    /// The number of this device in the run.
    pub fn device(&self) -> u32 {
        self.device
    }

    /// Whether anything is written down.
    pub fn on(&self) -> bool {
        self.book.recording
    }

    /// The device is about to connect anew.
    pub fn reconnected(&mut self) {
        self.connection += 1;
    }

    /// Hands over what was written.
    pub fn into_events(self) -> Vec<Event> {
        self.events
    }

    /// Writes one event down.
    pub fn note(&mut self, t: Nanos, what: What) {
        if self.on() {
            self.events.push(Event { t, user: self.user, device: self.device, connection: self.connection, what });
        }
    }

    fn in_thread(&mut self, t: Nanos, thread: Uuid, what: impl FnOnce(u32) -> What) {
        if !self.on() {
            return;
        }
        if let Some(number) = self.book.thread(thread) {
            self.note(t, what(number));
        }
    }

    pub fn start(&mut self, t: Nanos, thread: Uuid, seq: u64) {
        self.in_thread(t, thread, |thread| What::Start { thread, seq });
    }

    /// Summaries are asked for; `t` must have been taken before the frame left.
    pub fn asked(&mut self, t: Nanos) {
        self.asked = t;
    }

    pub fn resumed(&mut self, t: Nanos, thread: Uuid, have: u64) {
        self.in_thread(t, thread, |thread| What::Resumed { thread, have });
    }

    /// `t` must have been taken before the frame left.
    pub fn invoked(&mut self, t: Nanos, thread: Uuid, id: Uuid, body: &str) {
        self.in_thread(t, thread, |thread| What::Invoked { thread, id, body: fingerprint(body) });
    }

    pub fn marked(&mut self, t: Nanos, thread: Uuid, delivered: u64, read: u64) {
        self.in_thread(t, thread, |thread| What::Marked { thread, delivered, read });
    }

    /// Any frame from the hub. `t` must have been taken after it arrived.
    pub fn frame(&mut self, t: Nanos, frame: &Frame<'_>) {
        if !self.on() {
            return;
        }
        let asked = self.asked;
        match &*frame.name {
            "synced" => {
                for summary in frame.summaries().unwrap_or_default() {
                    let (head, delivered, read, unread) =
                        (summary.head, summary.delivered, summary.read, summary.unread);
                    self.known(t, summary.id, "synced", |thread| What::Summary {
                        thread,
                        head,
                        delivered,
                        read,
                        unread,
                        asked,
                    });
                }
            }
            // A summary's own id is the thread's.
            "thread" => {
                let (Some(id), Some(head)) = (frame.message_id(), frame.head) else { return };
                let (delivered, read, unread) = (frame.delivered.unwrap_or(0), frame.read.unwrap_or(0), frame.unread);
                self.known(t, id, "thread", |thread| What::Summary { thread, head, delivered, read, unread, asked });
            }
            "error" => {
                if let Some(id) = frame.message_id() {
                    self.note(t, What::Refused { id, code: frame.code.to_string() });
                }
            }
            "page" => {}
            name => {
                let Some(id) = frame.thread_id() else { return };
                self.known(t, id, name, |thread| about(name, thread, frame));
            }
        }
    }

    /// Notes what came about a thread, or that the run knows no such thread.
    fn known(&mut self, t: Nanos, id: Uuid, frame: &str, what: impl FnOnce(u32) -> What) {
        let what = match self.book.thread(id) {
            Some(thread) => what(thread),
            None => What::Foreign { thread: id, frame: frame.to_owned() },
        };
        self.note(t, what);
    }
}

fn about(name: &str, thread: u32, frame: &Frame<'_>) -> What {
    let (id, seq, at) =
        (frame.message_id().unwrap_or_default(), frame.seq.unwrap_or(0), micros(frame.at.unwrap_or_default()));
    match name {
        "sent" => What::Sent { thread, id, seq, at },
        "entry" => {
            let from = frame.from.as_ref().and_then(|author| Uuid::try_parse(author.id).ok());
            let entry = Entry { seq, id, from, kind: Kind::from(&*frame.kind), body: fingerprint(&frame.body), at };
            What::Pushed { thread, entry }
        }
        "receipt" => What::Receipt {
            thread,
            reader: frame.user_id().unwrap_or_default(),
            delivered: frame.delivered.unwrap_or(0),
            read: frame.read.unwrap_or(0),
        },
        other => What::Other { thread, frame: other.to_owned() },
    }
}

impl From<&PageEntry<'_>> for Entry {
    fn from(entry: &PageEntry<'_>) -> Self {
        Self {
            seq: entry.seq,
            id: entry.id,
            from: entry.from.as_ref().and_then(|author| Uuid::try_parse(author.id).ok()),
            kind: Kind::from(&*entry.kind),
            body: fingerprint(&entry.body),
            at: micros(entry.at),
        }
    }
}

/// An RFC 3339 instant as microseconds since 1970; what cannot be read sorts before everything,
/// so that the checker trips over it.
fn micros(text: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text).map_or(i64::MIN, |instant| instant.timestamp_micros())
}
