//! Crowds for load generators: many threads of two, or one thread of many. Everybody is new in each run, may send as
//! fast as they can, has a token, and no password.

use std::{io, path::Path};

use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;

use super::{
    rows::{KeyRow, ParticipantRow, PracticeRow, Rows, SessionRow, ThreadRow, UserRow},
    tokens::{Holder, LIFETIME, Line, TokensFile},
};
use crate::{
    accounts::{Role, token::Tokens},
    clock::Clock,
    crypto::{MasterKey, Place},
    ids::{PracticeId, SignInId, ThreadId, UserId},
    threads::model::{Priority, Status},
};

/// High enough that no load generator meets it.
const SENDS_PER_MINUTE: i32 = 1_000_000;
const TIME_ZONE: &str = "UTC";

/// Makes `count` pairs of a client and a clinician with a thread each, and lists them in `tokens`.
pub async fn seed_pairs(
    conn: &mut AsyncPgConnection,
    master: &MasterKey,
    clock: &Clock,
    count: usize,
    tokens: &Path,
) -> anyhow::Result<()> {
    let mut crowd = Crowd::new(master, clock.now())?;
    let mut lines = Vec::with_capacity(count);
    for number in 1..=count {
        let client = crowd.person(Role::Client, number)?;
        let clinician = crowd.person(Role::Clinician, number)?;
        let thread = crowd.thread(&[client.id, clinician.id])?;
        lines.push(Line::Pair { thread, client, clinician });
    }
    crowd.store(conn, &lines, tokens).await
}

/// Makes one thread with `count` participants, the first of them its client, and lists it in `tokens`.
pub async fn seed_group(
    conn: &mut AsyncPgConnection,
    master: &MasterKey,
    clock: &Clock,
    count: usize,
    tokens: &Path,
) -> anyhow::Result<()> {
    let mut crowd = Crowd::new(master, clock.now())?;
    let role = |number| if number == 1 { Role::Client } else { Role::Clinician };
    let participants = (1..=count).map(|number| crowd.person(role(number), number)).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<UserId> = participants.iter().map(|holder| holder.id).collect();
    let thread = crowd.thread(&ids)?;
    crowd.store(conn, &[Line::Group { thread, participants }], tokens).await
}

/// A crowd in the making, in a practice of its own.
struct Crowd<'a> {
    master: &'a MasterKey,
    tokens: Tokens,
    now: DateTime<Utc>,
    practice: PracticeId,
    rows: Rows,
}

impl<'a> Crowd<'a> {
    fn new(master: &'a MasterKey, now: DateTime<Utc>) -> anyhow::Result<Self> {
        let practice = PracticeId::new();
        let row = PracticeRow { id: practice, name: "Load generation".into(), time_zone: TIME_ZONE.into() };
        let rows = Rows { practices: vec![row], ..Rows::default() };
        Ok(Self { master, tokens: Tokens::new(master)?, now, practice, rows })
    }

    fn person(&mut self, role: Role, number: usize) -> anyhow::Result<Holder> {
        let id = UserId::new();
        self.rows.users.push(UserRow {
            id,
            practice: self.practice,
            role,
            email: format!("{id}@load.example.org"),
            name: format!("{} {number}", if role.is_staff() { "Clinician" } else { "Client" }),
            password_hash: None,
            time_zone: TIME_ZONE.into(),
            sends_per_minute: Some(SENDS_PER_MINUTE),
        });
        let session = SessionRow { id: SignInId::new(), user: id, role, expires_at: self.now + LIFETIME };
        let (token, _) = self.tokens.issue(id, role, session.id, self.now, LIFETIME)?;
        self.rows.sessions.push(session);
        Ok(Holder { id, token })
    }

    /// A thread of these people: the first is its client, the second, where there is one, its assignee.
    fn thread(&mut self, people: &[UserId]) -> anyhow::Result<ThreadId> {
        let client = *people.first().context("a thread has at least its client")?;
        let id = ThreadId::new();
        let key = self.master.new_data_key()?;
        let subject_sealed = self.master.unwrap(&key)?.seal(Place::Subject { thread: id }, "Load generation")?;
        self.rows.threads.push(ThreadRow {
            id,
            practice: self.practice,
            client,
            data_key: key.id,
            subject_sealed,
            assignee: people.get(1).copied(),
            status: Status::Open,
            priority: Priority::Normal,
            head: 0,
            last_entry_at: self.now,
        });
        self.rows.keys.push(KeyRow { owner: client, key, master_key_id: self.master.id().to_owned() });
        let participant = |user: &UserId| ParticipantRow { thread: id, user: *user, delivered: 0, read: 0 };
        self.rows.participants.extend(people.iter().map(participant));
        Ok(id)
    }

    async fn store(self, conn: &mut AsyncPgConnection, lines: &[Line], path: &Path) -> anyhow::Result<()> {
        let named = |error: io::Error| anyhow::anyhow!("cannot write the tokens to {}: {error}", path.display());
        let mut file = TokensFile::create(path).map_err(named)?;
        file.write(lines).map_err(named)?;
        self.rows.insert(conn).await.map_err(|error| anyhow::anyhow!("seeding: {}", crate::db::describe(&error)))?;
        file.publish().map_err(named)
    }
}
