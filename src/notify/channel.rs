//! The ways to tell somebody something. Knows no provider.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Channel {
    /// Within Carehub: live, and listed. Never by the outbox.
    InApp,
    Email,
    Sms,
    /// Web push, to each browser that subscribed.
    Push,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::InApp, Self::Email, Self::Sms, Self::Push];

    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InApp => "inApp",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Push => "push",
        }
    }

    /// The one that is stored so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text)
    }
}
