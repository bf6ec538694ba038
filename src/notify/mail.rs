//! The kinds of e-mail. Each holds only what may leave the hub: links of ours, names of practices, codes, times.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One e-mail, without its wording.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Mail {
    /// Confirm that this address is yours. `path` is below the public URL.
    VerifyEmail { path: String, expires_at: DateTime<Utc> },
    /// A link to choose a new password.
    ResetPassword { path: String, expires_at: DateTime<Utc> },
    /// An invitation to make an account.
    Invitation { practice: String, path: String, expires_at: DateTime<Utc> },
    /// Somebody registers who has an account already; the caller is not told. `path` leads to the sign-in page.
    RegisteredAlready { path: String },
    /// Something about the account changed or happened; goes to the address that was there before.
    Security { notice: SecurityNotice, at: DateTime<Utc> },
}

/// What happened to an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecurityNotice {
    NewSignIn,
    Registered,
    PasswordChanged,
    EmailChanged,
    SecondFactorAdded,
    SecondFactorRemoved,
    BackupCodeUsed,
    BackupCodesRenewed,
    PasskeyAdded,
    PasskeyRemoved,
    IdentityLinked,
    IdentityUnlinked,
    PhoneChanged,
    AccountLocked,
    /// To the practice's privacy officer and to the client: somebody used emergency access.
    BreakGlass,
}

impl Mail {
    /// As stored in `outbox.kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verifyEmail",
            Self::ResetPassword { .. } => "resetPassword",
            Self::Invitation { .. } => "invitation",
            Self::RegisteredAlready { .. } => "registeredAlready",
            Self::Security { .. } => "security",
        }
    }

    /// From when on it is of no use.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::VerifyEmail { expires_at, .. }
            | Self::ResetPassword { expires_at, .. }
            | Self::Invitation { expires_at, .. } => Some(*expires_at),
            Self::RegisteredAlready { .. } | Self::Security { .. } => None,
        }
    }
}

/// Links are secrets.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mail({})", self.kind())
    }
}
