//! A practice with all ways to its people: a mail server, a Twilio, and people whose numbers are proven.

use crate::support::{
    Hub, MailServer, Twilio,
    people::master_key,
    practice::{Caller, Practice},
};
use carehub::{
    accounts::Role,
    crypto::Keyring,
    ids::OutboxId,
    notify::{
        Channel,
        contact::reachable,
        content::{Content, Page},
        outbox::{self, Delivery, Recipient},
    },
};
use serde_json::json;
use std::time::{Duration, Instant};

pub struct Office {
    pub practice: Practice,
    pub mail: MailServer,
    pub twilio: Twilio,
    /// Of its hub.
    settings: Vec<(String, String)>,
}

impl Office {
    pub async fn open() -> Self {
        Self::open_with(&[]).await
    }

    pub async fn open_with(further: &[(&str, &str)]) -> Self {
        let (mail, twilio) = (MailServer::start(), Twilio::start());
        let mut settings = twilio.settings();
        settings.push(("SMTP_URL".into(), mail.url()));
        settings.push(("CAREHUB_MAIL_FROM".into(), "Elm Street <portal@example.org>".into()));
        settings.extend(further.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { practice: Practice::start_with(&borrowed(&settings)).await, mail, twilio, settings }
    }

    /// A second hub on the same store, with the same settings.
    pub async fn second_hub(&self) -> Hub {
        Hub::start_with(&self.practice.database, &borrowed(&self.settings)).await
    }

    /// Somebody whose number this is.
    pub async fn person(&self, name: &str, role: Role, number: &str) -> Caller {
        let person = self.practice.person(name, role).await;
        self.prove(&person, number).await;
        person
    }

    pub async fn prove(&self, person: &Caller, number: &str) {
        let (path, sent) = (format!("{}/account/phone", person.door()), self.twilio.texts(number).len());
        person.put(&path, json!({"number": number})).await.expect(202);
        let code = code(&self.twilio.nth(number, sent + 1).await.body);
        person.post(&format!("{path}/verify"), json!({"code": code})).await.expect(204);
    }

    /// Queues something to each of somebody's addresses on a channel.
    pub async fn queue(
        &self,
        to: &Caller,
        channel: Channel,
        content: impl Into<Content> + Clone,
        delivery: Delivery,
    ) -> Vec<OutboxId> {
        let mut conn = self.practice.database.connect().await;
        let addresses: Vec<String> = match channel {
            Channel::Email => vec![to.email.clone()],
            _ => {
                let found = reachable(&mut conn, to.id).await.unwrap().into_iter();
                found.filter(|(way, _)| *way == channel).map(|(_, id)| id.to_string()).collect()
            }
        };
        let keyring = Keyring::new(master_key());
        let mut queued = Vec::new();
        for address in addresses {
            let recipient =
                Recipient { practice: self.practice.id, user: Some(to.id), channel, address, language: "en".into() };
            queued.push(outbox::queue(&mut conn, &keyring, &recipient, content.clone(), delivery).await.unwrap());
        }
        queued
    }

    /// Calls somebody, urgently.
    pub async fn page(&self, to: &Caller, channel: Channel) -> OutboxId {
        let delivery = Delivery { urgent: true, ..Delivery::default() };
        let queued = self.queue(to, channel, page(false), delivery).await;
        assert_eq!(queued.len(), 1, "one address by {channel:?}");
        queued[0]
    }

    /// State, tries and code of a row, and whether its words are kept.
    pub async fn row(&self, id: OutboxId) -> String {
        let look = format!(
            "SELECT concat_ws(' ', state, attempts, last_error, CASE WHEN sealed <> '' THEN 'kept' END) FROM outbox
            WHERE id = '{id}'"
        );
        self.practice.database.query(&look).await.remove(0)
    }

    pub async fn becomes(&self, id: OutboxId, expected: &str) {
        let until = Instant::now() + Duration::from_secs(40);
        loop {
            let last = self.row(id).await;
            if last == expected {
                return;
            }
            assert!(Instant::now() < until, "the row is {last:?}, not {expected:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// As if the wait were over.
    pub async fn make_due(&self) {
        self.practice.database.query("UPDATE outbox SET due_at = now() WHERE state = 'waiting'").await;
    }
}

fn borrowed(settings: &[(String, String)]) -> Vec<(&str, &str)> {
    settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

pub fn page(drill: bool) -> Page {
    Page { path: "/ack/s3cret".into(), drill }
}

/// The six digits in a text message.
pub fn code(text: &str) -> String {
    let digits = text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6);
    digits.unwrap_or_else(|| panic!("no code in {text:?}")).to_owned()
}
