//! What the PHQ-9 and the GAD-7 have in common: both are of the forms that Pfizer publishes for everybody's use, with the
//! same choices and the same last question. To the letter, in English and in the Spanish of the United States.

use super::{Asked, Item, Words, words};

pub(super) const FREQUENCY: &[&str] = &["Not at all", "Several days", "More than half the days", "Nearly every day"];
pub(super) const FREQUENCY_ES: &[&str] =
    &["Ningún día", "Varios días", "Más de la mitad de los días", "Casi todos los días"];
pub(super) const DIFFICULTY: &[&str] =
    &["Not difficult at all", "Somewhat difficult", "Very difficult", "Extremely difficult"];
pub(super) const DIFFICULTY_ES: &[&str] =
    &["No ha sido difícil", "Un poco difícil", "Muy difícil", "Extremadamente difícil"];

pub(super) const HOW_DIFFICULT: Words = words(
    "If you checked off any problems, how difficult have these problems made it for you to do your work, take care \
     of things at home, or get along with other people?",
);
pub(super) const HOW_DIFFICULT_ES: Words = words(
    "Si marcó cualquiera de los problemas, ¿qué tanta dificultad le han dado estos problemas para hacer su trabajo, \
     encargarse de las tareas del hogar, o llevarse bien con otras personas?",
);

pub(super) const ATTRIBUTION: &str = "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an \
    educational grant from Pfizer Inc. No permission required to reproduce, translate, display or distribute.";
pub(super) const SOURCE: &str = "Patient Health Questionnaire (PHQ) Screeners, https://www.phqscreeners.com";

/// The last question: asked where anything was a problem, and not part of the score.
pub(super) const fn how_difficult(id: &'static str) -> Item {
    Item { id, scale: 1, asked: Asked::AfterAny, counts: false, danger: None }
}
