//! How the demo practice becomes rows: sealed as every word is, once for each data folder.

use anyhow::Context;
use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;
use std::sync::Arc;
use uuid::{Uuid, uuid};

use super::{
    answers, appointments, billing,
    conversations::{self, Conversation, When},
    files, forms, on_call,
    people::{PASSWORD, PEOPLE, PRACTICE_NAME, PRACTICE_TIME_ZONE, Who},
};
use crate::{
    accounts::password,
    clock::Clock,
    crypto::{DataKey, Keyring, MasterKey, MasterKeys, Place},
    db::Pool,
    dev::seed::rows::{EntryRow, KeyRow, ParticipantRow, PracticeRow, Rows, ThreadRow, UserRow},
    ids::{EntryId, PracticeId, ThreadId, UserId},
    objects::Objects,
    schema::practices,
    threads::model::Priority,
};

/// Tells a store with the demo from one without.
const PRACTICE: PracticeId = PracticeId(uuid!("018f0000-0000-7000-8000-000000000001"));

/// Writes the demo practice where it is missing, and what one of an earlier version does not have; says whether it wrote
/// the practice.
pub async fn ensure(conn: &mut AsyncPgConnection, masters: &MasterKeys, clock: &Clock) -> anyhow::Result<bool> {
    let master = masters.current();
    let failed = |error| anyhow::anyhow!("the demo practice: {}", crate::db::describe(&error));
    let found: i64 =
        practices::table.filter(practices::id.eq::<Uuid>(PRACTICE.0)).count().get_result(conn).await.map_err(failed)?;
    let mut new = None;
    if found == 0 {
        let rows = Writer::new(master, clock.now())?.rows()?;
        rows.insert(conn).await.map_err(failed)?;
        new = Some(rows);
    }
    form_care_teams(conn).await.map_err(failed)?;
    on_call::ensure(conn, PRACTICE, clock.now()).await.context("the demo practice's rota")?;
    if let Some(rows) = &new {
        let user = |who: Who| rows.users[who as usize].id;
        let zone = PRACTICE_TIME_ZONE.parse().context("the practice's time zone")?;
        appointments::write(conn, PRACTICE, zone, user, clock.now()).await.context("the demo practice's calendar")?;
        forms::write(conn, PRACTICE, user, clock.now()).await.context("the demo practice's forms")?;
        let keyring = Keyring::new(masters.clone());
        conn.transaction(async |conn| billing::write(conn, &keyring, PRACTICE, user, clock.now()).await)
            .await
            .context("the demo practice's accounts")?;
        let (client, clinician) = (user(answers::WHO.0), user(answers::WHO.1));
        let wrapped = rows.keys.iter().find(|key| key.owner == client).context("a client has a key")?;
        let key = master.unwrap(&wrapped.key)?;
        let client = answers::Client { practice: PRACTICE, id: client, key: &key };
        answers::write(conn, client, clinician, clock.now()).await.context("the demo practice's questionnaires")?;
    }
    Ok(new.is_some())
}

/// Writes the files of the demo practice where there are none. Call where tasks may stay on their thread.
pub async fn ensure_files(pool: &Pool, keyring: &Arc<Keyring>, objects: &Objects, clock: &Clock) -> anyhow::Result<()> {
    let writer = files::Writer { pool, keyring, objects, practice: PRACTICE, now: clock.now() };
    writer.ensure().await.context("the demo practice's files")
}

/// Whoever looks after a thread of a client is in the client's care team, where nobody is in any.
async fn form_care_teams(conn: &mut AsyncPgConnection) -> diesel::QueryResult<usize> {
    crate::db::statement(
        "INSERT INTO client_care (client_id, user_id)
        SELECT DISTINCT t.client_id, u.id FROM threads t JOIN users u ON u.id = t.assignee_id
        WHERE t.practice_id = $1 AND u.role = 'clinician' AND NOT EXISTS (
            SELECT FROM client_care c JOIN users client ON client.id = c.client_id WHERE client.practice_id = $1)",
    )
    .bind::<diesel::sql_types::Uuid, _>(PRACTICE)
    .execute(conn)
    .await
}

/// Turns people and conversations into rows.
struct Writer<'a> {
    master: &'a MasterKey,
    now: DateTime<Utc>,
    zone: Tz,
    /// In the order of [`PEOPLE`].
    written: Vec<Written>,
    rows: Rows,
}

/// One of [`PEOPLE`], with the key of what is said about them where they are a client.
struct Written {
    user: UserId,
    key: Option<DataKey>,
}

impl<'a> Writer<'a> {
    fn new(master: &'a MasterKey, now: DateTime<Utc>) -> anyhow::Result<Self> {
        let zone = PRACTICE_TIME_ZONE.parse().context("the practice's time zone")?;
        Ok(Self { master, now, zone, written: Vec::new(), rows: Rows::default() })
    }

    fn rows(mut self) -> anyhow::Result<Rows> {
        self.rows.practices.push(PracticeRow {
            id: PRACTICE,
            name: PRACTICE_NAME.to_owned(),
            time_zone: PRACTICE_TIME_ZONE.to_owned(),
        });
        self.write_people()?;
        for conversation in conversations::all() {
            self.write(&conversation)?;
        }
        Ok(self.rows)
    }

    fn write_people(&mut self) -> anyhow::Result<()> {
        // One hash for all: the password is no secret, and each hash takes its time.
        let hash = password::hash(&SecretString::from(PASSWORD))?;
        for person in PEOPLE {
            let user = UserId::new();
            self.rows.users.push(UserRow {
                id: user,
                practice: PRACTICE,
                role: person.role,
                email: person.email.to_owned(),
                name: person.name.to_owned(),
                password_hash: Some(hash.clone()),
                time_zone: person.time_zone.to_owned(),
                sends_per_minute: None,
            });
            let key = if person.role.is_staff() { None } else { Some(self.new_key(user)?) };
            self.written.push(Written { user, key });
        }
        Ok(())
    }

    fn new_key(&mut self, owner: UserId) -> anyhow::Result<DataKey> {
        let wrapped = self.master.new_data_key()?;
        let key = self.master.unwrap(&wrapped)?;
        self.rows.keys.push(KeyRow { owner, key: wrapped, master_key_id: self.master.id().to_owned() });
        Ok(key)
    }

    fn user(&self, who: Who) -> UserId {
        self.written[who as usize].user
    }

    fn write(&mut self, conversation: &Conversation) -> anyhow::Result<()> {
        let thread = ThreadId::new();
        let key = self.written[conversation.client as usize].key.as_ref().context("a client has a key")?;
        let head = i64::try_from(conversation.said.len())?;
        let mut last_entry_at = DateTime::<Utc>::MIN_UTC;
        for (seq, said) in (1..).zip(&conversation.said) {
            let id = EntryId::new();
            let sender = self.user(said.who);
            // As the journal does it: `at` never falls.
            last_entry_at = last_entry_at.max(self.instant(said.when)?);
            self.rows.entries.push(EntryRow {
                thread,
                seq,
                id,
                sender,
                kind: said.kind,
                // What made a thread urgent is its last message.
                priority: if seq == head { conversation.priority } else { Priority::Normal },
                sealed: key.seal(Place::Entry { thread, id, sender: Some(sender) }, &said.body)?,
                at: last_entry_at,
            });
        }
        self.rows.threads.push(ThreadRow {
            id: thread,
            practice: PRACTICE,
            client: self.user(conversation.client),
            data_key: key.id(),
            subject_sealed: key.seal(Place::Subject { thread }, conversation.subject)?,
            assignee: conversation.assignee.map(|who| self.user(who)),
            status: conversation.status,
            priority: conversation.priority,
            head,
            last_entry_at,
        });
        let staff = conversation.assignee.iter().chain(&conversation.colleagues);
        let staff = staff.map(|who| (*who, conversation.unread_by_staff));
        for (who, unread) in staff.chain([(conversation.client, conversation.unread_by_client)]) {
            let read = head - i64::try_from(unread)?;
            self.rows.participants.push(ParticipantRow { thread, user: self.user(who), delivered: read, read });
        }
        Ok(())
    }

    fn instant(&self, when: When) -> anyhow::Result<DateTime<Utc>> {
        let (days, hour, minute) = match when {
            When::Minutes(ago) => return Ok(self.now - TimeDelta::minutes(ago)),
            When::Day(days, hour, minute) => (days, hour, minute),
        };
        let date = self.now.with_timezone(&self.zone).date_naive() - TimeDelta::days(days);
        let local = date.and_time(NaiveTime::from_hms_opt(hour, minute, 0).context("a time of day")?);
        // Where the clocks skip that time, the same time an hour later exists.
        let exists = |local| self.zone.from_local_datetime(&local).earliest();
        let instant = exists(local).or_else(|| exists(local + TimeDelta::hours(1)));
        Ok(instant.context("a moment of the practice's day")?.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_opens_where_it_lies_and_nothing_is_from_the_future() {
        let master = MasterKey::parse(&MasterKey::generate().unwrap()).unwrap();
        // Shortly after midnight in Chicago, the day after the clocks changed.
        let now = Utc.with_ymd_and_hms(2026, 3, 9, 5, 10, 0).unwrap();
        let rows = Writer::new(&master, now).unwrap().rows().unwrap();
        assert_eq!(rows.users.len(), PEOPLE.len());
        for thread in &rows.threads {
            let key = rows.keys.iter().find(|key| key.key.id == thread.data_key).unwrap();
            assert_eq!(key.owner, thread.client);
            let key = master.unwrap(&key.key).unwrap();
            assert!(key.open(Place::Subject { thread: thread.id }, &thread.subject_sealed).is_ok());
            let entries: Vec<_> = rows.entries.iter().filter(|entry| entry.thread == thread.id).collect();
            assert_eq!(entries.len() as i64, thread.head);
            assert!(entries.is_sorted_by(|one, next| one.seq + 1 == next.seq && one.at <= next.at));
            assert!(entries.iter().all(|entry| entry.at <= now));
            for entry in entries {
                let place = Place::Entry { thread: thread.id, id: entry.id, sender: Some(entry.sender) };
                assert!(key.open(place, &entry.sealed).is_ok());
            }
        }
    }
}
