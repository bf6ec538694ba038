//! A person who proved one factor. Holding one lets nobody in yet: whether the account may be used at this door is
//! judged under the lock of its row.

use crate::{
    accounts::{Audience, store::SignInRecord},
    ids::UserId,
};
use chrono::{DateTime, Utc};

/// How somebody proved who they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    Password,
    /// Something they have, unlocked by something they know or are: two factors in one.
    Passkey,
    /// Another provider says so.
    OpenId,
}

impl Proof {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::OpenId => "openId",
        }
    }

    /// Reads what [`Proof::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Password, Self::Passkey, Self::OpenId].into_iter().find(|proof| proof.as_str() == text)
    }

    /// No second factor is asked for.
    pub fn is_enough(self) -> bool {
        self == Self::Passkey
    }
}

/// Somebody who proved a first factor at a door.
pub struct Verified {
    pub(super) user: UserId,
    pub(super) door: Audience,
    pub(super) proof: Proof,
    /// The hash that the password matched: another one since means that the password was changed meanwhile.
    pub(super) password_hash: Option<String>,
}

impl Verified {
    /// By something else than the password. The caller has checked it.
    pub fn by(proof: Proof, user: UserId, door: Audience) -> Self {
        Self { user, door, proof, password_hash: None }
    }

    /// Who it is.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Why this account may not be used here, if so, as a code for the record.
    pub(super) fn refusal(&self, user: &SignInRecord, now: DateTime<Utc>) -> Option<&'static str> {
        // A lock is for passwords: nobody can keep somebody with a passkey out by guessing.
        let guessed = self.proof == Proof::Password;
        let changed = self.password_hash.is_some() && self.password_hash != user.password_hash;
        refusal(user, self.door, guessed, now).or(changed.then_some("passwordChanged"))
    }
}

/// What holds for every way in.
pub(super) fn refusal(
    user: &SignInRecord,
    door: Audience,
    minds_lock: bool,
    now: DateTime<Utc>,
) -> Option<&'static str> {
    if user.audience() != Some(door) {
        Some("wrongDoor")
    } else if user.status != "active" {
        Some("disabled")
    } else if minds_lock && user.locked_until.is_some_and(|until| until > now) {
        Some("locked")
    } else {
        None
    }
}
