//! The PHQ-9: how much somebody was bothered by the nine symptoms of depression over the last two weeks. Item texts,
//! choices and the Spanish translation (United States) are those of the form that Pfizer publishes for everybody's use.

use super::{Band, Instrument, Item, Scoring, Wording, Words, phq, words};

/// The ninth item is about thoughts of death and of hurting oneself: any answer above "not at all" means danger.
pub static PHQ_9: Instrument = Instrument {
    id: "phq-9",
    version: "1",
    name: "PHQ-9",
    items: &[
        Item::counted("1"),
        Item::counted("2"),
        Item::counted("3"),
        Item::counted("4"),
        Item::counted("5"),
        Item::counted("6"),
        Item::counted("7"),
        Item::counted("8"),
        Item { danger: Some(1), ..Item::counted("9") },
        phq::how_difficult("10"),
    ],
    // Kroenke, Spitzer, Williams 2001, table 4 and the text below it.
    scoring: Scoring::Sum {
        bands: &[
            Band { from: 0, code: "minimal", en: "Minimal", es: "Mínima" },
            Band { from: 5, code: "mild", en: "Mild", es: "Leve" },
            Band { from: 10, code: "moderate", en: "Moderate", es: "Moderada" },
            Band { from: 15, code: "moderatelySevere", en: "Moderately severe", es: "Moderadamente grave" },
            Band { from: 20, code: "severe", en: "Severe", es: "Grave" },
        ],
        parts: &[],
    },
    wordings: &[ENGLISH, SPANISH],
    attribution: phq::ATTRIBUTION,
    sources: &[
        phq::SOURCE,
        "Kroenke K, Spitzer RL, Williams JBW. The PHQ-9: validity of a brief depression severity measure. J Gen Intern \
         Med 2001;16:606-613",
    ],
};

const ENGLISH: Wording = Wording {
    language: "en",
    instruction: "Over the last 2 weeks, how often have you been bothered by any of the following problems?",
    items: ENGLISH_ITEMS,
    scales: &[phq::FREQUENCY, phq::DIFFICULTY],
};

const ENGLISH_ITEMS: &[Words] = &[
    words("Little interest or pleasure in doing things"),
    words("Feeling down, depressed, or hopeless"),
    words("Trouble falling or staying asleep, or sleeping too much"),
    words("Feeling tired or having little energy"),
    words("Poor appetite or overeating"),
    words("Feeling bad about yourself — or that you are a failure or have let yourself or your family down"),
    words("Trouble concentrating on things, such as reading the newspaper or watching television"),
    words(
        "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or \
         restless that you have been moving around a lot more than usual",
    ),
    words("Thoughts that you would be better off dead or of hurting yourself in some way"),
    phq::HOW_DIFFICULT,
];

const SPANISH: Wording = Wording {
    language: "es",
    instruction: "Durante las últimas 2 semanas, ¿qué tan seguido ha tenido molestias debido a los siguientes problemas?",
    items: SPANISH_ITEMS,
    scales: &[phq::FREQUENCY_ES, phq::DIFFICULTY_ES],
};

const SPANISH_ITEMS: &[Words] = &[
    words("Poco interés o placer en hacer cosas"),
    words("Se ha sentido decaído(a), deprimido(a) o sin esperanzas"),
    words("Ha tenido dificultad para quedarse o permanecer dormido(a), o ha dormido demasiado"),
    words("Se ha sentido cansado(a) o con poca energía"),
    words("Sin apetito o ha comido en exceso"),
    words(
        "Se ha sentido mal con usted mismo(a) – o que es un fracaso o que ha quedado mal con usted mismo(a) o con su \
         familia",
    ),
    words(
        "Ha tenido dificultad para concentrarse en ciertas actividades, tales como leer el periódico o ver la televisión",
    ),
    words(
        "¿Se ha movido o hablado tan lento que otras personas podrían haberlo notado? o lo contrario – muy inquieto(a) o \
         agitado(a) que ha estado moviéndose mucho más de lo normal",
    ),
    words("Pensamientos de que estaría mejor muerto(a) o de lastimarse de alguna manera"),
    phq::HOW_DIFFICULT_ES,
];
