//! From whole answers to what they mean, by the published scoring. Pure. Nobody but the server scores.

use super::{
    answers::Answers,
    instruments::{Instrument, Scoring},
};
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    pub score: u16,
    /// The band's code.
    pub band: String,
    /// The sums of the parts, in their order.
    #[serde(default)]
    pub parts: Vec<u16>,
    /// The items whose answer means danger.
    #[serde(default)]
    pub dangers: Vec<String>,
}

impl Outcome {
    /// Scores.
    ///
    /// # Errors
    /// `invalid` where the answers are not whole.
    pub fn of(instrument: &Instrument, answers: &Answers) -> Result<Self> {
        answers.check_whole(instrument)?;
        let value = |item| u16::from(answers.get(item).unwrap_or_default());
        let (score, parts) = match &instrument.scoring {
            Scoring::Sum { parts, .. } => {
                let sum = instrument.items.iter().filter(|item| item.counts).map(value).sum();
                let of_part = |part: &super::instruments::Part| {
                    instrument.items.get(part.items.clone()).unwrap_or_default().iter().map(value).sum()
                };
                (sum, parts.iter().map(of_part).collect())
            }
            Scoring::Highest { levels, .. } => {
                let above = |(id, _): &&(&str, u8)| instrument.item(id).is_some_and(|item| value(item) > 0);
                let highest = levels.iter().filter(above).map(|(_, level)| u16::from(*level)).max();
                (highest.unwrap_or_default(), Vec::new())
            }
        };
        Ok(Self {
            score,
            band: instrument.band(score).code.to_owned(),
            parts,
            dangers: answers.dangers(instrument).into_iter().map(str::to_owned).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::instruments::{ALL, cssrs::C_SSRS, gad7::GAD_7, pcl5::PCL_5, phq9::PHQ_9},
        *,
    };
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Values for the items that count, in their order; what is asked beside them is answered with 0.
    fn answered(instrument: &Instrument, values: &[u8]) -> Answers {
        let mut answers = Answers::default();
        for (item, value) in instrument.items.iter().filter(|item| item.counts).zip(values) {
            answers.0.insert(item.id.to_owned(), *value);
        }
        for item in instrument.items.iter().filter(|item| !item.counts) {
            if answers.asks(instrument, item) {
                answers.0.insert(item.id.to_owned(), 0);
            }
        }
        answers
    }

    /// With this sum: the first items get as much as they can.
    fn with_sum(instrument: &Instrument, mut sum: u16) -> Answers {
        let highest = u16::from(instrument.choices(&instrument.items[0]) - 1);
        let counted = instrument.items.iter().filter(|item| item.counts).count();
        let values: Vec<u8> = (0..counted)
            .map(|_| {
                let value = sum.min(highest);
                sum -= value;
                value as u8
            })
            .collect();
        answered(instrument, &values)
    }

    fn band(instrument: &Instrument, score: u16) -> String {
        let outcome = Outcome::of(instrument, &with_sum(instrument, score)).unwrap();
        assert_eq!(outcome.score, score);
        outcome.band
    }

    #[test]
    fn the_bands_begin_and_end_where_they_were_published() {
        for (instrument, bands) in [
            (
                &PHQ_9,
                &[
                    ("minimal", 0, 4),
                    ("mild", 5, 9),
                    ("moderate", 10, 14),
                    ("moderatelySevere", 15, 19),
                    ("severe", 20, 27),
                ][..],
            ),
            (&GAD_7, &[("minimal", 0, 4), ("mild", 5, 9), ("moderate", 10, 14), ("severe", 15, 21)][..]),
            (&PCL_5, &[("belowCutPoint", 0, 30), ("atCutPoint", 31, 33), ("aboveCutPoint", 34, 80)][..]),
        ] {
            assert_eq!(instrument.most(), bands[bands.len() - 1].2, "{}", instrument.id);
            for (code, from, to) in bands {
                assert_eq!((&*band(instrument, *from), &*band(instrument, *to)), (*code, *code), "{}", instrument.id);
            }
        }
    }

    #[test]
    fn columns_add_up_as_on_the_form() {
        let outcome = Outcome::of(&PHQ_9, &answered(&PHQ_9, &[2, 1, 3, 2, 1, 1, 1, 0, 0])).unwrap();
        assert_eq!((outcome.score, &*outcome.band), (11, "moderate"));
        assert!(outcome.dangers.is_empty() && outcome.parts.is_empty());
    }

    #[test]
    fn the_clusters_of_the_pcl_5_have_their_own_items() {
        let mut values = [0; 20];
        (values[4], values[5], values[7], values[13], values[14], values[19]) = (1, 2, 3, 4, 1, 2);
        let outcome = Outcome::of(&PCL_5, &answered(&PCL_5, &values)).unwrap();
        assert_eq!((outcome.score, outcome.parts), (13, vec![1, 2, 7, 3]));
        let all = Outcome::of(&PCL_5, &answered(&PCL_5, &[4; 20])).unwrap();
        assert_eq!((all.score, all.parts), (80, vec![20, 8, 28, 24]));
    }

    #[test]
    fn the_screener_is_judged_by_its_published_triage() {
        for (yes, level) in [
            (&[][..], "none"),
            (&["1"][..], "low"),
            (&["2"][..], "low"),
            (&["1", "2"][..], "low"),
            (&["2", "3"][..], "moderate"),
            (&["6"][..], "moderate"),
            (&["1", "2", "6"][..], "moderate"),
            (&["2", "4"][..], "high"),
            (&["2", "3", "5"][..], "high"),
            (&["6", "6a"][..], "high"),
        ] {
            let mut answers = Answers(BTreeMap::new());
            for item in C_SSRS.items {
                if answers.asks(&C_SSRS, item) {
                    answers.0.insert(item.id.to_owned(), u8::from(yes.contains(&item.id)));
                }
            }
            let outcome = Outcome::of(&C_SSRS, &answers).unwrap();
            assert_eq!((&*outcome.band, outcome.dangers.is_empty()), (level, yes.is_empty()), "{yes:?}");
        }
    }

    proptest! {
        #[test]
        fn a_score_is_the_sum_of_what_counts_and_lies_in_its_band(
            which in 0_usize..3, values in prop::collection::vec(0_u8..5, 20),
        ) {
            let instrument = [&PHQ_9, &GAD_7, &PCL_5][which];
            let counted = instrument.items.iter().filter(|item| item.counts);
            let values: Vec<u8> =
                counted.zip(values).map(|(item, value)| value % instrument.choices(item)).collect();
            let outcome = Outcome::of(instrument, &answered(instrument, &values)).unwrap();
            prop_assert_eq!(outcome.score, values.iter().map(|value| u16::from(*value)).sum::<u16>());
            let bands = instrument.bands();
            let at = bands.iter().position(|band| band.code == outcome.band).unwrap();
            prop_assert!(bands[at].from <= outcome.score);
            prop_assert!(bands.get(at + 1).is_none_or(|next| outcome.score < next.from));
            if !outcome.parts.is_empty() {
                prop_assert_eq!(outcome.parts.iter().sum::<u16>(), outcome.score);
            }
        }

        #[test]
        fn of_the_phq_9_the_ninth_item_means_danger_and_nothing_else_does(
            values in prop::collection::vec(0_u8..4, 9),
        ) {
            let outcome = Outcome::of(&PHQ_9, &answered(&PHQ_9, &values)).unwrap();
            prop_assert_eq!(outcome.dangers, if values[8] > 0 { vec!["9".to_owned()] } else { Vec::new() });
        }

        #[test]
        fn nothing_that_is_answered_in_the_gad_7_or_the_pcl_5_means_danger(values in prop::collection::vec(0_u8..4, 20)) {
            for instrument in [&GAD_7, &PCL_5] {
                prop_assert!(Outcome::of(instrument, &answered(instrument, &values)).unwrap().dangers.is_empty());
            }
        }
    }

    #[test]
    fn what_is_not_whole_has_no_score() {
        for instrument in ALL {
            assert!(Outcome::of(instrument, &Answers::default()).is_err(), "{}", instrument.id);
        }
    }
}
