//! Crisis phrases: the second pair of eyes on what a client writes, beside the button. Pure and local: the same text
//! gives the same finding on every node, in microseconds. Never keeps, logs or returns a word of what it looked at,
//! and never the only way to raise an emergency.
//!
//! **When in doubt it is an emergency.** A phrase counts unless its nearest words take it back in so many words: a page
//! too many costs a colleague a minute.
//!
//! - [`list`]: the reviewed lists (`lists/*.toml`), one a language, part of the program
//! - [`pattern`]: what a line of a list stands for
//! - [`normal`]: texts as phrases are compared: without case, accents, stretched letters, disguises
//! - [`context`]: what takes a phrase back: negation, quotation, somebody else, long ago, a figure of speech
//! - [`search`]: finds all of them at once
//! - [`detector`]: looks at a text

pub mod context;
pub mod detector;
pub mod list;
pub mod normal;
pub mod pattern;
pub mod search;

pub use detector::{Detector, Finding};
