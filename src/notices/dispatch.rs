//! From a channel's turn to rows of the outbox, in one transaction: whoever dies in between has done nothing, and the next
//! look does it. One row for each notice, person and channel (a push has one for each browser), and one for a digest.

use super::{
    person::{self, Person},
    telling,
    turns::{self, Taken},
    ways::{Turn, Verdict},
};
use crate::{
    crypto::{Keyring, secret},
    error::Result,
    ids::{DeliveryId, OutboxId},
    notify::{
        Channel, Content,
        kind::Kind,
        outbox::{self, Delivery, Recipient},
        told::{Digest, Told},
    },
};
use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;

/// Digests of one look.
pub const DIGESTS_AT_ONCE: usize = 1_000;
/// Channels' turns of one transaction.
pub const AT_ONCE: i64 = 200;

/// What goes alone; how many turns there were.
pub async fn send_due(conn: &mut AsyncPgConnection, keyring: &Keyring, now: DateTime<Utc>) -> Result<usize> {
    conn.transaction(async |conn| {
        let taken = turns::take(conn, now, AT_ONCE).await?;
        let people = person::load(conn, &taken.iter().map(|taken| taken.user_id).collect::<Vec<_>>()).await?;
        let mut settled = Vec::new();
        for taken in &taken {
            let Some((turn, person)) = taken.turn().zip(people.get(&taken.user_id)) else {
                settled.push((taken.id, Verdict::Drop { because: "unknown" }));
                continue;
            };
            let verdict = turn.judge(person, now);
            if let Verdict::Send { until } = verdict {
                send(conn, keyring, taken, turn, person, until).await?;
            }
            settled.push((taken.id, verdict));
        }
        turns::settle(conn, &settled).await?;
        Ok(taken.len())
    })
    .await
}

async fn send(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    taken: &Taken,
    turn: Turn,
    person: &Person,
    until: Option<DateTime<Utc>>,
) -> Result<()> {
    // What a device shows for it, so that only the device can have it.
    let is_push = turn.channel == Channel::Push;
    let confirm = is_push.then(secret::random).transpose()?;
    let told = Told {
        kind: turn.kind,
        path: turn.kind.path(person.is_staff, taken.about),
        confirm: confirm.as_ref().map(|secret| secret.expose_secret().to_owned()),
    };
    let queued = queue(conn, keyring, person, turn.channel, Content::Told(told), until).await?;
    let digest = confirm.as_ref().map(secret::digest);
    turns::queued(conn, &[taken.id], &queued, digest).await?;
    Ok(())
}

/// Of the advisory lock: digests are one hub's at a time, so that nobody gets two halves of one.
const DIGESTS: i64 = 0x6361_7265_6875_6203;

/// One person's digest; how many turns it took.
pub async fn send_digest(conn: &mut AsyncPgConnection, keyring: &Keyring, now: DateTime<Utc>) -> Result<usize> {
    conn.transaction(async |conn| {
        if !telling::is_alone(conn, DIGESTS).await? {
            return Ok(0);
        }
        let taken = turns::take_digest(conn, now).await?;
        let Some(user) = taken.first().map(|taken| taken.user_id) else { return Ok(0) };
        let person = person::find(conn, user).await?;
        let mut settled = Vec::new();
        let mut collected = Collected::default();
        for taken in &taken {
            let verdict = match (taken.turn(), &person) {
                (Some(turn), Some(person)) => {
                    let verdict = turn.judge(person, now);
                    collected.add(taken.id, turn.kind, verdict);
                    verdict
                }
                _ => Verdict::Drop { because: "unknown" },
            };
            settled.push((taken.id, verdict));
        }
        turns::settle(conn, &settled).await?;
        if let (Some(person), false) = (person, collected.ids.is_empty()) {
            let digest = Digest { counts: collected.counts.into_iter().collect(), path: "/notifications".to_owned() };
            let content = Content::Digest(digest);
            let queued = queue(conn, keyring, &person, Channel::Email, content, collected.until).await?;
            turns::queued(conn, &collected.ids, &queued, None).await?;
        }
        Ok(taken.len())
    })
    .await
}

/// What a digest is about.
#[derive(Default)]
struct Collected {
    ids: Vec<DeliveryId>,
    counts: BTreeMap<Kind, u32>,
    until: Option<DateTime<Utc>>,
}

impl Collected {
    fn add(&mut self, id: DeliveryId, kind: Kind, verdict: Verdict) {
        if let Verdict::Send { until } = verdict {
            self.ids.push(id);
            *self.counts.entry(kind).or_default() += 1;
            self.until = [self.until, until].into_iter().flatten().min();
        }
    }
}

async fn queue(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    person: &Person,
    channel: Channel,
    content: Content,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<OutboxId>> {
    let delivery = Delivery { expires_at: until, ..Delivery::default() };
    let mut queued = Vec::new();
    for address in person.reach.addresses(channel) {
        let (practice, user, language) = (person.practice, Some(person.id), person.language.clone());
        let to = Recipient { practice, user, channel, address, language };
        queued.push(outbox::queue(conn, keyring, &to, content.clone(), delivery).await?);
    }
    Ok(queued)
}
