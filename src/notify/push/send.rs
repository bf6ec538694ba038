//! Giving a message to a push service, and what its answer means.

use super::{Subscription, Vapid};
use crate::{
    egress::{Answer, Egress, Failure},
    ids::OutboxId,
    notify::provider::{Given, Refusal},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::sync::Arc;

/// So long a push service keeps a message for a browser that is away, unless it is of no use before.
const TIME_TO_LIVE: TimeDelta = TimeDelta::hours(24);

/// What the browser shows. Words of ours and an address below the public URL.
#[derive(Serialize, Clone, PartialEq, Eq)]
pub struct Wake {
    pub title: String,
    pub body: String,
    /// Where a click leads.
    pub url: String,
    /// A later message with the same replaces this one.
    pub tag: String,
    pub urgent: bool,
    /// What the browser posts back once it has shown this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
}

/// When and how quickly.
#[derive(Clone, Copy)]
pub struct Timing {
    pub now: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub urgent: bool,
}

/// Sends to push services. Cheap to clone.
#[derive(Clone)]
pub struct Pusher {
    egress: Egress,
    vapid: Arc<Vapid>,
    /// Whom a push service may write to: `mailto:…` or `https://…`.
    contact: Arc<str>,
}

impl Pusher {
    pub fn new(egress: Egress, vapid: Arc<Vapid>, contact: &str) -> Self {
        Self { egress, vapid, contact: contact.into() }
    }

    /// Where subscriptions may lead.
    pub fn egress(&self) -> &Egress {
        &self.egress
    }

    /// What browsers subscribe with.
    pub fn public_key(&self) -> &str {
        self.vapid.public_key()
    }

    /// Sends. A message that is sent twice is shown once: both have the same topic.
    pub async fn send(&self, id: OutboxId, to: &Subscription, wake: &Wake, timing: Timing) -> Result<Given, Refusal> {
        let request = self.request(id, to, wake, timing).ok_or_else(|| Refusal::for_good("subscription"))?;
        judge(self.egress.send(request.build()).await)
    }

    fn request(&self, id: OutboxId, to: &Subscription, wake: &Wake, timing: Timing) -> Option<reqwest::RequestBuilder> {
        let endpoint = self.egress.check(&to.endpoint).ok()?;
        let text = serde_json::to_vec(wake).ok()?;
        let sealed = web_push_native::encrypt(text, &to.public_key()?, &to.auth()?).ok()?;
        let lives =
            timing.expires_at.map_or(TIME_TO_LIVE, |at| (at - timing.now).clamp(TimeDelta::zero(), TIME_TO_LIVE));
        let authorization = self.vapid.authorization(&endpoint, &self.contact, timing.now).ok()?;
        let request = self
            .egress
            .post(endpoint)
            .header("authorization", authorization)
            .header("content-encoding", "aes128gcm")
            .header("content-type", "application/octet-stream")
            .header("ttl", lives.num_seconds())
            .header("urgency", if timing.urgent { "high" } else { "normal" })
            // At most 32 characters of URL-safe base64: an id without its hyphens.
            .header("topic", id.0.simple().to_string())
            .body(sealed);
        Some(request)
    }
}

fn judge(answer: Result<Answer, Failure>) -> Result<Given, Refusal> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure @ Failure::Refused(_)) => return Err(Refusal::for_good(failure.code())),
        Err(failure) => return Err(Refusal::later(failure.code())),
    };
    match answer.status.as_u16() {
        200..=202 | 204 => Ok(Given::default()),
        // The browser unsubscribed, or is no more.
        404 | 410 => Err(Refusal::nobody("push gone")),
        // Too large, or not for our key: never another answer.
        status @ (400 | 401 | 403 | 413) => Err(Refusal::for_good(format!("push {status}"))),
        status => Err(Refusal::later(format!("push {status}")).not_before(&answer.headers)),
    }
}
