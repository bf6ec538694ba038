//! What may leave the hub. None of these types has a field that could hold who is treated by whom, or for what: links of
//! ours, names of practices, codes and times are all there is.

use super::{
    mail::Mail,
    told::{Digest, Told},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One message, without its wording.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Content {
    /// About an account; by e-mail.
    Mail(Mail),
    /// Somebody is needed now.
    Page(Page),
    /// Everybody was called and nobody came: to the practice's own telephone.
    LastResort(Page),
    /// The code that shows that a telephone number is theirs; by text message.
    PhoneCode(PhoneCode),
    /// Something new; by any channel.
    Told(Told),
    /// Several of these; by e-mail.
    Digest(Digest),
}

/// Somebody is needed now; never who needs them, or why.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// Below the public URL: where the emergency is acknowledged, or seen.
    pub path: String,
    /// It says DRILL wherever it is read.
    #[serde(default)]
    pub drill: bool,
}

/// Proves a telephone number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PhoneCode {
    pub code: String,
    pub expires_at: DateTime<Utc>,
}

impl Content {
    /// As stored in `outbox.kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Mail(mail) => mail.kind(),
            Self::Page(page) | Self::LastResort(page) if page.drill => "drill",
            Self::Page(_) => "page",
            Self::LastResort(_) => "lastResort",
            Self::PhoneCode(_) => "phoneCode",
            Self::Told(told) => told.kind.as_str(),
            Self::Digest(_) => "digest",
        }
    }

    /// Whether its person may have no more such e-mails: never those about their account or an emergency.
    pub fn may_be_ended(&self) -> bool {
        match self {
            Self::Mail(_) | Self::Page(_) | Self::LastResort(_) | Self::PhoneCode(_) => false,
            Self::Told(told) => !told.kind.is_urgent(),
            Self::Digest(_) => true,
        }
    }

    /// From when on it is of no use by itself.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Mail(mail) => mail.expires_at(),
            Self::Page(_) | Self::LastResort(_) | Self::Told(_) | Self::Digest(_) => None,
            Self::PhoneCode(code) => Some(code.expires_at),
        }
    }
}

impl From<Mail> for Content {
    fn from(mail: Mail) -> Self {
        Self::Mail(mail)
    }
}

impl From<PhoneCode> for Content {
    fn from(code: PhoneCode) -> Self {
        Self::PhoneCode(code)
    }
}

impl From<Page> for Content {
    fn from(page: Page) -> Self {
        Self::Page(page)
    }
}

/// Links and codes are secrets.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({})", self.kind())
    }
}
