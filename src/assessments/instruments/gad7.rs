//! The GAD-7: how much somebody was bothered by anxiety over the last two weeks. Item texts, choices and the Spanish
//! translation (United States) are those of the form that Pfizer publishes for everybody's use. No answer of it means
//! danger.

use super::{Band, Instrument, Item, Scoring, Wording, Words, phq, words};

/// Seven items that count, and how much harder they make life.
pub static GAD_7: Instrument = Instrument {
    id: "gad-7",
    version: "1",
    name: "GAD-7",
    items: &[
        Item::counted("1"),
        Item::counted("2"),
        Item::counted("3"),
        Item::counted("4"),
        Item::counted("5"),
        Item::counted("6"),
        Item::counted("7"),
        phq::how_difficult("8"),
    ],
    // Spitzer et al. 2006: 5, 10 and 15 as cut-points for mild, moderate and severe anxiety.
    scoring: Scoring::Sum {
        bands: &[
            Band { from: 0, code: "minimal", en: "Minimal", es: "Mínima" },
            Band { from: 5, code: "mild", en: "Mild", es: "Leve" },
            Band { from: 10, code: "moderate", en: "Moderate", es: "Moderada" },
            Band { from: 15, code: "severe", en: "Severe", es: "Grave" },
        ],
        parts: &[],
    },
    wordings: &[ENGLISH, SPANISH],
    attribution: phq::ATTRIBUTION,
    sources: &[
        phq::SOURCE,
        "Spitzer RL, Kroenke K, Williams JBW, Löwe B. A brief measure for assessing generalized anxiety disorder: the \
         GAD-7. Arch Intern Med 2006;166:1092-1097",
    ],
};

const ENGLISH: Wording = Wording {
    language: "en",
    instruction: "Over the last 2 weeks, how often have you been bothered by the following problems?",
    items: ENGLISH_ITEMS,
    scales: &[phq::FREQUENCY, phq::DIFFICULTY],
};

const ENGLISH_ITEMS: &[Words] = &[
    words("Feeling nervous, anxious or on edge"),
    words("Not being able to stop or control worrying"),
    words("Worrying too much about different things"),
    words("Trouble relaxing"),
    words("Being so restless that it is hard to sit still"),
    words("Becoming easily annoyed or irritable"),
    words("Feeling afraid as if something awful might happen"),
    phq::HOW_DIFFICULT,
];

const SPANISH: Wording = Wording {
    language: "es",
    instruction: "Durante las últimas 2 semanas, ¿qué tan seguido ha tenido molestias debido a los siguientes problemas?",
    items: SPANISH_ITEMS,
    scales: &[phq::FREQUENCY_ES, phq::DIFFICULTY_ES],
};

const SPANISH_ITEMS: &[Words] = &[
    words("Se ha sentido nervioso(a), ansioso(a) o con los nervios de punta"),
    words("No ha sido capaz de parar o controlar su preocupación"),
    words("Se ha preocupado demasiado por motivos diferentes"),
    words("Ha tenido dificultad para relajarse"),
    words("Se ha sentido tan inquieto(a) que no ha podido quedarse quieto(a)"),
    words("Se ha molestado o irritado fácilmente"),
    words("Ha tenido miedo de que algo terrible fuera a pasar"),
    phq::HOW_DIFFICULT_ES,
];
