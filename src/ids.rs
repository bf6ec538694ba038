//! The identifiers, one type each, so that a thread's id cannot stand where a user's is due. They sort by the time of
//! their making, and lists rely on it: a process makes them by the clock that it decides by, so that none made after
//! another sorts before it when somebody sets the machine's time.

use crate::clock::Clock;
use diesel_derive_newtype::DieselNewType;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    str::FromStr,
    sync::{Mutex, OnceLock},
};
use utoipa::ToSchema;
use uuid::{ContextV7, Timestamp, Uuid};

/// Of the process: ids are made everywhere, and are no decisions.
static CLOCK: OnceLock<Clock> = OnceLock::new();
/// Those of one millisecond, and of a clock that is set back, go on from the last one.
static LAST: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// Ids are made by this clock from now on; called once, at the start of a hub. Until then by the system's.
pub fn go_by(clock: &Clock) {
    let _ = CLOCK.set(clock.clone());
}

/// A new id that sorts by the time of its making (UUID v7).
pub fn fresh() -> Uuid {
    let now = CLOCK.get().map_or_else(|| Clock::system().now(), Clock::now);
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(&LAST, seconds, now.timestamp_subsec_nanos()))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, DieselNewType, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id that sorts by the time of its making (UUID v7).
            pub fn new() -> Self {
                Self(fresh())
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
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
    /// A document of a client's record.
    DocumentId;
    /// A signature under one.
    SignatureId;
    /// A file that somebody handed in.
    ObjectId;
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
    /// A form of a practice.
    FormId;
    /// A form that a client is to fill in.
    FormAssignmentId;
    /// A form that a client filled in.
    FormSubmissionId;
    /// What a person is told again and again.
    ReminderId;
    /// A row of the outbox.
    OutboxId;
    /// A charge.
    ChargeId;
    /// Money that a client paid.
    PaymentId;
    /// Money that went back.
    RefundId;
    /// A payment by card that somebody began.
    PaymentAttemptId;
    /// Money that a bank took back.
    ChargebackId;
    /// A payment that its payer disputes with the bank.
    DisputeId;
    /// A correction of what a client owes.
    AdjustmentId;
    /// An invoice.
    InvoiceId;
    /// A transaction of the ledger.
    LedgerTransactionId;
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
    /// What a client chose of autopay.
    AutopayChoiceId;
    /// A payment plan.
    PaymentPlanId;
    /// A part of one.
    PlanPartId;
    /// A payment that is taken without its client being there.
    PlannedPaymentId;
    /// One try to take it.
    PlannedTryId;
    /// An appointment.
    AppointmentId;
    /// Appointments that were made together, by one rule.
    SeriesId;
    /// A time at which a clinician is away, or there all the same.
    ExceptionId;
    /// A place on the waitlist.
    WaitingId;
    /// An instrument that is assigned to a client.
    AssessmentPlanId;
    /// One time that a client is asked to answer an instrument.
    AssessmentId;
    /// A call to one person, by one channel.
    PageId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_of_their_making() {
        let made: Vec<Uuid> = (0..10_000).map(|_| fresh()).collect();
        assert!(made.is_sorted() && made.iter().all(|id| id.get_version_num() == 7));
        let (seconds, _) = made[0].get_timestamp().map(|at| at.to_unix()).unwrap();
        assert!((Clock::system().now().timestamp() - seconds as i64).abs() < 60);
    }
}
