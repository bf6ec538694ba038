//! Escalations: raised with their message, carried on by the engine, taken by one. Time is moved on by an engine of the
//! test's own beside the hub's, on the same store: two nodes, one of them ahead.

mod ack_page;
mod acts;
mod link;
mod raising;
mod steps;

use crate::support::{
    Client,
    hub::MASTER_KEY,
    people::master_key,
    practice::{Caller, Practice},
};
use carehub::{
    accounts::Role,
    clock::Clock,
    crypto::{Keyring, Place},
    db::Pool,
    emergency::{bell::Bell, engine::Engine},
    ids::OutboxId,
    notify::{Content, outbox::Letter},
};
use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::Arc;

/// A client, their clinician and a colleague, and an engine whose clock goes as the test likes.
pub struct Care {
    pub practice: Practice,
    pub ada: Caller,
    /// Looks after Ada's thread.
    pub maya: Caller,
    pub tom: Caller,
    pub thread: String,
    pub clock: Clock,
    engine: Engine,
    pool: Pool,
}

impl Care {
    pub async fn start() -> Self {
        let practice = Practice::start().await;
        let ada = practice.person("Ada", Role::Client).await;
        let maya = practice.person("Maya", Role::Clinician).await;
        let tom = practice.person("Tom", Role::Clinician).await;
        let thread = ada.open("Sleep", "I cannot sleep").await;
        maya.claim(&thread).await.expect(200);
        let clock = Clock::movable();
        let database_url = SecretString::from(practice.database.service_url());
        let keyring = Arc::new(Keyring::new(master_key()));
        let engine =
            Engine { database_url: database_url.clone(), keyring, clock: clock.clone(), bell: Bell::default() };
        let pool = carehub::db::pool(&database_url, 5);
        assert!(!MASTER_KEY.is_empty());
        Self { practice, ada, maya, tom, thread, clock, engine, pool }
    }

    /// Ada presses the button; the escalation's id.
    pub async fn emergency(&self) -> String {
        self.say("I am not safe", "emergency").await;
        self.escalation().await
    }

    /// Ada writes; the receipt.
    pub async fn say(&self, body: &str, priority: &str) -> Value {
        let said = json!({"body": body, "priority": priority});
        self.ada.post(&format!("portal/messages/{}/reply", self.thread), said).await.expect(201)
    }

    /// The newest escalation of the thread.
    pub async fn escalation(&self) -> String {
        let newest = format!("SELECT id FROM escalations WHERE thread_id = '{}' ORDER BY id DESC LIMIT 1", self.thread);
        self.practice.database.query(&newest).await.remove(0)
    }

    /// Time goes on, and the engine does what is due until nothing is.
    pub async fn later(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
        self.settle().await;
    }

    /// The engine does what is due.
    pub async fn settle(&self) {
        for _ in 0..100 {
            if self.engine.look(&self.pool).await.unwrap() == 0 {
                return;
            }
        }
        panic!("the engine does not come to rest");
    }

    /// `state step round` of an escalation.
    pub async fn at(&self, id: &str) -> String {
        let at = format!("SELECT concat_ws(' ', state, step, round) FROM escalations WHERE id = '{id}'");
        self.practice.database.query(&at).await.remove(0)
    }

    /// `name channel step round` of every page, in order.
    pub async fn pages(&self, id: &str) -> Vec<String> {
        let pages = format!(
            "SELECT concat_ws(' ', u.name, p.channel, p.step, p.round) FROM pages p JOIN users u ON u.id = p.user_id
            WHERE p.escalation_id = '{id}' ORDER BY p.round, p.step, u.name, p.channel"
        );
        self.practice.database.query(&pages).await
    }

    /// Actions on an escalation in the audit log, in order.
    pub async fn trail(&self, id: &str) -> Vec<String> {
        let rows = format!("SELECT action FROM audit_events WHERE object_id = '{id}' ORDER BY at, id");
        self.practice.database.query(&rows).await
    }

    /// The tokens of the links that were mailed, oldest first.
    pub async fn tokens(&self) -> Vec<String> {
        let rows = "SELECT concat_ws(' ', o.id, o.key_id, encode(k.wrapped, 'hex'), encode(o.sealed, 'hex'))
            FROM outbox o JOIN data_keys k ON k.id = o.key_id WHERE o.kind = 'page' ORDER BY o.id";
        let mut tokens = Vec::new();
        for row in self.practice.database.query(rows).await {
            let [id, key, wrapped, sealed] = row.split(' ').collect::<Vec<_>>()[..] else { continue };
            let wrapped = carehub::crypto::WrappedKey {
                id: carehub::ids::DataKeyId(key.parse().unwrap()),
                wrapped: unhex(wrapped),
            };
            let id: OutboxId = id.parse().unwrap();
            let key = Keyring::new(master_key()).unwrap(&wrapped).unwrap();
            let letter: Letter =
                serde_json::from_str(&key.open(Place::Outbox { id }, &unhex(sealed)).unwrap()).unwrap();
            if let Content::Page(page) = letter.content {
                tokens.push(page.path.rsplit('/').next().unwrap().to_owned());
            }
        }
        tokens
    }

    /// What Ada reads of her emergency.
    pub async fn told(&self) -> Value {
        self.ada.get(&format!("portal/messages/{}/emergency", self.thread)).await.expect(200)["emergency"].clone()
    }

    pub async fn live(&self, who: &Caller) -> Client {
        Client::synced(&self.practice.hub, &who.someone()).await
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}
