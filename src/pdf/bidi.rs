//! Which stretches of a line run from right to left, and in which order they are drawn (Unicode Standard Annex 9).

use std::ops::Range;
use unicode_bidi::BidiInfo;

/// A stretch of one direction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Stretch {
    pub bytes: Range<usize>,
    pub right_to_left: bool,
}

/// The stretches of one line of one paragraph, in the order in which they stand on paper.
pub(super) fn stretches(line: &str) -> Vec<Stretch> {
    let info = BidiInfo::new(line, None);
    let Some(paragraph) = info.paragraphs.first() else { return Vec::new() };
    let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
    let stretch = |bytes: Range<usize>| Stretch { right_to_left: levels[bytes.start].is_rtl(), bytes };
    runs.into_iter().filter(|run| !run.is_empty()).map(stretch).collect()
}

/// Whether the paragraph as a whole runs from right to left: its lines begin at the right edge.
pub(super) fn is_right_to_left(paragraph: &str) -> bool {
    let info = BidiInfo::new(paragraph, None);
    info.paragraphs.first().is_some_and(|paragraph| paragraph.level.is_rtl())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_hebrew_within_an_english_line_runs_its_own_way() {
        let drawn = |line: &'static str| -> Vec<(&str, bool)> {
            stretches(line).into_iter().map(|stretch| (&line[stretch.bytes], stretch.right_to_left)).collect()
        };
        assert_eq!(drawn("Name: דנה, aged 2"), [("Name: ", false), ("דנה", true), (", aged 2", false)]);
        // A number after it belongs to it, and stands at its left.
        assert_eq!(drawn("דנה 2"), [("2", false), ("דנה ", true)]);
        assert!(!is_right_to_left("Name: דנה") && is_right_to_left("דנה Dana"));
    }
}
