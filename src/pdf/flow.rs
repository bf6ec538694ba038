//! Where on which page everything comes to stand, and what it is to a reader who does not see: parts in the order of
//! reading. Knows no file format.

use super::{
    fonts::Fonts,
    text::{self, Line, Style},
};

/// US Letter, in points.
pub(super) const PAGE: (f32, f32) = (612.0, 792.0);
const MARGIN: f32 = 56.0;
/// Where texts begin, from the left edge.
pub(super) const LEFT: f32 = MARGIN;
/// How wide texts may be.
pub(super) const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
/// The foot is below.
const BOTTOM: f32 = PAGE.1 - MARGIN - 12.0;
/// Where the foot stands.
pub(super) const FOOT: f32 = PAGE.1 - MARGIN + 8.0;

/// What something is to a reader.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Role {
    Heading { level: u16, title: String },
    Paragraph,
    Table,
    Row,
    ColumnHeader,
    RowHeader,
    Cell,
    Figure { alt: String },
}

/// Which part something belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PartId(pub usize);

/// A part of the document, with the parts within it.
#[derive(Debug)]
pub(super) struct Part {
    pub role: Role,
    pub within: Option<PartId>,
    /// Where it begins: page, and how far below its upper edge.
    pub at: (usize, f32),
}

/// Something on a page.
#[derive(Debug)]
pub(super) struct Mark {
    /// None: an ornament, or a heading that is there again.
    pub part: Option<PartId>,
    pub shape: Shape,
}

/// What it looks like.
#[derive(Debug)]
pub(super) enum Shape {
    Text { line: Line, x: f32, baseline: f32, style: Style },
    Rule { from: f32, to: f32, y: f32 },
    Strokes { lines: Vec<Vec<(f32, f32)>> },
}

/// Pages that are filled from top to bottom.
pub(super) struct Flow {
    pub fonts: &'static Fonts,
    pub pages: Vec<Vec<Mark>>,
    pub parts: Vec<Part>,
    y: f32,
}

impl Flow {
    pub fn new(fonts: &'static Fonts) -> Self {
        Self { fonts, pages: vec![Vec::new()], parts: Vec::new(), y: MARGIN }
    }

    /// Goes on on a new page, unless so much still fits on this one.
    pub fn room(&mut self, height: f32) -> bool {
        let fits = self.y + height <= BOTTOM || self.y <= MARGIN;
        if !fits {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
        fits
    }

    /// Whether so much fits on an empty page.
    pub fn fits_a_page(height: f32) -> bool {
        MARGIN + height <= BOTTOM
    }

    /// Leaves room; none at the top of a page.
    pub fn space(&mut self, height: f32) {
        if self.y > MARGIN {
            self.y += height;
        }
    }

    /// A new part.
    pub fn part(&mut self, role: Role, within: Option<PartId>) -> PartId {
        self.parts.push(Part { role, within, at: (self.pages.len() - 1, self.y) });
        PartId(self.parts.len() - 1)
    }

    /// Draws something on this page.
    pub fn mark(&mut self, part: Option<PartId>, shape: Shape) {
        if let Some(page) = self.pages.last_mut() {
            page.push(Mark { part, shape });
        }
    }

    /// A line across the page.
    pub fn rule(&mut self) {
        let y = self.y;
        self.mark(None, Shape::Rule { from: LEFT, to: LEFT + WIDTH, y });
    }

    /// Lines over the whole width. At least `after` more stays below the first of them on its page.
    pub fn block(&mut self, role: Role, words: &str, style: Style, after: f32) {
        let lines = text::lines(self.fonts, words, style, WIDTH);
        let together = lines.len().min(3) as f32 * style.leading() + after;
        self.room(if Self::fits_a_page(together) { together } else { style.leading() });
        let part = self.part(role, None);
        for line in lines {
            self.room(style.leading());
            self.line(Some(part), line, style, LEFT, WIDTH, false);
            self.advance(style.leading());
        }
    }

    /// One line at this height, within a column.
    pub fn line(&mut self, part: Option<PartId>, line: Line, style: Style, left: f32, width: f32, at_end: bool) {
        let x = if at_end || line.right_to_left { left + width - line.width } else { left };
        let baseline = self.y + style.size * 1.05;
        self.mark(part, Shape::Text { line, x, baseline, style });
    }

    /// Goes down.
    pub fn advance(&mut self, height: f32) {
        self.y += height;
    }

    /// Lines that somebody drew, as large as `wide` allows.
    pub fn drawing(&mut self, strokes: &[Vec<(f32, f32)>], size: (f32, f32), wide: f32, alt: &str) {
        let scale = wide / size.0;
        let height = size.1 * scale;
        self.room(height);
        let part = self.part(Role::Figure { alt: alt.to_owned() }, None);
        let top = self.y;
        let placed = |(x, y): &(f32, f32)| (LEFT + x * scale, top + y * scale);
        let lines = strokes.iter().map(|stroke| stroke.iter().map(placed).collect()).collect();
        self.mark(Some(part), Shape::Strokes { lines });
        self.advance(height);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::fonts::{Weight, fonts},
        *,
    };

    const BODY: Style = Style { size: 10.0, weight: Weight::Regular, muted: false };

    #[test]
    fn nothing_stands_below_the_foot_however_much_there_is() {
        let mut flow = Flow::new(fonts().unwrap());
        for paragraph in 0..60 {
            flow.block(Role::Paragraph, &format!("{paragraph} {}", "word ".repeat(paragraph * 9)), BODY, 0.0);
        }
        assert!(flow.pages.len() > 5, "{} pages", flow.pages.len());
        for mark in flow.pages.iter().flatten() {
            let Shape::Text { baseline, .. } = mark.shape else { continue };
            assert!(baseline <= BOTTOM, "{baseline}");
        }
        assert_eq!(flow.parts.len(), 60);
    }

    #[test]
    fn a_heading_does_not_stand_alone_at_the_end_of_a_page() {
        let mut flow = Flow::new(fonts().unwrap());
        while flow.y < BOTTOM - 20.0 {
            flow.advance(2.0);
        }
        flow.block(Role::Heading { level: 2, title: "Sleep".into() }, "Sleep", BODY, BODY.leading() * 2.0);
        assert_eq!(flow.parts[0].at, (1, MARGIN));
    }
}
