//! What a notice is when it leaves Carehub: its kind and where it leads. Never what it is about.

use super::kind::Kind;
use serde::{Deserialize, Serialize};

/// One notice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    pub kind: Kind,
    /// Below the public URL.
    pub path: String,
    /// What a device posts to say that it showed a push; good once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
}

/// Several notices in one e-mail.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Digest {
    /// How many of each kind.
    pub counts: Vec<(Kind, u32)>,
    /// Below the public URL.
    pub path: String,
}
