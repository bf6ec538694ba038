//! Asking Stripe. Requests are made by async-stripe's types; they leave by the hub's own way out, which bounds the answer
//! in time and size, follows no redirect and reaches no address inside. Of an answer only the few fields are read that
//! [`super::objects`] names: a field that Stripe adds, drops or renames elsewhere breaks nothing. Never logs a body.

use super::objects::{Intent, is_id};
use crate::{
    config::{Profile, StripeSettings},
    egress::{Answer, Egress, Failure, Reach},
};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use std::{sync::Arc, time::Duration};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest, VERSION};
use tokio::sync::Notify;
use url::Url;

/// Stripe's own.
const API: &str = "https://api.stripe.com";
/// A call is answered within this. A payment that takes longer is looked up afterwards.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// A page of a hundred payments is half of it.
const ANSWER_BYTES: usize = 2 * 1024 * 1024;

/// An account at Stripe. Cheap to clone.
#[derive(Clone)]
pub struct Stripe {
    egress: Egress,
    api: Url,
    secret: Arc<SecretString>,
    settings: Arc<StripeSettings>,
    bell: Arc<Notify>,
}

/// Why there is no answer that could be used.
#[derive(Debug)]
pub enum Trouble {
    /// The bank said no. Nothing was taken.
    Declined { code: String, intent: Option<Box<Intent>> },
    /// Stripe does not do this. Nothing was taken.
    Refused { status: u16, code: String },
    /// Whether it was done is not known, or it may be done later: for the log, in a word.
    Unsure(&'static str),
}

impl Trouble {
    /// Of a question: that it is refused says nothing of what it was about, which may have been made all the same.
    pub(super) fn of_a_question(self) -> Self {
        match self {
            Self::Unsure(why) => Self::Unsure(why),
            Self::Declined { code, .. } | Self::Refused { code, .. } => {
                tracing::warn!(code, "stripe refuses to tell");
                Self::Unsure("refused")
            }
        }
    }
}

/// What is read of a refusal.
#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default, rename = "type")]
    kind: String,
    code: Option<String>,
    decline_code: Option<String>,
    payment_intent: Option<Box<Intent>>,
}

impl Stripe {
    /// As configured.
    ///
    /// # Errors
    /// When the API's address cannot be one.
    pub fn new(settings: &StripeSettings, profile: Profile) -> anyhow::Result<Self> {
        let reach = if profile == Profile::Production { Reach::Public } else { Reach::PublicAndLoopback };
        let egress = Egress::new(reach, PATIENCE)?;
        let api = settings.api_url.as_ref().map_or(API, Url::as_str).trim_end_matches('/');
        let api = egress.check(&format!("{api}/v1")).map_err(|why| anyhow::anyhow!("CAREHUB_STRIPE_API_URL: {why}"))?;
        let secret = Arc::new(settings.secret_key.clone());
        Ok(Self { egress, api, secret, settings: Arc::new(settings.clone()), bell: Arc::default() })
    }

    /// What events are signed with.
    pub fn webhook_secrets(&self) -> &[SecretString] {
        &self.settings.webhook_secrets
    }

    /// For the script in the browser.
    pub fn publishable_key(&self) -> &str {
        &self.settings.publishable_key
    }

    /// Where the browser loads it from.
    pub fn script(&self) -> &Url {
        &self.settings.js_url
    }

    /// Wakes the engine: something was written down that it is to carry on.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Asks for something, or to change something that is the same however often it is asked.
    ///
    /// # Errors
    /// When there is no answer that could be used.
    pub async fn ask<T: DeserializeOwned>(&self, request: &impl StripeRequest) -> Result<T, Trouble> {
        self.send(request.build(), None).await
    }

    /// Asks to make something, once however often this is repeated within 24 hours under the same key.
    ///
    /// # Errors
    /// When there is no answer that could be used.
    pub async fn make<T: DeserializeOwned>(&self, request: &impl StripeRequest, key: &str) -> Result<T, Trouble> {
        self.send(request.build(), Some(key)).await
    }

    async fn send<T: DeserializeOwned>(&self, wanted: RequestBuilder, key: Option<&str>) -> Result<T, Trouble> {
        let mut url = self.api.clone();
        url.set_path(&format!("{}{}", self.api.path(), wanted.path));
        url.set_query(wanted.query.as_deref());
        let method = match wanted.method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let mut request = self
            .egress
            .request(method, url)
            .bearer_auth(self.secret.expose_secret())
            .header("stripe-version", VERSION.as_str());
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(form) = wanted.body {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        }
        judge(self.egress.send_within(request.build(), ANSWER_BYTES).await)
    }
}

fn judge<T: DeserializeOwned>(answer: Result<Answer, Failure>) -> Result<T, Trouble> {
    let answer = answer.map_err(|failure| Trouble::Unsure(failure.code()))?;
    if answer.status == StatusCode::OK {
        return serde_json::from_slice(&answer.body).map_err(|_| Trouble::Unsure("answer"));
    }
    let status = answer.status.as_u16();
    // What does not speak as Stripe does is not Stripe: a proxy on the way, perhaps, and the request may have arrived.
    let Ok(Refusal { error }) = serde_json::from_slice(&answer.body) else { return Err(Trouble::Unsure("answer")) };
    let code = error.decline_code.or(error.code).filter(|code| is_word(code)).unwrap_or_default();
    match (status, error.kind.as_str()) {
        (402, _) => {
            let intent = error.payment_intent.filter(|intent| is_id(&intent.id, "pi_"));
            Err(Trouble::Declined { code, intent })
        }
        // The key was used for something else: what became of that is looked up.
        (_, "idempotency_error") => Err(Trouble::Unsure("idempotency")),
        (400 | 404, _) => Err(Trouble::Refused { status, code }),
        (401 | 403, _) => Err(Trouble::Unsure("credentials")),
        (409 | 429, _) => Err(Trouble::Unsure("busy")),
        _ => Err(Trouble::Unsure("fault")),
    }
}

/// A code as Stripe's are, and nothing else that would go into the store.
fn is_word(text: &str) -> bool {
    text.len() <= 60 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    fn judged(status: u16, body: &str) -> Result<Intent, Trouble> {
        let status = StatusCode::from_u16(status).unwrap();
        judge(Ok(Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }))
    }

    #[test]
    fn what_stripe_answers_is_taken_for_what_it_means_and_nothing_more() {
        let declined = r#"{"error": {"type": "card_error", "code": "card_declined", "decline_code": "lost_card"}}"#;
        assert!(matches!(judged(402, declined), Err(Trouble::Declined { code, .. }) if code == "lost_card"));
        let refused = r#"{"error": {"type": "invalid_request_error", "code": "resource_missing"}}"#;
        assert!(
            matches!(judged(404, refused), Err(Trouble::Refused { status: 404, code }) if code == "resource_missing")
        );
        let forged = r#"{"error": {"type": "card_error", "code": "<script>"}}"#;
        assert!(matches!(judged(402, forged), Err(Trouble::Declined { code, .. }) if code.is_empty()));
        let other = r#"{"error": {"type": "idempotency_error"}}"#;
        for (status, body) in [
            (400, other),
            (400, "<html>"),
            (401, r#"{"error": {"type": "invalid_request_error"}}"#),
            (402, "<html>"),
            (429, refused),
            (500, refused),
            (500, ""),
            (302, ""),
            (200, "<html>"),
            (200, "{}"),
            (200, r#"{"id": "pi_1", "amount": "much"}"#),
            (201, "{}"),
        ] {
            assert!(matches!(judged(status, body), Err(Trouble::Unsure(_))), "{status} {body}");
        }
        assert!(matches!(judge::<Intent>(Err(Failure::Timeout)), Err(Trouble::Unsure("timeout"))));
    }
}
