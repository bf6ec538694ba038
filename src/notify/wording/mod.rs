//! The words of messages, one file a language; [`short`] makes text messages and push messages of them. A message says that something happened and where to go; never who is
//! treated by whom, or for what. Anybody may see the subject on a locked phone: it names no practice.

mod en;
mod es;
pub mod notices;
pub mod short;

pub use notices::title;

use super::{
    Content, Mail,
    contact::consent::Word,
    content::{Page, PhoneCode},
    mail::SecurityNotice,
};
use crate::language::is_spanish;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use url::Url;

/// An e-mail in words, before it has a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// ISO 639-1: what these words are in.
    pub language: &'static str,
    pub subject: String,
    pub paragraphs: Vec<String>,
    pub action: Option<Action>,
    /// In small letters, below.
    pub footer: &'static str,
}

/// The one thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub label: &'static str,
    pub link: String,
}

/// Where e-mails lead and in which time they speak.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The hub as browsers reach it.
    pub hub: &'a Url,
    /// The practice's.
    pub zone: Tz,
}

impl Setting<'_> {
    fn action(&self, label: &'static str, path: &str) -> Option<Action> {
        // A path of ours always fits; if not, the page is better than nothing.
        let link = self.hub.join(path).unwrap_or_else(|_| self.hub.clone());
        Some(Action { label, link: link.into() })
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M %Z").to_string()
    }
}

/// What one language has to say.
struct Phrases {
    language: &'static str,
    footer: &'static str,
    verify: Letter,
    reset: Letter,
    invitation: Letter,
    registered_already: Letter,
    /// `{time}` of what happened stands first, then what to do if it was somebody else.
    happened_at: &'static str,
    not_you: &'static str,
    to_security: &'static str,
    notice: fn(SecurityNotice) -> (&'static str, &'static str),
    page: Letter,
    drill: Letter,
    last_resort: Letter,
    last_resort_drill: Letter,
    /// `{code}` and `{time}`.
    phone_code: Letter,
    /// To what people answer to text messages: STOP, START, HELP, anything else.
    replies: [&'static str; 4],
    unsubscribe: Unsubscribe,
}

/// `{practice}` and `{time}` (until when the link works) may stand in paragraphs.
struct Letter {
    subject: &'static str,
    paragraphs: &'static [&'static str],
    action: &'static str,
}

/// In the language asked for; where there is none such, in English.
fn phrases(language: &str) -> &'static Phrases {
    if is_spanish(language) { &es::PHRASES } else { &en::PHRASES }
}

/// Any message, in words.
pub fn of(content: &Content, language: &str, setting: Setting<'_>) -> Wording {
    match content {
        Content::Mail(mail) => word(mail, language, setting),
        Content::Page(page) => word_page(page, [|phrases| &phrases.page, |phrases| &phrases.drill], language, setting),
        Content::LastResort(page) => {
            word_page(page, [|phrases| &phrases.last_resort, |phrases| &phrases.last_resort_drill], language, setting)
        }
        Content::PhoneCode(code) => word_code(code, language, setting),
        Content::Told(told) => notices::told(told, language, setting),
        Content::Digest(digest) => notices::digest(digest, language, setting),
    }
}

/// With its words in earnest, and in a drill.
fn word_page(page: &Page, words: [fn(&Phrases) -> &Letter; 2], language: &str, setting: Setting<'_>) -> Wording {
    let phrases = phrases(language);
    letter(phrases, words[usize::from(page.drill)](phrases), setting, &page.path, "", None)
}

fn word_code(code: &PhoneCode, language: &str, setting: Setting<'_>) -> Wording {
    let phrases = phrases(language);
    let mut wording = letter(phrases, &phrases.phone_code, setting, "/", "", Some(code.expires_at));
    wording.paragraphs.iter_mut().for_each(|text| *text = text.replace("{code}", &code.code));
    Wording { action: None, ..wording }
}

/// What is answered to an answer.
pub fn reply(word: Option<Word>, language: &str) -> String {
    let [stopped, started, help, other] = phrases(language).replies;
    let text = match word {
        Some(Word::Stop) => stopped,
        Some(Word::Start) => started,
        Some(Word::Help) => help,
        None => other,
    };
    text.to_owned()
}

/// The page on which somebody ends e-mails.
#[derive(Clone, Copy, Debug)]
pub struct Unsubscribe {
    /// ISO 639-1.
    pub language: &'static str,
    pub title: &'static str,
    pub explanation: &'static str,
    pub action: &'static str,
    pub done: &'static str,
}

/// In this language.
pub fn unsubscribe(language: &str) -> Unsubscribe {
    phrases(language).unsubscribe
}

/// An e-mail about an account.
pub fn word(mail: &Mail, language: &str, setting: Setting<'_>) -> Wording {
    let phrases = phrases(language);
    match mail {
        Mail::VerifyEmail { path, expires_at } => {
            letter(phrases, &phrases.verify, setting, path, "", Some(*expires_at))
        }
        Mail::ResetPassword { path, expires_at } => {
            letter(phrases, &phrases.reset, setting, path, "", Some(*expires_at))
        }
        Mail::Invitation { practice, path, expires_at } => {
            letter(phrases, &phrases.invitation, setting, path, practice, Some(*expires_at))
        }
        Mail::RegisteredAlready { path } => letter(phrases, &phrases.registered_already, setting, path, "", None),
        Mail::Security { notice, at } => {
            let (subject, happened) = (phrases.notice)(*notice);
            Wording {
                language: phrases.language,
                subject: subject.to_owned(),
                paragraphs: vec![
                    happened.to_owned(),
                    phrases.happened_at.replace("{time}", &setting.time(*at)),
                    phrases.not_you.to_owned(),
                ],
                action: setting.action(phrases.to_security, "/"),
                footer: phrases.footer,
            }
        }
    }
}

fn letter(
    phrases: &Phrases,
    letter: &Letter,
    setting: Setting<'_>,
    path: &str,
    practice: &str,
    expires_at: Option<DateTime<Utc>>,
) -> Wording {
    let time = expires_at.map(|at| setting.time(at)).unwrap_or_default();
    let fill = |text: &&str| text.replace("{practice}", practice).replace("{time}", &time);
    Wording {
        language: phrases.language,
        subject: letter.subject.to_owned(),
        paragraphs: letter.paragraphs.iter().map(fill).collect(),
        action: setting.action(letter.action, path),
        footer: phrases.footer,
    }
}
