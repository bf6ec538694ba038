//! How an assessment is shown: the questionnaire with its answers, and what came of it. A client reads the score of a sum
//! and what its band is called; the level of a risk is for those who can do something about it.

use crate::{
    assessments::{
        answers::Answers,
        instruments::{Asked, Instrument, Item, Scoring, Wording},
        model::{Assessment, AssessmentState},
        score::Outcome,
    },
    emergency::resources::Resource,
    ids::{AssessmentId, EscalationId},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// An assessment in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssessmentSummary {
    pub id: AssessmentId,
    pub instrument: &'static str,
    pub name: &'static str,
    pub state: AssessmentState,
    pub assigned_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    /// When it was submitted, missed or taken back.
    pub closed_at: Option<DateTime<Utc>>,
    /// Items that have an answer.
    pub answered: usize,
    /// Items that are asked, by what was answered so far.
    pub asked: usize,
    /// Null: not submitted, or not for the reader.
    pub result: Option<AssessmentResult>,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssessmentResult {
    pub score: u16,
    /// The highest score there is.
    pub most: u16,
    /// The band's code.
    pub band: String,
    pub band_name: &'static str,
    pub parts: Vec<AssessmentPart>,
    /// The items whose answer means danger; none for clients.
    pub dangers: Vec<String>,
}

/// A sum over some of the items.
#[derive(Serialize, ToSchema)]
pub struct AssessmentPart {
    code: &'static str,
    name: &'static str,
    score: u16,
    most: u16,
}

/// An assessment with its questions and answers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssessmentQuestionnaire)]
pub struct Questionnaire {
    #[serde(flatten)]
    summary: AssessmentSummary,
    version: &'static str,
    /// Of the questions, ISO 639-1.
    language: &'static str,
    instruction: &'static str,
    items: Vec<Question>,
    #[schema(value_type = std::collections::BTreeMap<String, u8>)]
    answers: Answers,
    /// Of the answers.
    revision: i64,
    /// Who made it, and by which right it is used.
    attribution: &'static str,
    /// Where a client in danger finds help at once.
    crisis: Vec<Resource>,
    /// The emergency that it raised; null for clients.
    escalation: Option<EscalationId>,
}

/// One question.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssessmentQuestion)]
pub struct Question {
    id: &'static str,
    text: &'static str,
    note: Option<&'static str>,
    /// The value of a choice is its place, from 0.
    choices: &'static [&'static str],
    /// Asked only when the answer to this item is above 0.
    after: Option<&'static str>,
    /// Asked only when any item that counts is above 0.
    after_any: bool,
    counts: bool,
    /// From this value on the answer means danger.
    danger: Option<u8>,
}

/// Who reads it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Client,
    Staff,
}

/// In a list; `language` is the reader's.
pub fn summary(assessment: &Assessment, reader: Reader, language: &str) -> AssessmentSummary {
    let (answered, asked) = assessment.progress();
    AssessmentSummary {
        id: assessment.id,
        instrument: assessment.instrument.id,
        name: assessment.instrument.name,
        state: assessment.state,
        assigned_at: assessment.assigned_at,
        due_at: assessment.due_at,
        started_at: assessment.started_at,
        closed_at: assessment.closed_at,
        answered,
        asked,
        result: assessment.outcome().and_then(|outcome| result(assessment.instrument, outcome, reader, language)),
    }
}

fn result(instrument: &Instrument, outcome: &Outcome, reader: Reader, language: &str) -> Option<AssessmentResult> {
    let parts = match &instrument.scoring {
        Scoring::Highest { .. } if reader == Reader::Client => return None,
        Scoring::Highest { .. } => &[],
        Scoring::Sum { parts, .. } => *parts,
    };
    let most = |range: std::ops::RangeInclusive<usize>| {
        let items = instrument.items.get(range).unwrap_or_default().iter();
        items.map(|item| u16::from(instrument.choices(item).saturating_sub(1))).sum()
    };
    let shown = parts.iter().zip(&outcome.parts).map(|(part, score)| AssessmentPart {
        code: part.code,
        name: part.name,
        score: *score,
        most: most(part.items.clone()),
    });
    Some(AssessmentResult {
        score: outcome.score,
        most: instrument.most(),
        band: outcome.band.clone(),
        band_name: instrument.band(outcome.score).name(language),
        parts: shown.collect(),
        dangers: if reader == Reader::Staff { outcome.dangers.clone() } else { Vec::new() },
    })
}

/// With its questions. A client reads them in the language in which it was begun, or will be; staff in English.
pub fn questionnaire(assessment: &Assessment, reader: Reader, language: &str, crisis: Vec<Resource>) -> Questionnaire {
    let asked_in = match (reader, &assessment.kept) {
        (Reader::Staff, _) => "en",
        (Reader::Client, Some(kept)) => &kept.language,
        (Reader::Client, None) => language,
    };
    let wording = assessment.instrument.wording(asked_in);
    Questionnaire {
        summary: summary(assessment, reader, language),
        version: assessment.instrument.version,
        language: wording.language,
        instruction: wording.instruction,
        items: questions(assessment.instrument, wording),
        answers: assessment.kept.as_ref().map(|kept| kept.answers.clone()).unwrap_or_default(),
        revision: assessment.revision,
        attribution: assessment.instrument.attribution,
        crisis,
        escalation: assessment.escalation.filter(|_| reader == Reader::Staff),
    }
}

fn questions(instrument: &'static Instrument, wording: &'static Wording) -> Vec<Question> {
    let question = |(item, words): (&'static Item, &'static crate::assessments::instruments::Words)| Question {
        id: item.id,
        text: words.text,
        note: Some(words.note).filter(|note| !note.is_empty()),
        choices: wording.scales.get(item.scale).copied().unwrap_or_default(),
        after: match item.asked {
            Asked::After(other) => Some(other),
            Asked::Always | Asked::AfterAny => None,
        },
        after_any: item.asked == Asked::AfterAny,
        counts: item.counts,
        danger: item.danger,
    };
    instrument.items.iter().zip(wording.items).map(question).collect()
}
