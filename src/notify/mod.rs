//! What people are told outside of the hub, by e-mail, text message and web push. Owns `outbox`: a row is written in the
//! transaction that caused it, and delivered afterwards, at least once. What leaves the hub holds no PHI: the types of
//! [`content::Content`] cannot.
//!
//! - [`content`]: what a message may say; [`mail`]: the kinds of e-mail about accounts
//! - [`outbox`]: writing rows; [`due`]: taking those that are due, and what became of them; [`lane`]: how quickly
//! - [`relay`]: the loops from the outbox to the providers; [`deliver`]: one row on its way
//! - [`kind`]: the kinds of notices; [`told`]: a notice as it leaves
//! - [`wording`]: the words, in English and Spanish; [`message`]: the e-mail made of them, plain and HTML
//! - [`transport`]: to a mail server, or into a folder; [`sms`]: to Twilio; [`push`]: to browsers; [`provider`]: what
//!   these have in common
//! - [`contact`]: telephone numbers and browsers of people
//! - [`unsubscribe`]: the link by which somebody ends e-mails
//! - [`undelivered`]: what was given up, to be sent again
//! - [`secrets`]: what the hub makes for itself
//! - [`http`]: the calls

pub mod channel;
pub mod contact;
pub mod content;
pub mod deliver;
pub mod due;
pub mod http;
pub mod kind;
pub mod lane;
pub mod mail;
pub mod message;
pub mod outbox;
pub mod provider;
pub mod push;
pub mod relay;
pub mod secrets;
pub mod sms;
pub mod told;
pub mod transport;
pub mod undelivered;
pub mod unsubscribe;
pub mod wording;

pub use channel::Channel;
pub use content::Content;
pub use mail::Mail;
