//! Rows of cells. A row begins on a new page where it would not fit on this one and fits there; one that is longer than
//! a page goes on on the next. Column headings stand on each page; to a screen reader they are there once.

use super::{
    document::{Align, Column},
    flow::{Flow, LEFT, PartId, Role, WIDTH},
    text::{self, Line, Style},
};

const GAP: f32 = 10.0;
/// Above and below the lines of a row.
const PADDING: f32 = 3.0;

/// A column as it stands.
struct Place {
    left: f32,
    width: f32,
    at_end: bool,
}

/// One row before it is placed.
struct Row {
    cells: Vec<(Option<PartId>, Vec<Line>, Style)>,
}

impl Row {
    fn leading(&self) -> f32 {
        self.cells.iter().map(|(_, _, style)| style.leading()).fold(0.0, f32::max)
    }

    fn lines(&self) -> usize {
        self.cells.iter().map(|(_, lines, _)| lines.len()).max().unwrap_or_default()
    }

    fn height(&self) -> f32 {
        self.lines() as f32 * self.leading() + 2.0 * PADDING
    }
}

/// Names at the left, what they are at the right.
pub(super) fn facts(flow: &mut Flow, facts: &[(&str, String)], label: Style, body: Style) {
    let left = WIDTH * 0.32;
    let places = [
        Place { left: LEFT, width: left - GAP, at_end: false },
        Place { left: LEFT + left, width: WIDTH - left, at_end: false },
    ];
    let table = flow.part(Role::Table, None);
    for (name, fact) in facts {
        let row = flow.part(Role::Row, Some(table));
        let header = flow.part(Role::RowHeader, Some(row));
        let cell = flow.part(Role::Cell, Some(row));
        let cells = vec![
            (Some(header), text::lines(flow.fonts, name, label, places[0].width), label),
            (Some(cell), text::lines(flow.fonts, fact, body, places[1].width), body),
        ];
        place(flow, &places, Row { cells }, &|_| {});
    }
}

/// Rows below their columns' headings.
pub(super) fn rows(flow: &mut Flow, columns: &[Column], rows: &[Vec<String>], label: Style, body: Style) {
    let shares: f32 = columns.iter().map(|column| column.width).sum();
    let mut left = LEFT;
    let mut places = Vec::with_capacity(columns.len());
    for column in columns {
        let width = WIDTH * column.width / shares;
        places.push(Place { left, width: width - GAP, at_end: column.align == Align::End });
        left += width;
    }
    let table = flow.part(Role::Table, None);
    let headings = |flow: &mut Flow, parts: Option<PartId>| {
        let cell = |(column, place): (&Column, &Place)| {
            let part = parts.map(|row| flow.part(Role::ColumnHeader, Some(row)));
            (part, text::lines(flow.fonts, &column.heading, label, place.width), label)
        };
        Row { cells: columns.iter().zip(&places).map(cell).collect() }
    };
    let row = flow.part(Role::Row, Some(table));
    let first = headings(flow, Some(row));
    flow.room(first.height() + body.leading() * 2.0);
    place(flow, &places, first, &|_| {});
    flow.rule();
    for texts in rows {
        let row = flow.part(Role::Row, Some(table));
        let mut cells = Vec::with_capacity(texts.len());
        for (text, place) in texts.iter().zip(&places) {
            let part = flow.part(Role::Cell, Some(row));
            cells.push((Some(part), text::lines(flow.fonts, text, body, place.width), body));
        }
        let again = |flow: &mut Flow| {
            let repeated = headings(flow, None);
            place(flow, &places, repeated, &|_| {});
            flow.rule();
        };
        place(flow, &places, Row { cells }, &again);
    }
}

/// Puts a row on the page, or on several; `again` writes what stands above it on each new one.
fn place(flow: &mut Flow, places: &[Place], row: Row, again: &dyn Fn(&mut Flow)) {
    let (leading, count) = (row.leading(), row.lines());
    let whole = row.height();
    if Flow::fits_a_page(whole + 4.0 * leading) && !flow.room(whole) {
        again(flow);
    }
    flow.advance(PADDING);
    let mut cells: Vec<_> =
        row.cells.into_iter().map(|(part, lines, style)| (part, lines.into_iter(), style)).collect();
    for _ in 0..count {
        if !flow.room(leading) {
            again(flow);
        }
        for ((part, lines, style), place) in cells.iter_mut().zip(places) {
            if let Some(line) = lines.next() {
                flow.line(*part, line, *style, place.left, place.width, place.at_end);
            }
        }
        flow.advance(leading);
    }
    flow.advance(PADDING);
}
