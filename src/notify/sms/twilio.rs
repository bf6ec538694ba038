//! Giving a text message to Twilio, and what its answer means. Twilio takes no key against doubles: a message whose
//! answer got lost is sent again, so that it comes at least once.

use crate::{
    config::{Profile, TwilioSettings},
    egress::{Answer, Egress, Failure, Reach},
    ids::OutboxId,
    notify::provider::{Given, Refusal},
};
use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use url::Url;

/// Twilio's own.
const API: &str = "https://api.twilio.com";
/// A call is answered within this.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where reports are taken.
pub const STATUS: &str = "/hooks/twilio/status";
/// Codes of errors by which nobody is at a number, or none that takes text messages:
/// invalid, not mobile, cannot be reached by this sender, landline.
const NOBODY: &[u32] = &[21211, 21217, 21612, 21614, 30003, 30005, 30006];
/// The number answered STOP.
pub(super) const OPTED_OUT: u32 = 21610;

/// An account at Twilio. Cheap to clone.
#[derive(Clone)]
pub struct Twilio {
    egress: Egress,
    messages: Url,
    account: Arc<str>,
    token: Arc<SecretString>,
    sender: Sender,
    /// It may be told an address without TLS: a stand-in on this machine.
    is_stand_in: bool,
}

/// From which number messages come.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Sender {
    Number(Arc<str>),
    Service(Arc<str>),
}

/// What is read of a message that was made.
#[derive(Deserialize)]
struct Made {
    sid: String,
}

/// What is read of a refusal.
#[derive(Deserialize)]
struct Refused {
    code: u32,
}

impl Twilio {
    /// As configured. None: no text messages.
    ///
    /// # Errors
    /// When a setting is missing or cannot be what it should.
    pub fn new(settings: &TwilioSettings, profile: Profile) -> anyhow::Result<Option<Self>> {
        let Some(account) = &settings.account_sid else { return Ok(None) };
        let token = settings.auth_token.clone().context("TWILIO_AUTH_TOKEN is not set: text messages need it")?;
        if !is_sid(account, "AC") {
            bail!("TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits");
        }
        let sender = match &settings.from {
            Some(from) if is_sid(from, "MG") => Sender::Service(from.as_str().into()),
            Some(from) => Sender::Number(number(from)?.into()),
            None => {
                bail!("TWILIO_FROM is not set: the number, or the messaging service (MG…), that messages come from")
            }
        };
        let reach = if profile == Profile::Production { Reach::Public } else { Reach::PublicAndLoopback };
        let egress = Egress::new(reach, PATIENCE)?;
        let api = settings.api_url.as_ref().map_or(API, Url::as_str).trim_end_matches('/');
        let messages = egress
            .check(&format!("{api}/2010-04-01/Accounts/{account}/Messages.json"))
            .map_err(|why| anyhow::anyhow!("TWILIO_API_URL: {why}"))?;
        let (account, token) = (account.as_str().into(), Arc::new(token));
        Ok(Some(Self { egress, messages, account, token, sender, is_stand_in: settings.api_url.is_some() }))
    }

    /// What requests of Twilio are signed with.
    pub fn auth_token(&self) -> &SecretString {
        &self.token
    }

    /// Whether a request is about this account.
    pub fn is_ours(&self, account: &str) -> bool {
        *self.account == *account
    }

    /// Sends. What becomes of it is reported to `hub`.
    pub async fn send(&self, id: OutboxId, to: &str, text: &str, hub: &Url) -> Result<Given, Refusal> {
        let mut form = vec![("To", to.to_owned()), ("Body", text.to_owned())];
        form.push(match &self.sender {
            Sender::Number(number) => ("From", number.to_string()),
            Sender::Service(service) => ("MessagingServiceSid", service.to_string()),
        });
        // Twilio refuses messages with an address for reports that it cannot reach.
        let callback = hub.join(STATUS).ok().filter(|url| url.scheme() == "https" || self.is_stand_in);
        if let Some(mut callback) = callback {
            // A report may come before the answer: it names the row by itself.
            callback.query_pairs_mut().append_pair("outbox", &id.to_string());
            form.push(("StatusCallback", callback.into()));
        }
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self
            .egress
            .post(self.messages.clone())
            .basic_auth(&self.account, Some(self.token.expose_secret()))
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        judge(self.egress.send(request.build()).await)
    }
}

fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A number, or the few digits of a short code.
fn number(from: &str) -> anyhow::Result<String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = digits(from) && (5..=6).contains(&from.len());
    let is_number = from.strip_prefix('+').is_some_and(|rest| digits(rest) && (7..=15).contains(&rest.len()));
    match is_short || is_number {
        true => Ok(from.to_owned()),
        false => bail!("TWILIO_FROM must be a number such as +15125550123, a short code, or a messaging service (MG…)"),
    }
}

fn judge(answer: Result<Answer, Failure>) -> Result<Given, Refusal> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return Err(Refusal::later(failure.code())),
    };
    let status = answer.status.as_u16();
    if status == 201 {
        // Anything else under this status is not Twilio: whether it was sent is not known.
        let made = serde_json::from_slice::<Made>(&answer.body).ok().filter(|made| is_message(&made.sid));
        return made.map(|made| Given { id: Some(made.sid) }).ok_or_else(|| Refusal::later("answer"));
    }
    let code = serde_json::from_slice::<Refused>(&answer.body).ok().map(|refused| refused.code);
    match (status, code) {
        (400, Some(OPTED_OUT)) => Err(Refusal::opted_out(format!("twilio {OPTED_OUT}"))),
        (400, Some(code)) if NOBODY.contains(&code) => Err(Refusal::nobody(format!("twilio {code}"))),
        (400, Some(code)) => Err(Refusal::for_good(format!("twilio {code}"))),
        // 401, 403 and 404 are settings that somebody will mend; everything else may pass.
        (_, Some(code)) => Err(Refusal::later(format!("twilio {code}")).not_before(&answer.headers)),
        (_, None) => Err(Refusal::later(format!("http {status}")).not_before(&answer.headers)),
    }
}

/// Twilio's name for a message, and nothing else that would go into the store.
pub(super) fn is_message(sid: &str) -> bool {
    is_sid(sid, "SM") || is_sid(sid, "MM")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::provider::Again;
    use reqwest::{StatusCode, header::HeaderMap};

    fn judged(status: u16, body: &str) -> Result<Given, Refusal> {
        let status = StatusCode::from_u16(status).unwrap();
        judge(Ok(Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }))
    }

    #[test]
    fn what_twilio_answers_is_taken_for_what_it_means_and_nothing_more() {
        let sid = format!("SM{}", "0a".repeat(16));
        assert_eq!(judged(201, &format!(r#"{{"sid": "{sid}", "status": "queued"}}"#)).unwrap().id, Some(sid));
        let again = |status, body: &str| judged(status, body).unwrap_err().again;
        let later = Again::Later(Duration::ZERO);
        for (status, body, expected) in [
            (400, r#"{"code": 21610, "message": "unsubscribed", "status": 400}"#, Again::OptedOut),
            (400, r#"{"code": 21614, "status": 400}"#, Again::Nobody),
            (400, r#"{"code": 21617, "status": 400}"#, Again::Never),
            (401, r#"{"code": 20003, "status": 401}"#, later),
            (429, r#"{"code": 20429, "status": 429}"#, later),
            (500, "<html>", later),
            // Nothing that Twilio would say.
            (400, "<html>", later),
            (201, "<html>", later),
            (201, r#"{"sid": "x'; DROP TABLE outbox"}"#, later),
            (200, "{}", later),
            (302, "", later),
        ] {
            assert_eq!(again(status, body), expected, "{status} {body}");
        }
    }
}
