//! The terms of use. Whoever registers accepts a version by its name; which one is kept.

/// The version that is in force: the day it was written.
pub const VERSION: &str = "2026-11-21";
/// Its words, with empty lines between paragraphs.
pub const TEXT: &str = include_str!("terms.txt");
