//! The C-SSRS screener (Columbia Protocol, "Screen Version – Recent"): wishes and thoughts of the past month, and what
//! somebody ever did. Free to use unaltered, from the Columbia Lighthouse Project. In English alone: of the Spanish
//! versions that are in use no wording was at hand without doubt, and here a word that is off is not to be risked.
//!
//! Any yes is positive. The published triage gives each yes a level, none of which asks for nothing to be done; the level
//! tells those who are called how bad it is. See `docs/adr/0032`.

use super::{Asked, Band, Instrument, Item, Scoring, Wording, Words, words};

/// Six questions, three of which are asked only after a yes to the second.
pub static C_SSRS: Instrument = Instrument {
    id: "c-ssrs",
    version: "1",
    name: "C-SSRS Screener",
    items: &[
        item("1", Asked::Always),
        item("2", Asked::Always),
        item("3", Asked::After("2")),
        item("4", Asked::After("2")),
        item("5", Asked::After("2")),
        item("6", Asked::Always),
        item("6a", Asked::After("6")),
    ],
    // "C-SSRS Screener with Triage Points": 1 and 2 low, 3 and 6 (over three months ago) moderate, 4, 5 and 6 (within
    // three months) high. The highest counts.
    scoring: Scoring::Highest {
        levels: &[("1", 1), ("2", 1), ("3", 2), ("4", 3), ("5", 3), ("6", 2), ("6a", 3)],
        bands: &[
            Band { from: 0, code: "none", en: "No item answered yes", es: "Ninguna respuesta afirmativa" },
            Band { from: 1, code: "low", en: "Low risk", es: "Riesgo bajo" },
            Band { from: 2, code: "moderate", en: "Moderate risk", es: "Riesgo moderado" },
            Band { from: 3, code: "high", en: "High risk", es: "Riesgo alto" },
        ],
    },
    wordings: &[ENGLISH],
    attribution: "© 2008 The Research Foundation for Mental Hygiene, Inc. Columbia-Suicide Severity Rating Scale, Screen \
        Version – Recent. Free to use through The Columbia Lighthouse Project, unaltered.",
    sources: &[
        "The Columbia Lighthouse Project, https://cssrs.columbia.edu",
        "Triage: https://cssrs.columbia.edu/the-columbia-scale-c-ssrs/triage-c-ssrs/",
        "Posner K et al. The Columbia-Suicide Severity Rating Scale. Am J Psychiatry 2011;168:1266-1277",
    ],
};

const fn item(id: &'static str, asked: Asked) -> Item {
    Item { id, scale: 0, asked, counts: false, danger: Some(1) }
}

const ENGLISH: Wording =
    Wording { language: "en", instruction: "In the past month:", items: ENGLISH_ITEMS, scales: &[&["No", "Yes"]] };

const ENGLISH_ITEMS: &[Words] = &[
    words("Have you wished you were dead or wished you could go to sleep and not wake up?"),
    words("Have you actually had any thoughts of killing yourself?"),
    Words {
        text: "Have you been thinking about how you might do this?",
        note: "E.g. “I thought about taking an overdose but I never made a specific plan as to when where or how I would \
               actually do it…and I would never go through with it.”",
    },
    Words {
        text: "Have you had these thoughts and had some intention of acting on them?",
        note: "As opposed to “I have the thoughts but I definitely will not do anything about them.”",
    },
    words(
        "Have you started to work out or worked out the details of how to kill yourself? Do you intend to carry out this \
         plan?",
    ),
    Words {
        text: "Have you ever done anything, started to do anything, or prepared to do anything to end your life?",
        note: "Examples: Collected pills, obtained a gun, gave away valuables, wrote a will or suicide note, took out \
               pills but didn’t swallow any, held a gun but changed your mind or it was grabbed from your hand, went to \
               the roof but didn’t jump; or actually took pills, tried to shoot yourself, cut yourself, tried to hang \
               yourself, etc.",
    },
    words("Was this within the past three months?"),
];
