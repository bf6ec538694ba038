//! What people are told outside of the hub. Owns `outbox`: a row is written in the transaction that caused it, and
//! delivered afterwards. What leaves the hub holds no PHI: the types of [`mail::Mail`] cannot.
//!
//! - [`mail`]: the kinds of e-mail and what each may say
//! - [`outbox`]: writing rows; [`due`]: taking those that are due, and what became of them
//! - [`wording`]: the words, in English and Spanish; [`message`]: the e-mail made of them, plain and HTML
//! - [`transport`]: to a mail server, or into a folder
//! - [`relay`]: the loop from the outbox to the transport

pub mod channel;
pub mod content;
pub mod due;
pub mod lane;
pub mod mail;
pub mod message;
pub mod outbox;
pub mod relay;
pub mod transport;
pub mod wording;

pub use channel::Channel;
pub use content::Content;
pub use mail::Mail;
