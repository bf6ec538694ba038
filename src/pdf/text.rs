//! From words to lines of glyphs: shaping, and breaking lines where a language does, or anywhere where a word is wider
//! than the line. Everything that was written is in exactly one line, in its order; only what cannot be seen is left out
//! (control characters, marks that turn the direction of what follows).

use super::{
    bidi::{self, Stretch},
    fonts::{Fonts, Typeface, Weight},
};
use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};

/// How something is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub size: f32,
    pub weight: Weight,
    /// Paler than what matters most.
    pub muted: bool,
}

impl Style {
    /// From one base line to the next.
    pub fn leading(self) -> f32 {
        self.size * 1.4
    }
}

/// Glyphs that are drawn in one go.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub text: String,
    pub glyphs: Vec<KrillaGlyph>,
    /// As a share of the size.
    pub advance: f32,
}

/// One line, from left to right as it stands on paper.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub runs: Vec<Run>,
    pub width: f32,
    pub right_to_left: bool,
}

/// What is left of a text for paper.
pub(super) fn visible(text: &str) -> String {
    let kept = |c: char| {
        let turns =
            matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let nothing = matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{00ad}');
        c == '\n' || !(c.is_control() || turns || nothing)
    };
    text.replace("\r\n", "\n").replace('\t', " ").chars().filter(|c| kept(*c)).collect()
}

/// The lines of a text, none wider than `width`.
pub(super) fn lines(fonts: &Fonts, text: &str, style: Style, width: f32) -> Vec<Line> {
    let font = fonts.of(style.weight);
    let mut lines = Vec::new();
    for paragraph in visible(text).split('\n') {
        let right_to_left = bidi::is_right_to_left(paragraph);
        for line in broken(font, paragraph, width / style.size) {
            let runs: Vec<Run> = bidi::stretches(line).iter().flat_map(|stretch| shape(font, line, stretch)).collect();
            let width = runs.iter().map(|run| run.advance).sum::<f32>() * style.size;
            lines.push(Line { runs, width, right_to_left });
        }
    }
    lines
}

/// Cuts a paragraph into lines. An empty one is one empty line. Blanks at the end of a line hang over its edge.
fn broken<'a>(font: &Typeface, paragraph: &'a str, width: f32) -> Vec<&'a str> {
    let (mut lines, mut from, mut filled) = (Vec::new(), 0, 0.0);
    let mut at = 0;
    for piece in pieces(paragraph) {
        let visible_part = advance(font, piece.trim_end());
        if filled + visible_part > width && at > from {
            lines.push(&paragraph[from..at]);
            (from, filled) = (at, 0.0);
        }
        if visible_part > width {
            // Longer than a line: broken between any two characters that are seen.
            for cluster in clusters(piece) {
                let more = advance(font, cluster);
                if filled + more > width && at > from {
                    lines.push(&paragraph[from..at]);
                    (from, filled) = (at, 0.0);
                }
                (at, filled) = (at + cluster.len(), filled + more);
            }
        } else {
            (at, filled) = (at + piece.len(), filled + advance(font, piece));
        }
    }
    lines.push(&paragraph[from..]);
    lines
}

/// What stays together: words with the blanks after them, and each ideograph.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut characters = rest.char_indices().peekable();
        while let Some((_, c)) = characters.next() {
            let Some((next, following)) = characters.peek().copied() else { break };
            let after_blank = c.is_whitespace() && !following.is_whitespace();
            let after_hyphen = matches!(c, '-' | '\u{2010}' | '–' | '—' | '/') && following.is_alphanumeric();
            let around_ideograph = (is_ideograph(c) || is_ideograph(following)) && !following.is_whitespace();
            if c != '\u{a0}' && (after_blank || after_hyphen || around_ideograph) {
                let (piece, left) = rest.split_at(next);
                rest = left;
                return Some(piece);
            }
        }
        let last = std::mem::take(&mut rest);
        (!last.is_empty()).then_some(last)
    })
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..)
}

/// Characters with what is written on or joined to them.
fn clusters(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut characters = rest.char_indices().skip(1);
        let joined = |c: char| matches!(c, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
        let end = characters.find(|(_, c)| !joined(*c)).map_or(rest.len(), |(at, _)| at);
        let (cluster, left) = rest.split_at(end);
        rest = left;
        (!cluster.is_empty()).then_some(cluster)
    })
}

fn advance(font: &Typeface, text: &str) -> f32 {
    let whole = Stretch { bytes: 0..text.len(), right_to_left: false };
    shape(font, text, &whole).iter().map(|run| run.advance).sum()
}

/// The glyphs of a stretch: of what the font has, and boxes for what it lacks.
fn shape(font: &Typeface, line: &str, stretch: &Stretch) -> Vec<Run> {
    let text = &line[stretch.bytes.clone()];
    let mut parts: Vec<(bool, usize)> = Vec::new();
    for (at, c) in text.char_indices() {
        let known = font.has(c);
        if parts.last().is_none_or(|(before, _)| *before != known) {
            parts.push((known, at));
        }
    }
    let ends = parts.iter().skip(1).map(|(_, at)| *at).chain([text.len()]);
    let run = |((known, from), to): (&(bool, usize), usize)| {
        let part = &text[*from..to];
        if *known { shaped(font, part, stretch.right_to_left) } else { boxes(font, part, stretch.right_to_left) }
    };
    let mut runs: Vec<Run> = parts.iter().zip(ends).map(run).collect();
    if stretch.right_to_left {
        runs.reverse();
    }
    runs
}

fn shaped(font: &Typeface, text: &str, right_to_left: bool) -> Run {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    buffer.set_direction(if right_to_left { Direction::RightToLeft } else { Direction::LeftToRight });
    let shaped = rustybuzz::shape(&font.shaping, &[], buffer);
    let mut starts: Vec<usize> = shaped.glyph_infos().iter().map(|glyph| glyph.cluster as usize).collect();
    starts.sort_unstable();
    starts.dedup();
    let end_of = |start: usize| {
        let next = starts.partition_point(|other| *other <= start);
        starts.get(next).copied().unwrap_or(text.len())
    };
    let em = font.units_per_em();
    let glyph = |(glyph, position): (&rustybuzz::GlyphInfo, &rustybuzz::GlyphPosition)| {
        let start = glyph.cluster as usize;
        KrillaGlyph::new(
            GlyphId::new(glyph.glyph_id),
            position.x_advance as f32 / em,
            position.x_offset as f32 / em,
            position.y_offset as f32 / em,
            position.y_advance as f32 / em,
            start..end_of(start),
            None,
        )
    };
    let glyphs: Vec<KrillaGlyph> = shaped.glyph_infos().iter().zip(shaped.glyph_positions()).map(glyph).collect();
    let advance = glyphs.iter().map(|glyph| glyph.x_advance).sum();
    Run { text: text.to_owned(), glyphs, advance }
}

fn boxes(font: &Typeface, text: &str, right_to_left: bool) -> Run {
    let (stand_in, width) = font.stand_in();
    let glyph = |(at, c): (usize, char)| KrillaGlyph::new(stand_in, width, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None);
    let mut glyphs: Vec<KrillaGlyph> = text.char_indices().map(glyph).collect();
    if right_to_left {
        glyphs.reverse();
    }
    let advance = width * glyphs.len() as f32;
    Run { text: text.to_owned(), glyphs, advance }
}

#[cfg(test)]
mod tests {
    use super::{super::fonts::fonts, *};

    const STYLE: Style = Style { size: 10.0, weight: Weight::Regular, muted: false };

    fn said(text: &str, width: f32) -> Vec<String> {
        let of = |line: &Line| {
            assert!(line.width <= width + 4.0, "{} wide, in {width}", line.width);
            line.runs.iter().map(|run| run.text.as_str()).collect()
        };
        lines(fonts().unwrap(), text, STYLE, width).iter().map(of).collect()
    }

    #[test]
    fn lines_break_between_words_and_nothing_is_lost() {
        let text = "The quick brown fox jumps over the lazy dog, again and again.";
        let broken = said(text, 100.0);
        assert!(broken.len() > 2);
        assert_eq!(broken.concat(), text);
        assert!(broken.iter().all(|line| !line.starts_with(' ')));
    }

    #[test]
    fn a_word_wider_than_the_line_and_a_script_without_blanks_break_too() {
        for text in ["x".repeat(200), "漢字かな交じり文".repeat(12), "https://example.org/".repeat(9)] {
            let broken = said(&text, 100.0);
            assert!(broken.len() > 2, "{text}");
            assert_eq!(broken.concat(), text);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_left_out_and_what_no_font_has_is_kept() {
        assert_eq!(said("a\u{0}b\u{202e}c\u{feff}", 100.0), ["abc"]);
        assert_eq!(said("one\r\ntwo\n\nthree", 100.0), ["one", "two", "", "three"]);
        assert_eq!(said("漢字 and 🦊", 100.0).concat(), "漢字 and 🦊");
    }
}
