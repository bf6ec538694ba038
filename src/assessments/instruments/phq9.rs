//! The PHQ-9: how much somebody was bothered by the nine symptoms of depression over the last two weeks. Item texts,
//! choices and the Spanish translation (United States) are those of the form that Pfizer publishes for everybody's use.

use super::{Asked, Band, Instrument, Item, Scoring, Wording, Words, words};

/// The ninth item is about thoughts of death and of hurting oneself: any answer above "not at all" means danger.
pub static PHQ_9: Instrument = Instrument {
    id: "phq-9",
    version: "1",
    name: "PHQ-9",
    items: &[
        item("1"),
        item("2"),
        item("3"),
        item("4"),
        item("5"),
        item("6"),
        item("7"),
        item("8"),
        Item { danger: Some(1), ..item("9") },
        Item { id: "10", scale: 1, asked: Asked::AfterAny, counts: false, danger: None },
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
    attribution: "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an \
        educational grant from Pfizer Inc. No permission required to reproduce, translate, display or distribute.",
    sources: &[
        "Patient Health Questionnaire (PHQ) Screeners, https://www.phqscreeners.com",
        "Kroenke K, Spitzer RL, Williams JBW. The PHQ-9: validity of a brief depression severity measure. J Gen Intern \
         Med 2001;16:606-613",
    ],
};

const fn item(id: &'static str) -> Item {
    Item { id, scale: 0, asked: Asked::Always, counts: true, danger: None }
}

/// Of the PHQ-9 and the GAD-7 alike.
pub(super) const FREQUENCY: &[&str] = &["Not at all", "Several days", "More than half the days", "Nearly every day"];
pub(super) const FREQUENCY_ES: &[&str] =
    &["Ningún día", "Varios días", "Más de la mitad de los días", "Casi todos los días"];
pub(super) const DIFFICULTY: &[&str] =
    &["Not difficult at all", "Somewhat difficult", "Very difficult", "Extremely difficult"];
pub(super) const DIFFICULTY_ES: &[&str] =
    &["No ha sido difícil", "Un poco difícil", "Muy difícil", "Extremadamente difícil"];

const ENGLISH: Wording = Wording {
    language: "en",
    instruction: "Over the last 2 weeks, how often have you been bothered by any of the following problems?",
    items: ENGLISH_ITEMS,
    scales: &[FREQUENCY, DIFFICULTY],
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
    words(
        "If you checked off any problems, how difficult have these problems made it for you to do your work, take care \
         of things at home, or get along with other people?",
    ),
];

const SPANISH: Wording = Wording {
    language: "es",
    instruction: "Durante las últimas 2 semanas, ¿qué tan seguido ha tenido molestias debido a los siguientes problemas?",
    items: SPANISH_ITEMS,
    scales: &[FREQUENCY_ES, DIFFICULTY_ES],
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
    words(
        "Si marcó cualquiera de los problemas, ¿qué tanta dificultad le han dado estos problemas para hacer su trabajo, \
         encargarse de las tareas del hogar, o llevarse bien con otras personas?",
    ),
];
