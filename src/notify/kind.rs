//! The kinds of notices. A kind is a code: with an id beside it, that is all a notice consists of, so none can say who is
//! treated by whom, or for what. Knows no table and no words.

use super::{channel::Channel, mail::SecurityNotice};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What somebody is told of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NoticeKind)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A message that was not read for a while; one notice a thread, not one a message.
    NewMessage,
    ThreadAssigned,
    ThreadHandedOver,
    /// A client wrote, and nobody has taken the conversation for a while.
    ThreadWaiting,
    /// Told within Carehub; pages go their own way.
    Emergency,
    /// An emergency would reach nobody at some time of the coming week.
    CoverageHole,
    AppointmentRequested,
    AppointmentConfirmed,
    AppointmentChanged,
    AppointmentCancelled,
    AppointmentReminder,
    /// A time that became free, kept for somebody on the waitlist.
    AppointmentOffered,
    /// The practice took somebody off its waitlist.
    WaitlistRemoved,
    FormAssigned,
    FormDue,
    FormReviewed,
    /// An instrument to be answered.
    AssessmentAssigned,
    AssessmentDue,
    DocumentShared,
    /// A client handed a document in, or signed one.
    DocumentReceived,
    SignatureRequested,
    BillIssued,
    PaymentReceived,
    AutopayFailed,
    /// The practice ended a client's payment plan.
    PlanEnded,
    /// Money that was to go back to a client did not arrive.
    RefundFailed,
    /// A client's bank took a payment back.
    PaymentDisputed,
    RefillRequested,
    RefillDecided,
    /// What somebody asked to be reminded of.
    Reminder,
    /// Something about the account; the e-mail of each is written where it happens.
    Security,
}

/// Who a kind is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    Clients,
    Staff,
    Everybody,
}

use Kind::*;

impl Kind {
    /// All of them.
    pub const ALL: [Self; 31] = [
        NewMessage,
        ThreadAssigned,
        ThreadHandedOver,
        ThreadWaiting,
        Emergency,
        CoverageHole,
        AppointmentRequested,
        AppointmentConfirmed,
        AppointmentChanged,
        AppointmentCancelled,
        AppointmentReminder,
        AppointmentOffered,
        WaitlistRemoved,
        FormAssigned,
        FormDue,
        FormReviewed,
        AssessmentAssigned,
        AssessmentDue,
        DocumentShared,
        DocumentReceived,
        SignatureRequested,
        BillIssued,
        PaymentReceived,
        AutopayFailed,
        PlanEnded,
        RefundFailed,
        PaymentDisputed,
        RefillRequested,
        RefillDecided,
        Reminder,
        Security,
    ];

    /// As stored and as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            NewMessage => "newMessage",
            ThreadAssigned => "threadAssigned",
            ThreadHandedOver => "threadHandedOver",
            ThreadWaiting => "threadWaiting",
            Emergency => "emergency",
            CoverageHole => "coverageHole",
            AppointmentRequested => "appointmentRequested",
            AppointmentConfirmed => "appointmentConfirmed",
            AppointmentChanged => "appointmentChanged",
            AppointmentCancelled => "appointmentCancelled",
            AppointmentReminder => "appointmentReminder",
            AppointmentOffered => "appointmentOffered",
            WaitlistRemoved => "waitlistRemoved",
            FormAssigned => "formAssigned",
            FormDue => "formDue",
            FormReviewed => "formReviewed",
            AssessmentAssigned => "assessmentAssigned",
            AssessmentDue => "assessmentDue",
            DocumentShared => "documentShared",
            DocumentReceived => "documentReceived",
            SignatureRequested => "signatureRequested",
            BillIssued => "billIssued",
            PaymentReceived => "paymentReceived",
            AutopayFailed => "autopayFailed",
            PlanEnded => "planEnded",
            RefundFailed => "refundFailed",
            PaymentDisputed => "paymentDisputed",
            RefillRequested => "refillRequested",
            RefillDecided => "refillDecided",
            Reminder => "reminder",
            Security => "security",
        }
    }

    /// Reads what [`Kind::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Who is told of such things.
    pub fn audience(self) -> Audience {
        match self {
            ThreadAssigned | ThreadHandedOver | ThreadWaiting | CoverageHole | AppointmentRequested
            | RefillRequested | DocumentReceived | RefundFailed | PaymentDisputed => Audience::Staff,
            SignatureRequested | PlanEnded => Audience::Clients,
            FormAssigned | FormDue | DocumentShared | BillIssued | PaymentReceived | AutopayFailed | RefillDecided => {
                Audience::Clients
            }
            FormReviewed | AppointmentOffered | WaitlistRemoved | AssessmentAssigned | AssessmentDue => {
                Audience::Clients
            }
            NewMessage | Emergency | AppointmentConfirmed | AppointmentChanged | AppointmentCancelled
            | AppointmentReminder | Reminder | Security => Audience::Everybody,
        }
    }

    /// Told at any hour.
    pub fn is_urgent(self) -> bool {
        matches!(self, Emergency | Security)
    }

    /// The ways outside of Carehub that a person may choose among. An emergency's pages and a security notice's e-mail
    /// are written where they happen, and are nobody's choice.
    pub fn channels(self) -> &'static [Channel] {
        match self {
            Emergency => &[],
            Security => &[Channel::Push],
            _ => &[Channel::Push, Channel::Sms, Channel::Email],
        }
    }

    /// The ways of somebody who chose nothing. Text messages are few: some pay for each.
    pub fn default_channels(self) -> &'static [Channel] {
        match self {
            AppointmentReminder | AppointmentOffered | Reminder => self.channels(),
            Emergency | Security => self.channels(),
            // Everybody who could take it is told: of no use in a mailbox.
            ThreadWaiting => &[Channel::Push],
            _ => &[Channel::Push, Channel::Email],
        }
    }

    /// Where it leads, below the public URL: a page that asks who is there before it shows anything.
    pub fn path(self, for_staff: bool, about: Option<Uuid>) -> String {
        let home = if for_staff { "/ehr" } else { "/portal" };
        match (self, about) {
            (NewMessage | ThreadAssigned | ThreadHandedOver | ThreadWaiting | Emergency, Some(thread)) => {
                let folder = if for_staff { "threads" } else { "messages" };
                format!("{home}/{folder}/{thread}")
            }
            (DocumentShared | SignatureRequested | DocumentReceived, Some(document)) => {
                format!("{home}/documents/{document}")
            }
            (
                AppointmentRequested | AppointmentConfirmed | AppointmentChanged | AppointmentCancelled
                | AppointmentReminder | AppointmentOffered,
                Some(appointment),
            ) => format!("{home}/appointments/{appointment}"),
            (FormAssigned | FormDue, Some(form)) => format!("{home}/forms/{form}"),
            (FormReviewed, Some(submission)) => format!("{home}/forms/submissions/{submission}"),
            // The word says no more than that something is asked.
            (AssessmentAssigned | AssessmentDue, Some(assessment)) if !for_staff => {
                format!("/portal/questionnaires/{assessment}")
            }
            (WaitlistRemoved, _) if !for_staff => "/portal/appointments".to_owned(),
            (BillIssued, Some(invoice)) if !for_staff => format!("/portal/billing/invoices/{invoice}"),
            (BillIssued | PaymentReceived, _) if !for_staff => "/portal/billing".to_owned(),
            (PlanEnded, _) if !for_staff => "/portal/billing/plans".to_owned(),
            (RefundFailed | PaymentDisputed, Some(client)) if for_staff => format!("/ehr/billing/clients/{client}"),
            (AutopayFailed, _) if !for_staff => "/portal/billing/methods".to_owned(),
            (Security, _) if for_staff => "/ehr/account".to_owned(),
            (Security, _) => "/portal/account/security".to_owned(),
            _ => "/notifications".to_owned(),
        }
    }
}

/// What happened to an account, as it is stored beside [`Kind::Security`].
pub fn parse_security(code: &str) -> Option<SecurityNotice> {
    serde_json::from_value(serde_json::Value::String(code.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_stored_as_it_is_sent() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn a_link_holds_nothing_but_an_id() {
        let id = Uuid::from_u128(7);
        for kind in Kind::ALL {
            for for_staff in [true, false] {
                let path = kind.path(for_staff, Some(id)).replace(&id.to_string(), "");
                assert!(path.starts_with('/') && path.bytes().all(|b| b.is_ascii_alphabetic() || b == b'/'), "{path}");
            }
        }
    }
}
