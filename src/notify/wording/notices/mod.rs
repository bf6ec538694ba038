//! The words of notices, one file a language. Within Carehub a title says what kind of thing happened. Outside of it, where
//! anybody may read along on a locked phone, no more is said than that a message, an appointment or something else waits.

mod en;
mod es;

use super::{Setting, Wording};
use crate::{
    language::is_spanish,
    notify::{
        kind::Kind,
        mail::SecurityNotice,
        told::{Digest, Told},
    },
};

/// As much as is said of a kind outside of Carehub.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Outside {
    Message,
    Conversation,
    Appointment,
    Account,
    Something,
}

impl Outside {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::NewMessage => Self::Message,
            Kind::ThreadAssigned | Kind::ThreadHandedOver | Kind::ThreadWaiting | Kind::Emergency => Self::Conversation,
            Kind::AppointmentRequested
            | Kind::AppointmentConfirmed
            | Kind::AppointmentChanged
            | Kind::AppointmentCancelled
            | Kind::AppointmentReminder
            | Kind::AppointmentOffered
            | Kind::WaitlistRemoved => Self::Appointment,
            Kind::Security => Self::Account,
            // A form, a document, a bill or a medicine tells more than a stranger need know.
            Kind::CoverageHole
            | Kind::FormAssigned
            | Kind::FormDue
            | Kind::FormReviewed
            | Kind::AssessmentAssigned
            | Kind::AssessmentDue
            | Kind::DocumentShared
            | Kind::DocumentReceived
            | Kind::SignatureRequested
            | Kind::BillIssued
            | Kind::PaymentReceived
            | Kind::AutopayFailed
            | Kind::PlanEnded
            | Kind::RefundFailed
            | Kind::PaymentDisputed
            | Kind::RefillRequested
            | Kind::RefillDecided
            | Kind::Reminder => Self::Something,
        }
    }
}

/// What a language says of one of [`Outside`].
struct Words {
    /// The subject, and what a phone shows.
    subject: &'static str,
    text: &'static str,
    /// In a digest.
    one: &'static str,
    /// `{n}` of them.
    many: &'static str,
}

/// What one language has to say.
struct Language {
    code: &'static str,
    title: fn(Kind) -> &'static str,
    outside: fn(Outside) -> Words,
    digest_subject: &'static str,
    digest_text: &'static str,
    action: &'static str,
    /// Where to say that one wants no more of them.
    choose: &'static str,
}

fn language(asked: &str) -> &'static Language {
    if is_spanish(asked) { &es::LANGUAGE } else { &en::LANGUAGE }
}

/// The title within Carehub.
pub fn title(kind: Kind, security: Option<SecurityNotice>, asked: &str) -> &'static str {
    match (kind, security) {
        (Kind::Security, Some(notice)) => (super::phrases(asked).notice)(notice).0,
        _ => (language(asked).title)(kind),
    }
}

/// A notice as it leaves.
pub fn told(told: &Told, asked: &str, setting: Setting<'_>) -> Wording {
    let language = language(asked);
    let words = (language.outside)(Outside::of(told.kind));
    Wording {
        language: language.code,
        subject: words.subject.to_owned(),
        paragraphs: vec![words.text.to_owned(), language.choose.to_owned()],
        action: setting.action(language.action, &told.path),
        footer: super::phrases(asked).footer,
    }
}

/// Several notices in one e-mail.
pub fn digest(digest: &Digest, asked: &str, setting: Setting<'_>) -> Wording {
    let language = language(asked);
    let mut counts = std::collections::BTreeMap::<Outside, u32>::new();
    for (kind, count) in &digest.counts {
        *counts.entry(Outside::of(*kind)).or_default() += count;
    }
    let lines = counts.into_iter().map(|(what, count)| {
        let words = (language.outside)(what);
        if count == 1 { words.one.to_owned() } else { words.many.replace("{n}", &count.to_string()) }
    });
    let mut paragraphs = vec![language.digest_text.to_owned()];
    paragraphs.extend(lines);
    paragraphs.push(language.choose.to_owned());
    Wording {
        language: language.code,
        subject: language.digest_subject.to_owned(),
        paragraphs,
        action: setting.action(language.action, &digest.path),
        footer: super::phrases(asked).footer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn setting(hub: &url::Url) -> Setting<'_> {
        Setting { hub, zone: chrono_tz::UTC }
    }

    fn texts(asked: &str, hub: &url::Url) -> Vec<String> {
        let mut all = Vec::new();
        for kind in Kind::ALL {
            all.push(title(kind, None, asked).to_owned());
            let one = Told { kind, path: "/notifications".into(), confirm: None };
            let mails = [told(&one, asked, setting(hub))].into_iter().chain([1, 3].map(|count| {
                digest(&Digest { counts: vec![(kind, count)], path: "/notifications".into() }, asked, setting(hub))
            }));
            for mail in mails {
                assert_eq!(mail.language, asked);
                all.extend([mail.subject, mail.footer.to_owned()]);
                all.extend(mail.paragraphs);
                all.extend(mail.action.map(|action| action.label.to_owned()));
            }
        }
        all
    }

    #[test]
    fn each_language_has_words_of_its_own_for_everything() {
        let hub = "https://portal.example.org".parse().unwrap();
        let (english, spanish) = (texts("en", &hub), texts("es", &hub));
        for (english, spanish) in english.iter().zip(&spanish) {
            assert!(!english.trim().is_empty() && !spanish.trim().is_empty());
            assert_ne!(english, spanish, "the same in both languages");
            assert!(!english.contains('{') && !spanish.contains('{'), "{english} {spanish}");
        }
    }

    #[test]
    fn a_title_names_one_kind() {
        for asked in ["en", "es"] {
            let titles: BTreeSet<_> = Kind::ALL.iter().map(|kind| title(*kind, None, asked)).collect();
            assert_eq!(titles.len(), Kind::ALL.len(), "{asked}");
        }
    }

    #[test]
    fn outside_of_carehub_nothing_names_a_form_a_document_a_bill_or_a_medicine() {
        let hub: url::Url = "https://portal.example.org".parse().unwrap();
        let telling = [
            "form",
            "document",
            "bill",
            "pay",
            "refill",
            "medic",
            "prescri",
            "factura",
            "pago",
            "receta",
            "formulario",
            "assess",
            "therap",
            "terap",
            "emergenc",
        ];
        for kind in Kind::ALL {
            for asked in ["en", "es"] {
                let one = Told { kind, path: "/".into(), confirm: None };
                let mail = told(&one, asked, setting(&hub));
                let said = format!("{} {}", mail.subject, mail.paragraphs.join(" ")).to_lowercase();
                for word in telling {
                    assert!(!said.contains(word), "{kind:?} says {word}: {said}");
                }
            }
        }
    }

    #[test]
    fn a_digest_counts_what_looks_alike_together() {
        let hub = "https://portal.example.org".parse().unwrap();
        let counts = vec![(Kind::NewMessage, 3), (Kind::FormDue, 1), (Kind::BillIssued, 1)];
        let mail = digest(&Digest { counts, path: "/notifications".into() }, "en", setting(&hub));
        assert_eq!(mail.paragraphs[1..3], ["3 conversations with new messages", "2 other things"]);
        assert_eq!(mail.action.unwrap().link, "https://portal.example.org/notifications");
    }
}
