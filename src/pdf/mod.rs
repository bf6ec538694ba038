//! Documents to keep: PDF, set well and readable by screen readers (PDF/UA-1: tagged, titled, with its language and an
//! outline, every character with its meaning). Fonts are embedded as subsets. Knows no domain: whoever has something to
//! print says what is a heading, a paragraph, a table. Text is drawn as text, so nothing in it can act.
//!
//! - [`document`]: what a document consists of, in the order of reading
//! - `flow`: where on which page it comes to stand; `table`: rows that may go on on the next page
//! - `text`: from words to lines of glyphs; `fonts`: what they are drawn with; `bidi`: what runs from right to left
//! - `draw`: from lines to a file
//! - [`drawn`]: the other way round, for files of others: pages as pictures

mod bidi;
pub mod document;
mod draw;
pub mod drawn;
mod flow;
mod fonts;
mod table;
mod text;

pub use document::{Align, Column, Document, Setting};
