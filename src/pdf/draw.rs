//! From pages of lines to a file. What carries meaning is drawn within the part it belongs to; rules, page numbers and
//! repeated headings are ornaments, which no screen reader reads. A document that would not meet PDF/UA-1 is no document:
//! writing it fails. Its errors never quote what was written.

use super::{
    document::Setting,
    flow::{FOOT, Flow, LEFT, Mark, PAGE, Part, PartId, Role, Shape, WIDTH},
    fonts::{Fonts, Weight},
    text::{self, Line, Style},
};
use anyhow::{Context, anyhow};
use chrono::{Datelike, Timelike};
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{ConfigurationBuilder, validate::Accessibility},
    destination::XyzDestination,
    error::KrillaError,
    geom::{PathBuilder, Point},
    metadata::{DateTime, Metadata},
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::{Fill, LineCap, LineJoin, Paint, Stroke},
    surface::Surface,
    tagging::{
        Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
    },
};
use std::num::NonZeroU16;

const FOOTER: Style = Style { size: 8.0, weight: Weight::Regular, muted: true };
/// Red, green, blue.
const INK: [u8; 3] = [24, 34, 32];
const MUTED: [u8; 3] = [84, 101, 99];
const PALE: [u8; 3] = [190, 200, 197];

/// The whole file.
pub(super) fn file(setting: &Setting, flow: Flow) -> anyhow::Result<Vec<u8>> {
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|_| anyhow!("PDF/UA-1 is not to be had"))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let count = flow.pages.len();
    let mut drawn: Vec<Vec<Identifier>> = flow.parts.iter().map(|_| Vec::new()).collect();
    for (at, marks) in flow.pages.iter().enumerate() {
        let size = PageSettings::from_wh(PAGE.0, PAGE.1).context("the size of a page")?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, flow.fonts, mark, &mut drawn);
        }
        foot(&mut surface, flow.fonts, setting, at + 1, count);
        surface.finish();
        page.finish();
    }
    document.set_outline(outline(&flow.parts));
    document.set_metadata(metadata(setting));
    document.set_tag_tree(tree(&flow.parts, drawn).with_lang(Some(setting.language.clone())));
    document.finish().map_err(|error| anyhow!("a document cannot be written: {}", kind(&error)))
}

fn draw(surface: &mut Surface<'_>, fonts: &Fonts, mark: &Mark, drawn: &mut [Vec<Identifier>]) {
    let ornament = ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout));
    let tag = match (&mark.shape, mark.part) {
        (_, None) => ornament,
        (Shape::Text { .. }, Some(_)) => ContentTag::Span(SpanTag::empty()),
        (_, Some(_)) => ContentTag::Other,
    };
    let identifier = surface.start_tagged(tag);
    match &mark.shape {
        Shape::Text { line, x, baseline, style } => write(surface, fonts, line, *style, *x, *baseline),
        Shape::Rule { from, to, y } => stroke(surface, &[vec![(*from, *y), (*to, *y)]], PALE, 0.7),
        Shape::Strokes { lines } => stroke(surface, lines, INK, 1.3),
    }
    surface.end_tagged();
    if let Some(PartId(part)) = mark.part
        && let Some(identifiers) = drawn.get_mut(part)
    {
        identifiers.push(identifier);
    }
}

fn write(surface: &mut Surface<'_>, fonts: &Fonts, line: &Line, style: Style, x: f32, baseline: f32) {
    let colour = if style.muted { MUTED } else { INK };
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: paint(colour), ..Fill::default() }));
    let mut x = x;
    for run in &line.runs {
        let font = fonts.of(style.weight).embedded.clone();
        surface.draw_glyphs(Point::from_xy(x, baseline), &run.glyphs, font, &run.text, style.size, false);
        x += run.advance * style.size;
    }
}

fn paint([red, green, blue]: [u8; 3]) -> Paint {
    rgb::Color::new(red, green, blue).into()
}

fn stroke(surface: &mut Surface<'_>, lines: &[Vec<(f32, f32)>], colour: [u8; 3], width: f32) {
    let mut path = PathBuilder::new();
    for line in lines {
        let Some(((x, y), rest)) = line.split_first() else { continue };
        path.move_to(*x, *y);
        // A dot is a line that is hardly there: its round ends are seen.
        if rest.is_empty() {
            path.line_to(*x + 0.1, *y);
        }
        for (x, y) in rest {
            path.line_to(*x, *y);
        }
    }
    let Some(path) = path.finish() else { return };
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: paint(colour),
        width,
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        ..Stroke::default()
    }));
    surface.draw_path(&path);
}

fn foot(surface: &mut Surface<'_>, fonts: &Fonts, setting: &Setting, number: usize, count: usize) {
    let number = match setting.language.split('-').next() {
        Some("es") => format!("Página {number} de {count}"),
        _ => format!("Page {number} of {count}"),
    };
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
    for (words, at_end) in [(setting.footer.as_str(), false), (number.as_str(), true)] {
        let lines = text::lines(fonts, words, FOOTER, WIDTH * 0.75);
        let Some(line) = lines.first() else { continue };
        let x = if at_end { LEFT + WIDTH - line.width } else { LEFT };
        write(surface, fonts, line, FOOTER, x, FOOT);
    }
    surface.end_tagged();
}

fn outline(parts: &[Part]) -> Outline {
    let mut outline = Outline::new();
    for part in parts {
        let Role::Heading { title, .. } = &part.role else { continue };
        let (page, y) = part.at;
        outline.push_child(OutlineNode::new(one_line(title), XyzDestination::new(page, Point::from_xy(LEFT, y))));
    }
    outline
}

fn metadata(setting: &Setting) -> Metadata {
    let at = setting.made_at;
    let two = |number: u32| u8::try_from(number).unwrap_or_default();
    let made = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(two(at.month()))
        .day(two(at.day()))
        .hour(two(at.hour()))
        .minute(two(at.minute()))
        .second(two(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(one_line(&setting.title))
        .language(setting.language.clone())
        .creator("Carehub".into())
        .producer("Carehub".into())
        .creation_date(made)
}

fn one_line(title: &str) -> String {
    text::visible(title).replace('\n', " ")
}

/// The parts with what was drawn for each, in the order of reading.
fn tree(parts: &[Part], drawn: Vec<Vec<Identifier>>) -> TagTree {
    let mut groups: Vec<Option<TagGroup>> = Vec::with_capacity(parts.len());
    for (part, identifiers) in parts.iter().zip(drawn) {
        let mut group = TagGroup::new(tag(&part.role));
        for identifier in identifiers {
            group.push(identifier);
        }
        groups.push(Some(group));
    }
    // A part stands after the one that it is within: from the last to the first, each is whole when its turn comes.
    let mut within: Vec<Vec<TagGroup>> = parts.iter().map(|_| Vec::new()).collect();
    let mut roots = Vec::new();
    for at in (0..parts.len()).rev() {
        let Some(mut group) = groups[at].take() else { continue };
        for child in std::mem::take(&mut within[at]).into_iter().rev() {
            group.push(child);
        }
        match parts[at].within {
            Some(PartId(parent)) => within[parent].push(group),
            None => roots.push(group),
        }
    }
    let mut tree = TagTree::new();
    for root in roots.into_iter().rev() {
        tree.push(root);
    }
    tree
}

fn tag(role: &Role) -> TagKind {
    match role {
        Role::Heading { level, title } => {
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(one_line(title))).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnHeader => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHeader => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
        Role::Figure { alt } => Tag::Figure(Some(one_line(alt))).into(),
    }
}

/// What went wrong, without a word of what was written.
fn kind(error: &KrillaError) -> &'static str {
    match error {
        KrillaError::Font(..) => "a font cannot be embedded",
        KrillaError::Validation(_) => "it would not meet PDF/UA-1",
        KrillaError::Limit(_) => "it is too large",
        _ => "its parts do not fit together",
    }
}
