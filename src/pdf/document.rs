//! What a document consists of, in the order of reading. Owns the words that stand on every page (its number, and what
//! the document is) and how its parts look; where they come to stand is the business of [`super::flow`].

use super::{
    draw,
    flow::{Flow, Role, WIDTH},
    fonts::{Weight, fonts},
    table,
    text::Style,
};
use chrono::{DateTime, Utc};

const TITLE: Style = Style { size: 18.0, weight: Weight::Bold, muted: false };
const HEADING: Style = Style { size: 13.0, weight: Weight::Bold, muted: false };
const LABEL: Style = Style { size: 10.0, weight: Weight::Bold, muted: false };
const BODY: Style = Style { size: 10.0, weight: Weight::Regular, muted: false };
const NOTE: Style = Style { size: 8.5, weight: Weight::Regular, muted: true };

/// What a document is, beside its contents.
#[derive(Clone, Debug)]
pub struct Setting {
    /// In the reader's title bar and as the first heading.
    pub title: String,
    /// BCP 47, such as `en`: what a screen reader reads it in. Page numbers speak English and Spanish.
    pub language: String,
    /// At the foot of every page, beside its number.
    pub footer: String,
    pub made_at: DateTime<Utc>,
}

/// To which side a column's texts keep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    Start,
    /// For numbers.
    End,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    pub heading: String,
    /// Relative to the other columns.
    pub width: f32,
    pub align: Align,
}

/// A document that is being written.
pub struct Document {
    setting: Setting,
    flow: Flow,
}

impl Document {
    /// Begins one, with its title on the first page.
    ///
    /// # Errors
    /// When the fonts cannot be read.
    pub fn new(setting: Setting) -> anyhow::Result<Self> {
        let mut flow = Flow::new(fonts()?);
        let role = Role::Heading { level: 1, title: setting.title.clone() };
        flow.block(role, &setting.title, TITLE, 0.0);
        flow.space(6.0);
        Ok(Self { setting, flow })
    }

    /// Begins a part.
    pub fn heading(&mut self, words: &str) {
        self.flow.space(12.0);
        self.flow.block(Role::Heading { level: 2, title: words.to_owned() }, words, HEADING, BODY.leading() * 2.0);
        self.flow.space(2.0);
    }

    /// A paragraph; line breaks in it are kept.
    pub fn paragraph(&mut self, words: &str) {
        self.flow.block(Role::Paragraph, words, BODY, 0.0);
        self.flow.space(5.0);
    }

    /// A paragraph that matters less.
    pub fn note(&mut self, words: &str) {
        self.flow.block(Role::Paragraph, words, NOTE, 0.0);
        self.flow.space(4.0);
    }

    /// What was asked, with what helped to understand it, and below it what was answered, however long.
    pub fn answer(&mut self, question: &str, help: Option<&str>, answer: &str) {
        self.flow.space(4.0);
        self.flow.block(Role::Paragraph, question, LABEL, BODY.leading());
        if let Some(help) = help {
            self.flow.block(Role::Paragraph, help, NOTE, BODY.leading());
        }
        self.flow.block(Role::Paragraph, answer, BODY, 0.0);
        self.flow.space(4.0);
    }

    /// Short facts beside their names.
    pub fn facts(&mut self, facts: &[(&str, String)]) {
        table::facts(&mut self.flow, facts, LABEL, BODY);
        self.flow.space(6.0);
    }

    /// Rows below headings, which stand on each page that the rows go on to.
    pub fn table(&mut self, columns: &[Column], rows: &[Vec<String>]) {
        table::rows(&mut self.flow, columns, rows, LABEL, BODY);
        self.flow.space(6.0);
    }

    /// Lines that somebody drew, as points within `size`. `alt` says what they are.
    pub fn drawing(&mut self, strokes: &[Vec<(f32, f32)>], size: (f32, f32), alt: &str) {
        self.flow.drawing(strokes, size, WIDTH * 0.45, alt);
        self.flow.space(4.0);
    }

    /// The file.
    ///
    /// # Errors
    /// When what was written cannot be a document that everybody can read.
    pub fn finish(self) -> anyhow::Result<Vec<u8>> {
        draw::file(&self.setting, self.flow)
    }
}
