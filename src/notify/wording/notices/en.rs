//! English.

use super::{Kind, Language, Outside, Words};

pub(super) const LANGUAGE: Language = Language {
    code: "en",
    title,
    outside,
    digest_subject: "What is new for you",
    digest_text: "Since the last summary, these came up. Sign in to see them.",
    action: "Open Carehub",
    choose: "You choose in your account what you are told of, when, and how.",
};

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::NewMessage => "You have a new message",
        Kind::ThreadAssigned => "A conversation was assigned to you",
        Kind::ThreadHandedOver => "A conversation was handed over to you",
        Kind::ThreadWaiting => "A message waits, and nobody has taken it yet",
        Kind::Emergency => "Emergency: somebody needs you",
        Kind::CoverageHole => "Nobody would be called at some time of the coming week",
        Kind::AppointmentRequested => "An appointment was requested",
        Kind::AppointmentConfirmed => "Your appointment is confirmed",
        Kind::AppointmentChanged => "An appointment was changed",
        Kind::AppointmentCancelled => "An appointment was cancelled",
        Kind::AppointmentReminder => "You have an appointment soon",
        Kind::AppointmentOffered => "A time became free for you",
        Kind::WaitlistRemoved => "You are no longer on a waitlist",
        Kind::FormAssigned => "There is a form for you to fill in",
        Kind::FormDue => "A form is due soon",
        Kind::FormReviewed => "Your form was reviewed",
        Kind::DocumentReceived => "A client handed in or signed a document",
        Kind::SignatureRequested => "A document waits for your signature",
        Kind::AssessmentAssigned => "There is a questionnaire for you to answer",
        Kind::AssessmentDue => "A questionnaire is due soon",
        Kind::DocumentShared => "A document was shared with you",
        Kind::BillIssued => "There is a new bill",
        Kind::PaymentReceived => "Your payment was received",
        Kind::AutopayFailed => "An automatic payment failed",
        Kind::PlanEnded => "Your payment plan was ended",
        Kind::RefundFailed => "A refund did not arrive",
        Kind::PaymentDisputed => "A payment is disputed",
        Kind::RefillRequested => "A refill was requested",
        Kind::RefillDecided => "Your refill request was decided",
        Kind::Reminder => "You asked to be reminded",
        Kind::Security => "Something about your account changed",
    }
}

fn outside(what: Outside) -> Words {
    match what {
        Outside::Message => Words {
            subject: "You have a new message",
            text: "A message waits for you. Sign in to read it.",
            one: "1 conversation with new messages",
            many: "{n} conversations with new messages",
        },
        Outside::Conversation => Words {
            subject: "A conversation waits for you",
            text: "A conversation is yours to look after. Sign in to see it.",
            one: "1 conversation to look after",
            many: "{n} conversations to look after",
        },
        Outside::Appointment => Words {
            subject: "About an appointment",
            text: "There is something to know about an appointment. Sign in to see it.",
            one: "1 thing about an appointment",
            many: "{n} things about appointments",
        },
        Outside::Account => Words {
            subject: "Something about your account changed",
            text: "Something about your account changed. Sign in to see what.",
            one: "1 change of your account",
            many: "{n} changes of your account",
        },
        Outside::Something => Words {
            subject: "Something new waits for you",
            text: "There is something new for you. Sign in to see it.",
            one: "1 other thing",
            many: "{n} other things",
        },
    }
}
