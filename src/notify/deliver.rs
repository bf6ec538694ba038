//! One row of the outbox on its way: opened, put into words, given to its provider. Decides what a refusal means for the
//! row, and for the address that it was meant for.

use super::{
    Content,
    channel::Channel,
    contact::{consent, number, point},
    due::{Due, Outcome},
    lane::Lane,
    message,
    outbox::Letter,
    provider::{Again, Given, Refusal},
    push::{Pusher, Subscription, send::Timing},
    relay::Work,
    secrets::Digester,
    sms::Twilio,
    transport::Transport,
    unsubscribe,
    wording::{self, Setting, short},
};
use crate::{
    crypto::{Keyring, Place},
    ids::ContactPointId,
};
use std::time::Duration;
use url::Url;

/// Who takes messages.
pub struct Providers {
    /// None: e-mails wait.
    pub email: Option<Transport>,
    /// None: text messages are given up at once, so that staff see it.
    pub sms: Option<Twilio>,
    pub push: Pusher,
}

impl Providers {
    /// The same, with connections of its own on this runtime, so that no page waits for one that a reminder holds.
    pub(super) fn anew(&self) -> Self {
        let email = self.email.as_ref().map(Transport::anew);
        Self { email, sms: self.sms.clone(), push: self.push.clone() }
    }

    /// Whether rows of this channel are taken at all.
    pub(super) fn takes(&self, channel: Channel) -> bool {
        channel != Channel::Email || self.email.is_some()
    }
}

/// Where a message goes.
enum Address {
    Email(String),
    Number { number: String, point: Option<ContactPointId> },
    Browser { subscription: Subscription, point: ContactPointId },
}

/// Sends it.
pub(super) async fn deliver(work: &Work, lane: Lane, due: &Due) -> Outcome {
    let given_up = |code: &str| Outcome::GivenUp { code: code.to_owned() };
    if due.is_over {
        return given_up("expired");
    }
    let Some(letter) = open(&work.parts.keyring, due) else { return given_up("unsealable") };
    let address = match find(work, due, &letter).await {
        Ok(address) => address,
        Err(refusal) => return judge(lane, due.attempts, refusal),
    };
    let sent = tokio::time::timeout(lane.patience(), send(work, lane, due, &letter, &address)).await;
    match sent.unwrap_or_else(|_| Err(Refusal::later("timeout"))) {
        Ok(Given { id }) => Outcome::Sent { provider_id: id },
        Err(refusal) => {
            learn(work, &address, refusal.again).await;
            judge(lane, due.attempts, refusal)
        }
    }
}

/// What is sealed in a row.
pub(super) fn open(keyring: &Keyring, due: &Due) -> Option<Letter> {
    let key = keyring.unwrap(&due.key()).ok()?;
    serde_json::from_str(&key.open(Place::Outbox { id: due.id }, &due.sealed).ok()?).ok()
}

async fn find(work: &Work, due: &Due, letter: &Letter) -> Result<Address, Refusal> {
    let channel = due.channel().ok_or_else(|| Refusal::for_good("channel"))?;
    if channel == Channel::Email {
        return Ok(Address::Email(letter.address.clone()));
    }
    let Ok(id) = letter.address.parse::<ContactPointId>() else {
        // The practice's own telephone is no person's contact point.
        let own =
            (channel == Channel::Sms && due.recipient_id.is_none()).then(|| number::read(&letter.address, "").ok());
        return own.flatten().map(|number| Address::Number { number, point: None }).ok_or_else(no_address);
    };
    let away = || Refusal::later("store");
    let mut conn = work.pool.get().await.map_err(|_| away())?;
    let found = point::find(&mut conn, id).await.map_err(|_| away())?.ok_or_else(no_address)?;
    if found.opted_out_at.is_some() {
        return Err(Refusal::opted_out("optedOut"));
    }
    // Only the code that proves a number goes to one that is not proven.
    if Some(found.user_id) != due.recipient_id
        || found.verified_at.is_none() && !matches!(letter.content, Content::PhoneCode(_))
    {
        return Err(no_address());
    }
    let text = found.open(&work.parts.keyring).map_err(|_| Refusal::for_good("unsealable"))?;
    match channel {
        Channel::Sms => Ok(Address::Number { number: text, point: Some(id) }),
        _ => match serde_json::from_str(&text) {
            Ok(subscription) => Ok(Address::Browser { subscription, point: id }),
            Err(_) => Err(no_address()),
        },
    }
}

/// It was taken away, or changed, since.
fn no_address() -> Refusal {
    Refusal::for_good("address")
}

async fn send(work: &Work, lane: Lane, due: &Due, letter: &Letter, address: &Address) -> Result<Given, Refusal> {
    let (providers, hub) = (&work.providers, &work.parts.hub);
    let setting = Setting { hub, zone: due.time_zone.parse().unwrap_or(chrono_tz::UTC) };
    let (content, language) = (&letter.content, letter.language.as_str());
    match address {
        Address::Email(address) => {
            let transport = providers.email.as_ref().ok_or_else(|| Refusal::later("notConfigured"))?;
            let wording = wording::of(content, language, setting);
            let ended_at = unsubscribe_link(work, due, content).await?;
            let message = message::build(due.id, &transport.from, address, &wording, ended_at.as_ref());
            let message = message.map_err(|_| Refusal::nobody("address"))?;
            transport.send(due.id.to_string(), message).await
        }
        Address::Number { number, .. } => {
            let twilio = providers.sms.as_ref().ok_or_else(|| Refusal::for_good("notConfigured"))?;
            twilio.send(due.id, number, &short::text(content, language, setting), hub).await
        }
        Address::Browser { subscription, .. } => {
            let urgent = lane == Lane::Urgent;
            let wake = short::wake(due.id, content, language, setting, urgent);
            let timing = Timing { now: work.parts.clock.now(), expires_at: due.expires_at, urgent };
            providers.push.send(due.id, subscription, &wake, timing).await
        }
    }
}

/// Where such e-mails are ended by their person, if they may be.
async fn unsubscribe_link(work: &Work, due: &Due, content: &Content) -> Result<Option<Url>, Refusal> {
    let Some(user) = due.recipient_id.filter(|_| content.may_be_ended()) else { return Ok(None) };
    let away = || Refusal::later("store");
    let mut conn = work.pool.get().await.map_err(|_| away())?;
    let digester = Digester::find(&mut conn, &work.parts.keyring).await.map_err(|_| away())?;
    Ok(unsubscribe::link(&digester, &work.parts.hub, user))
}

/// What a refusal says of the address is kept: nothing further is sent there.
async fn learn(work: &Work, address: &Address, again: Again) {
    let Ok(mut conn) = work.pool.get().await else { return };
    let learned = match (address, again) {
        (Address::Browser { point, .. }, Again::Nobody) => point::delete(&mut conn, *point).await.map_err(Into::into),
        (Address::Number { number, point: Some(_) }, Again::OptedOut) => {
            consent::set(&mut conn, &work.parts.keyring, number, true, "provider").await
        }
        _ => return,
    };
    if learned.is_err() {
        tracing::warn!("what a provider said of an address could not be kept; it is asked again the next time");
    }
}

fn judge(lane: Lane, attempts: i32, refusal: Refusal) -> Outcome {
    let Refusal { again, code } = refusal;
    match again {
        Again::Never | Again::OptedOut => Outcome::GivenUp { code },
        Again::Nobody => Outcome::Bounced { code },
        Again::Later(_) if attempts >= lane.attempts() => Outcome::GivenUp { code },
        Again::Later(asked) => {
            let at_least: Duration = asked.min(lane.longest_wait());
            Outcome::Later { after: lane.wait(attempts), at_least, code }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_may_ask_for_patience_but_not_for_ever() {
        let wait = |asked: u64| {
            let again = Again::Later(Duration::from_secs(asked));
            match judge(Lane::Urgent, 1, Refusal { again, code: "twilio 20429".into() }) {
                Outcome::Later { after, at_least, .. } => (after.as_secs(), at_least.as_secs()),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(wait(0), (5, 0));
        assert_eq!(wait(17), (5, 17));
        assert_eq!(wait(1_000_000), (5, 400));
        let last = judge(Lane::Urgent, Lane::Urgent.attempts(), Refusal::later("x"));
        assert_eq!(last, Outcome::GivenUp { code: "x".into() });
    }
}
