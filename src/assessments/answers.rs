//! What somebody answers: a value for each item, by its number. Whether it may be kept as a draft, and whether it is
//! whole. Pure; a refusal names the items, and never what was answered.

use super::instruments::{Asked, Instrument, Item};
use crate::error::{Error, FieldError, Result};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};
use utoipa::ToSchema;

/// Values by the number of the item. Prints nothing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = AssessmentAnswers)]
pub struct Answers(pub BTreeMap<String, u8>);

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answers({})", self.0.len())
    }
}

impl Answers {
    /// The answer to an item, if there is one.
    pub fn get(&self, item: &Item) -> Option<u8> {
        self.0.get(item.id).copied()
    }

    /// Whether an item is asked, by what was answered so far.
    pub fn asks(&self, instrument: &Instrument, item: &Item) -> bool {
        let is_above = |item: &Item| self.get(item).is_some_and(|value| value > 0);
        match item.asked {
            Asked::Always => true,
            Asked::After(other) => instrument.item(other).is_some_and(is_above),
            Asked::AfterAny => instrument.items.iter().filter(|item| item.counts).any(is_above),
        }
    }

    /// The items whose answer means danger.
    pub fn dangers(&self, instrument: &Instrument) -> Vec<&'static str> {
        let means_danger =
            |item: &&Item| item.danger.is_some_and(|from| self.get(item).is_some_and(|value| value >= from));
        instrument.items.iter().filter(means_danger).map(|item| item.id).collect()
    }

    /// May be kept while somebody is at it: every value is one that the item has.
    ///
    /// # Errors
    /// `invalid`, one for each item.
    pub fn check_draft(&self, instrument: &Instrument) -> Result<()> {
        let mut errors = Vec::new();
        for (id, value) in &self.0 {
            match instrument.item(id) {
                None => errors.push(refusal(id, "There is no such question.")),
                Some(item) if *value >= instrument.choices(item) => {
                    errors.push(refusal(id, "Choose one of the answers that are offered."));
                }
                Some(_) => {}
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
    }

    /// Is whole: every item that is asked has an answer, and no other.
    ///
    /// # Errors
    /// `invalid`, one for each item.
    pub fn check_whole(&self, instrument: &Instrument) -> Result<()> {
        self.check_draft(instrument)?;
        let mut errors = Vec::new();
        for item in instrument.items {
            match (self.asks(instrument, item), self.get(item)) {
                (true, None) => errors.push(refusal(item.id, "Answer this question.")),
                (false, Some(_)) => {
                    errors.push(refusal(item.id, "This is not asked after what was answered before: leave it out."));
                }
                _ => {}
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
    }
}

fn refusal(id: &str, message: &str) -> FieldError {
    // What was sent may be anything: of a number that is none only its place is named.
    let known = id.len() <= 3 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let pointer = if known { format!("/answers/{id}") } else { "/answers".to_owned() };
    FieldError { pointer, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{
        super::instruments::{cssrs::C_SSRS, gad7::GAD_7, phq9::PHQ_9},
        *,
    };

    pub fn answers(list: &[(&str, u8)]) -> Answers {
        Answers(list.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect())
    }

    fn pointers(refused: Result<()>) -> Vec<String> {
        match refused {
            Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.pointer).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_draft_may_be_unfinished_but_holds_nothing_that_was_not_offered() {
        assert!(answers(&[]).check_draft(&PHQ_9).is_ok());
        assert!(answers(&[("9", 3), ("10", 3)]).check_draft(&PHQ_9).is_ok());
        let wrong = answers(&[("1", 4), ("9", 0), ("11", 0), ("'; DROP TABLE", 0)]);
        assert_eq!(pointers(wrong.check_draft(&PHQ_9)), ["/answers", "/answers/1", "/answers/11"]);
    }

    #[test]
    fn what_is_submitted_answers_everything_that_is_asked_and_nothing_else() {
        let seven: Vec<_> = ["1", "2", "3", "4", "5", "6", "7"].map(|id| (id, 0)).to_vec();
        assert!(answers(&seven).check_whole(&GAD_7).is_ok(), "how hard it is is not asked of whoever has no problem");
        assert_eq!(pointers(answers(&seven[1..]).check_whole(&GAD_7)), ["/answers/1"]);
        let some = [&[("1", 1)], &seven[1..]].concat();
        assert_eq!(pointers(answers(&some).check_whole(&GAD_7)), ["/answers/8"]);
        assert!(answers(&[&some[..], &[("8", 0)]].concat()).check_whole(&GAD_7).is_ok());
        assert_eq!(pointers(answers(&[&seven[..], &[("8", 0)]].concat()).check_whole(&GAD_7)), ["/answers/8"]);
    }

    #[test]
    fn the_screener_goes_from_a_no_to_the_sixth_question_and_from_a_yes_through_all() {
        assert!(answers(&[("1", 1), ("2", 0), ("6", 0)]).check_whole(&C_SSRS).is_ok());
        let yes = answers(&[("1", 0), ("2", 1), ("6", 1)]);
        assert_eq!(pointers(yes.check_whole(&C_SSRS)), ["/answers/3", "/answers/4", "/answers/5", "/answers/6a"]);
        let against = answers(&[("1", 0), ("2", 0), ("4", 1), ("6", 0)]);
        assert_eq!(pointers(against.check_whole(&C_SSRS)), ["/answers/4"]);
    }

    #[test]
    fn an_answer_prints_nothing() {
        assert_eq!(format!("{:?}", answers(&[("9", 3)])), "Answers(1)");
    }
}
