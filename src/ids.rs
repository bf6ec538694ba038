//! The identifiers, one type each, so that a thread's id cannot stand where a user's is due.

use diesel_derive_newtype::DieselNewType;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, DieselNewType, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id that sorts by the time of its making (UUID v7).
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A practice.
    PracticeId;
    /// A person who signs in: client, clinician, staff or administrator.
    UserId;
    /// A sign-in session; access tokens carry it as `sid`.
    SignInId;
    /// One WebSocket connection, while it lasts.
    ConnectionId;
    /// A thread of messages.
    ThreadId;
    /// An entry of a thread; chosen by its sender.
    EntryId;
    /// A data key.
    DataKeyId;
    /// A grant of emergency access.
    BreakGlassId;
    /// An API key.
    ApiKeyId;
    /// Where somebody is reached: a telephone number, or a browser.
    ContactPointId;
    /// Something that a person was told.
    NotificationId;
    /// One channel of a notification.
    DeliveryId;
    /// What a person is told again and again.
    ReminderId;
    /// A row of the outbox.
    OutboxId;
    /// A legal hold.
    LegalHoldId;
    /// The erasure of a client.
    ErasureId;
    /// A passkey, whatever its authenticator calls it.
    PasskeyId;
    /// A passkey being made or used: challenge and answer.
    CeremonyId;
    /// An invitation of a client or colleague.
    InvitationId;
    /// A version of a practice's escalation policy.
    PolicyId;
    /// A cover or leave in a practice's rota.
    OverrideId;
    /// An emergency that was raised.
    EscalationId;
    /// An instrument that is assigned to a client.
    AssessmentPlanId;
    /// One time that a client is asked to answer an instrument.
    AssessmentId;
    /// A call to one person, by one channel.
    PageId;
}
