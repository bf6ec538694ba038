//! The fonts of documents, built into the program (their licence lies beside them). Owns which font draws a character.
//! A character that no font has is drawn as an empty box that still means the character: what is read out or copied is
//! what was written.

use anyhow::Context;
use krilla::text::{Font, GlyphId};
use rustybuzz::Face;
use std::sync::LazyLock;

/// Drawn where a character is in no font.
const BOX: char = '\u{25a1}';

/// Plain or bold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// A font, as the shaper and as the file need it.
pub(super) struct Typeface {
    pub shaping: Face<'static>,
    pub embedded: Font,
}

/// All of them.
pub(super) struct Fonts {
    regular: Typeface,
    bold: Typeface,
}

static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| {
    Some(Fonts {
        regular: Typeface::read(include_bytes!("assets/DejaVuSans.ttf"))?,
        bold: Typeface::read(include_bytes!("assets/DejaVuSans-Bold.ttf"))?,
    })
});

/// The fonts.
///
/// # Errors
/// When those built in cannot be read.
pub(super) fn fonts() -> anyhow::Result<&'static Fonts> {
    FONTS.as_ref().context("the fonts that are built in cannot be read")
}

impl Typeface {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        Some(Self { shaping: Face::from_slice(bytes, 0)?, embedded: Font::new(bytes.into(), 0)? })
    }

    /// Whether it draws this character.
    pub fn has(&self, character: char) -> bool {
        self.shaping.glyph_index(character).is_some()
    }

    /// What stands for a character that it lacks, and how wide that is, as a share of the size.
    pub fn stand_in(&self) -> (GlyphId, f32) {
        let glyph = self.shaping.glyph_index(BOX).unwrap_or_default();
        let advance = self.shaping.glyph_hor_advance(glyph).unwrap_or_default();
        (GlyphId::new(u32::from(glyph.0)), f32::from(advance) / self.units_per_em())
    }

    pub fn units_per_em(&self) -> f32 {
        self.shaping.units_per_em() as f32
    }
}

impl Fonts {
    pub fn of(&self, weight: Weight) -> &Typeface {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_fonts_are_there_and_draw_many_scripts() {
        for weight in [Weight::Regular, Weight::Bold] {
            let font = fonts().unwrap().of(weight);
            for character in "Aé Ωж ñ ł ا א □ – “”".chars() {
                assert!(font.has(character), "{weight:?} lacks {character}");
            }
        }
    }
}
