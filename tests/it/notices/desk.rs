//! A practice without a hub: the loop's steps are taken by hand, at the time that a test says.

use crate::support::{Database, people::master_key};
use carehub::{
    accounts::roster::{self, NewUser},
    crypto::{Keyring, Place, WrappedKey},
    emergency::reach,
    error::Result,
    ids::{DataKeyId, OutboxId, PracticeId, UserId},
    keys::{self, Owner},
    notices::{self, Notice, dispatch, pool, preferences, reminders, telling, turns, unread},
    notify::outbox::Letter,
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use uuid::Uuid;

pub struct Desk {
    pub database: Database,
    pub conn: AsyncPgConnection,
    pub practice: PracticeId,
    pub keyring: Keyring,
    pub looking: unread::Looking,
}

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub id: OutboxId,
    pub channel: String,
    pub kind: String,
    pub state: String,
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// As a hub looks.
fn looking() -> unread::Looking {
    fn takers<'a>(
        conn: &'a mut AsyncPgConnection,
        practice: PracticeId,
        at: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<UserId>>> {
        Box::pin(reach::takers(conn, practice, at))
    }
    unread::Looking { grace: TimeDelta::minutes(5), takers: Arc::new(takers) }
}

impl Desk {
    pub async fn open() -> Self {
        let (database, practice) = (Database::fresh().await, PracticeId::new());
        let mut conn = database.connect().await;
        roster::insert_practice(&mut conn, practice, "Elm Street", "America/Chicago").await.unwrap();
        Self { database, conn, practice, keyring: Keyring::new(master_key()), looking: looking() }
    }

    /// Beside a hub that runs.
    pub async fn beside(practice: &crate::support::practice::Practice) -> Self {
        let (database, practice) = (practice.database.clone(), practice.id);
        let conn = database.connect().await;
        Self { database, conn, practice, keyring: Keyring::new(master_key()), looking: looking() }
    }

    /// Somebody of the practice; staff need not agree to e-mails.
    pub async fn person(&mut self, role: &'static str, zone: &str) -> UserId {
        let id = UserId::new();
        let email = format!("{id}@example.org");
        let user = NewUser {
            id,
            practice_id: self.practice,
            role,
            email: &email,
            name: "Ada",
            password_hash: "",
            time_zone: zone,
        };
        roster::insert_user(&mut self.conn, &user).await.unwrap();
        id
    }

    pub async fn prefer(&mut self, user: UserId, text: &str) {
        let chosen = serde_json::from_str(text).unwrap();
        preferences::save(&mut self.conn, user, &chosen).await.unwrap();
    }

    /// A number or a browser of this person.
    pub async fn reachable_by(&mut self, user: UserId, channel: &str) {
        let key = keys::find_or_make(&mut self.conn, &self.keyring, Owner::Practice(self.practice)).await.unwrap();
        let (id, lookup) = (Uuid::now_v7(), Uuid::now_v7().simple());
        let insert = format!(
            "INSERT INTO contact_points (id, user_id, channel, key_id, sealed, lookup, created_at, verified_at)
            VALUES ('{id}', '{user}', '{channel}', '{}', 'x', '\\x{lookup}', now(), now())",
            key.id
        );
        self.database.query(&insert).await;
    }

    pub async fn tell(&mut self, notice: &Notice) {
        notices::tell(&mut self.conn, notice).await.unwrap();
    }

    /// One look of the loop.
    pub async fn look(&mut self, now: DateTime<Utc>) {
        unread::close_read(&mut self.conn, None, now).await.unwrap();
        pool::close_taken(&mut self.conn, None, now).await.unwrap();
        unread::look(&mut self.conn, &self.looking, now).await.unwrap();
        reminders::tell_due(&mut self.conn, now).await.unwrap();
        telling::tell_due(&mut self.conn, now).await.unwrap();
        turns::close(&mut self.conn, now).await.unwrap();
        dispatch::send_due(&mut self.conn, &self.keyring, now).await.unwrap();
        while dispatch::send_digest(&mut self.conn, &self.keyring, now).await.unwrap() > 0 {}
    }

    /// What is in the outbox, the oldest first.
    pub async fn outbox(&self) -> Vec<Sent> {
        let rows = "SELECT concat_ws(' ', id, channel, kind, state) FROM outbox ORDER BY id";
        let read = |row: String| {
            let mut words = row.split(' ').map(str::to_owned);
            let mut next = || words.next().unwrap();
            Sent { id: next().parse().unwrap(), channel: next(), kind: next(), state: next() }
        };
        self.database.query(rows).await.into_iter().map(read).collect()
    }

    /// The channels in the outbox.
    pub async fn channels(&self) -> Vec<String> {
        self.outbox().await.into_iter().map(|sent| sent.channel).collect()
    }

    /// What a row of the outbox says.
    pub async fn letter(&self, id: OutboxId) -> Letter {
        let row = format!(
            "SELECT concat_ws(' ', k.id, encode(k.wrapped, 'hex'), encode(o.sealed, 'hex'))
            FROM outbox o JOIN data_keys k ON k.id = o.key_id WHERE o.id = '{id}'"
        );
        let row = self.database.query(&row).await.remove(0);
        let words: Vec<&str> = row.split(' ').collect();
        let wrapped = WrappedKey { id: words[0].parse::<DataKeyId>().unwrap(), wrapped: bytes(words[1]) };
        let key = self.keyring.unwrap(&wrapped).unwrap();
        serde_json::from_str(&key.open(Place::Outbox { id }, &bytes(words[2])).unwrap()).unwrap()
    }

    /// As the relay notes it.
    pub async fn becomes(&self, state: &str, code: &str) {
        let update = format!("UPDATE outbox SET state = '{state}', last_error = '{code}' WHERE state = 'waiting'");
        self.database.query(&update).await;
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
