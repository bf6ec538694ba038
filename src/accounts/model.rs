//! Roles, people, and who a caller is.

use crate::ids::{PracticeId, SignInId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a person is to the practice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    Client,
    Clinician,
    Staff,
    Admin,
}

impl Role {
    /// Everybody who works for the practice.
    pub fn is_staff(self) -> bool {
        self != Self::Client
    }

    /// As stored and as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Clinician => "clinician",
            Self::Staff => "staff",
            Self::Admin => "admin",
        }
    }

    /// Reads what [`Role::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Client, Self::Clinician, Self::Staff, Self::Admin].into_iter().find(|role| role.as_str() == text)
    }

    /// The door that this role signs in at.
    pub fn audience(self) -> Audience {
        if self.is_staff() { Audience::Ehr } else { Audience::Portal }
    }
}

/// Which half of the product a session opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    Portal,
    Ehr,
}

impl Audience {
    /// The `aud` of access tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Portal => "carehub-portal",
            Self::Ehr => "carehub-ehr",
        }
    }

    /// Reads what [`Audience::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Portal, Self::Ehr].into_iter().find(|audience| audience.as_str() == text)
    }
}

/// A person as others see them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub role: Role,
}

/// Who is calling, settled from a credential; valid at the moment it was made.
#[derive(Clone, Debug)]
pub struct Identity {
    pub user: UserId,
    pub practice: PracticeId,
    pub role: Role,
    pub name: String,
    /// ISO 639-1: what pages speak to them in, where words matter most.
    pub language: String,
    /// Others may see when the caller is online and when they are writing.
    pub shows_presence: bool,
    pub sign_in: SignInId,
    /// When the credential ends: the token's `exp`, or the session's end for a cookie.
    pub expires_at: DateTime<Utc>,
    /// The user's own allowance, where the record has one.
    pub sends_per_minute: Option<u32>,
}

impl Identity {
    /// As others see the caller.
    pub fn person(&self) -> Person {
        Person { id: self.user, name: self.name.clone(), role: self.role }
    }
}
