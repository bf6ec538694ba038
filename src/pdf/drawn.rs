//! Pages of a PDF as pictures. Draws what a page shows: text, lines, pictures; scripts, forms and links are not even read.
//! Takes as much time and memory as the file wants: call it in a process that may be killed.

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf, render,
    vello_cpu::color::palette::css::WHITE,
};

/// The widest and highest that a picture is.
const WIDEST: f32 = 1_200.0;
const HIGHEST: f32 = 2_400.0;
/// The most that a small page is made larger.
const MOST_SCALE: f32 = 2.0;

/// A page that was drawn.
pub struct Drawn {
    /// How many pages the file has.
    pub pages: usize,
    pub png: Vec<u8>,
}

/// Draws a page, counted from 1. None where there is no such page, or nothing can be drawn: what is encrypted or damaged.
pub fn draw(file: Vec<u8>, page: usize) -> Option<Drawn> {
    let pdf = Pdf::new(file).ok()?;
    let pages = pdf.pages();
    let wanted = pages.get(page.checked_sub(1)?)?;
    let (width, height) = wanted.render_dimensions();
    let scale = (WIDEST / width).min(HIGHEST / height).min(MOST_SCALE);
    if !(scale.is_finite() && width * scale >= 1.0 && height * scale >= 1.0) {
        return None;
    }
    let as_large = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let picture =
        render(wanted, &RenderCache::new(), &InterpreterSettings::default(), &RenderSettings::default(), &as_large);
    Some(Drawn { pages: pages.len(), png: picture.into_png().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::{Document, Setting};

    fn letter() -> Vec<u8> {
        let setting = Setting {
            title: "Letter".to_owned(),
            language: "en".to_owned(),
            footer: "Harbor Lane".to_owned(),
            made_at: chrono::DateTime::UNIX_EPOCH,
        };
        let mut document = Document::new(setting).unwrap();
        for _ in 0..80 {
            document.paragraph("So many words that a second page is needed.");
        }
        document.finish().unwrap()
    }

    #[test]
    fn a_page_is_drawn_and_one_that_is_not_there_is_none() {
        let drawn = draw(letter(), 1).unwrap();
        assert!(drawn.pages > 1, "{}", drawn.pages);
        let picture = image::load_from_memory(&drawn.png).unwrap().into_luma8();
        assert!(picture.width() <= 1_200 && picture.width() > 600, "{}", picture.width());
        let dark = picture.pixels().filter(|pixel| pixel.0[0] < 100).count();
        assert!(dark > 1_000, "words are on it: {dark}");
        for page in [0, drawn.pages + 1, usize::MAX] {
            assert!(draw(letter(), page).is_none());
        }
        assert!(draw(b"%PDF-1.7 %%EOF".to_vec(), 1).is_none());
    }
}
