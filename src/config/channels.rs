//! Settings of text messages, web push and notices. Checked further where they are used.

use super::{Profile, Source, keys};
use anyhow::bail;
use chrono::TimeDelta;
use secrecy::SecretString;
use url::Url;

/// How text messages leave; checked by `notify::sms`.
#[derive(Clone, Debug, Default)]
pub struct TwilioSettings {
    /// None: there are no text messages.
    pub account_sid: Option<String>,
    pub auth_token: Option<SecretString>,
    pub from: Option<String>,
    /// None: Twilio's own.
    pub api_url: Option<Url>,
}

/// How push messages leave; checked by `notify::push`.
#[derive(Clone, Debug, Default)]
pub struct PushSettings {
    /// None: made once, and kept in the store.
    pub private_key: Option<SecretString>,
    /// Whom a push service may write to.
    pub contact: Option<String>,
    /// Push messages may go to this machine itself.
    pub loopback: bool,
}

/// Longer, and it is forgotten what was unread.
const LONGEST_GRACE: u32 = 86_400;

/// How long a message may lie unread.
pub(super) fn notice_grace(source: &Source) -> anyhow::Result<TimeDelta> {
    let seconds: u32 = source.parsed(&keys::NOTICE_GRACE_SECONDS)?;
    if seconds > LONGEST_GRACE {
        bail!("{} is {seconds}: give at most {LONGEST_GRACE}, a day", keys::NOTICE_GRACE_SECONDS.name);
    }
    Ok(TimeDelta::seconds(seconds.into()))
}

impl TwilioSettings {
    pub(super) fn read(source: &Source) -> anyhow::Result<Self> {
        Ok(Self {
            account_sid: source.text(&keys::TWILIO_ACCOUNT_SID),
            auth_token: source.text(&keys::TWILIO_AUTH_TOKEN).map(SecretString::from),
            from: source.text(&keys::TWILIO_FROM),
            api_url: source.optional(&keys::TWILIO_API_URL)?,
        })
    }
}

impl PushSettings {
    pub(super) fn read(source: &Source, profile: Profile) -> anyhow::Result<Self> {
        let loopback = source.parsed(&keys::OUTGOING_LOOPBACK)?;
        if loopback && profile == Profile::Production {
            bail!("{} is true: a hub in production calls no server of its own machine", keys::OUTGOING_LOOPBACK.name);
        }
        let contact = source.text(&keys::PUSH_CONTACT);
        let is_address = |text: &String| text.starts_with("mailto:") || text.starts_with("https://");
        if contact.as_ref().is_some_and(|text| !is_address(text)) {
            bail!("{} must begin with mailto: or https://", keys::PUSH_CONTACT.name);
        }
        Ok(Self { private_key: source.text(&keys::VAPID_PRIVATE_KEY).map(SecretString::from), contact, loopback })
    }
}
