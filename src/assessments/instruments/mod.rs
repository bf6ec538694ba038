//! The instruments that clients answer: items, choices, scoring and bands as their authors published them, in versions
//! that are never changed afterwards. Constants alone: no item text comes from the store or from a practice, and no
//! language is offered for which there is no published translation.
//!
//! - [`phq9`], [`gad7`], [`pcl5`], [`cssrs`]: one instrument each, with its source and the terms of its use; `phq`: what the
//!   first two share
//!
//! `docs/instruments.md` says what each can and cannot do.

pub mod cssrs;
pub mod gad7;
pub mod pcl5;
mod phq;
pub mod phq9;

/// Every version of every instrument; of one instrument the newest last.
pub const ALL: &[&Instrument] = &[&phq9::PHQ_9, &gad7::GAD_7, &pcl5::PCL_5, &cssrs::C_SSRS];

/// What is asked, and what the answers mean.
#[derive(Debug)]
pub struct Instrument {
    /// As stored and sent: `phq-9`.
    pub id: &'static str,
    /// Of the wording and the scoring. Another wording is another version.
    pub version: &'static str,
    /// As clinicians call it.
    pub name: &'static str,
    pub items: &'static [Item],
    pub scoring: Scoring,
    /// English first.
    pub wordings: &'static [Wording],
    /// Who made it, and by which right it is used.
    pub attribution: &'static str,
    /// Where it and its scoring were published.
    pub sources: &'static [&'static str],
}

/// One question.
#[derive(Debug)]
pub struct Item {
    /// As it is numbered.
    pub id: &'static str,
    /// Which of the scales of choices it is answered by.
    pub scale: usize,
    pub asked: Asked,
    /// Whether it is part of the sum.
    pub counts: bool,
    /// From this value on an answer means danger.
    pub danger: Option<u8>,
}

impl Item {
    /// One that is always asked, is answered by the first scale, and is part of the sum.
    const fn counted(id: &'static str) -> Self {
        Self { id, scale: 0, asked: Asked::Always, counts: true, danger: None }
    }
}

/// When an item is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    Always,
    /// When the answer to this item is above 0.
    After(&'static str),
    /// When any item that counts is above 0.
    AfterAny,
}

/// How answers become a score.
#[derive(Debug)]
pub enum Scoring {
    /// The sum of all items that count.
    Sum { bands: &'static [Band], parts: &'static [Part] },
    /// The highest level of those items that are answered above 0.
    Highest { levels: &'static [(&'static str, u8)], bands: &'static [Band] },
}

/// What scores from here on mean, up to the next band.
#[derive(PartialEq, Eq, Debug)]
pub struct Band {
    pub from: u16,
    /// As sent.
    pub code: &'static str,
    pub en: &'static str,
    pub es: &'static str,
}

/// A sum over some of the items.
#[derive(Debug)]
pub struct Part {
    pub code: &'static str,
    pub name: &'static str,
    pub items: std::ops::RangeInclusive<usize>,
}

/// The words of an instrument in one language.
#[derive(Debug)]
pub struct Wording {
    /// ISO 639-1.
    pub language: &'static str,
    /// What is asked of whoever answers.
    pub instruction: &'static str,
    /// In the order of the items.
    pub items: &'static [Words],
    /// The choices of each scale; their value is their place, from 0.
    pub scales: &'static [&'static [&'static str]],
}

/// The words of one item.
#[derive(Debug)]
pub struct Words {
    pub text: &'static str,
    /// What is printed below it; empty: nothing.
    pub note: &'static str,
}

/// An item without a note.
const fn words(text: &'static str) -> Words {
    Words { text, note: "" }
}

/// The newest version.
pub fn current(id: &str) -> Option<&'static Instrument> {
    ALL.iter().rev().find(|instrument| instrument.id == id).copied()
}

/// The version that somebody was asked by.
pub fn find(id: &str, version: &str) -> Option<&'static Instrument> {
    ALL.iter().find(|instrument| instrument.id == id && instrument.version == version).copied()
}

impl Instrument {
    /// The item with this number.
    pub fn item(&self, id: &str) -> Option<&'static Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The words in this language, or in English where there is no published translation.
    pub fn wording(&self, language: &str) -> &'static Wording {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        let found = self.wordings.iter().find(|wording| wording.language.eq_ignore_ascii_case(primary));
        found.unwrap_or(&self.wordings[0])
    }

    /// How many choices an item has.
    pub fn choices(&self, item: &Item) -> u8 {
        self.wordings[0].scales.get(item.scale).and_then(|scale| u8::try_from(scale.len()).ok()).unwrap_or_default()
    }

    /// From the lowest scores to the highest.
    pub fn bands(&self) -> &'static [Band] {
        match &self.scoring {
            Scoring::Sum { bands, .. } | Scoring::Highest { bands, .. } => bands,
        }
    }

    /// What a score means.
    pub fn band(&self, score: u16) -> &'static Band {
        let bands = self.bands();
        bands.iter().rev().find(|band| band.from <= score).unwrap_or(&bands[0])
    }

    /// The highest score.
    pub fn most(&self) -> u16 {
        match &self.scoring {
            Scoring::Sum { .. } => {
                let counted = self.items.iter().filter(|item| item.counts);
                counted.map(|item| u16::from(self.choices(item).saturating_sub(1))).sum()
            }
            Scoring::Highest { levels, .. } => levels.iter().map(|(_, level)| u16::from(*level)).max().unwrap_or(0),
        }
    }
}

impl Band {
    /// What it is called.
    pub fn name(&self, language: &str) -> &'static str {
        if language == "es" { self.es } else { self.en }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_wording_says_every_item_and_every_choice() {
        for instrument in ALL {
            assert_eq!(instrument.wordings[0].language, "en", "{}", instrument.id);
            for wording in instrument.wordings {
                assert_eq!(wording.items.len(), instrument.items.len(), "{} {}", instrument.id, wording.language);
                assert!(wording.items.iter().all(|item| !item.text.is_empty()));
                let sizes = |wording: &Wording| wording.scales.iter().map(|scale| scale.len()).collect::<Vec<_>>();
                assert_eq!(sizes(wording), sizes(&instrument.wordings[0]), "{}", instrument.id);
            }
            assert!(instrument.items.iter().all(|item| instrument.choices(item) >= 2), "{}", instrument.id);
            assert!(!instrument.sources.is_empty() && !instrument.attribution.is_empty());
        }
    }

    #[test]
    fn an_item_has_one_number_and_depends_on_one_that_comes_before_it() {
        for instrument in ALL {
            let mut before = HashSet::new();
            for item in instrument.items {
                if let Asked::After(other) = item.asked {
                    assert!(before.contains(other), "{} of {}", item.id, instrument.id);
                }
                assert!(before.insert(item.id), "{} stands twice in {}", item.id, instrument.id);
            }
        }
    }

    #[test]
    fn bands_begin_at_nothing_grow_and_are_all_reached() {
        for instrument in ALL {
            let bands = instrument.bands();
            assert_eq!(bands[0].from, 0, "{}", instrument.id);
            assert!(bands.is_sorted_by(|low, high| low.from < high.from), "{}", instrument.id);
            assert!(bands.iter().all(|band| band.from <= instrument.most()), "{}", instrument.id);
            let codes: HashSet<_> = bands.iter().map(|band| band.code).collect();
            assert_eq!(codes.len(), bands.len(), "{}", instrument.id);
        }
    }

    #[test]
    fn a_language_without_a_published_translation_is_asked_in_english() {
        assert_eq!(phq9::PHQ_9.wording("es-MX").language, "es");
        assert_eq!(phq9::PHQ_9.wording("de").language, "en");
        assert_eq!(cssrs::C_SSRS.wording("es").language, "en");
    }

    #[test]
    fn a_version_is_found_as_long_as_somebody_may_have_answered_it() {
        for instrument in ALL {
            assert!(find(instrument.id, instrument.version).is_some_and(|found| found.name == instrument.name));
            assert!(current(instrument.id).is_some());
        }
        assert!(find("phq-9", "0").is_none() && current("phq-8").is_none());
    }
}
