//! What is asked only where earlier answers say so. A condition about something that is not answered, or not asked, does
//! not hold.

use super::{answers::Answers, definition::Definition};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// When a field is asked.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FormShowIf)]
pub struct ShowIf {
    #[serde(default, rename = "match")]
    pub matching: Matching,
    #[schema(max_items = 10)]
    pub conditions: Vec<Condition>,
}

/// How many of the conditions have to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormMatching)]
pub enum Matching {
    #[default]
    All,
    Any,
}

/// Something about an earlier answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FormCondition)]
pub struct Condition {
    /// The key of an earlier field.
    pub field: String,
    pub is: Comparison,
    /// What it is compared with; nothing for `answered`.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
}

/// How an answer is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormComparison)]
pub enum Comparison {
    Answered,
    Equals,
    Differs,
    /// Of several choices: this is one of them.
    Includes,
    AtLeast,
    AtMost,
}

impl ShowIf {
    fn holds(&self, answers: &Answers) -> bool {
        let mut each = self.conditions.iter().map(|condition| condition.holds(answers));
        match self.matching {
            Matching::All => each.all(|holds| holds),
            Matching::Any => each.any(|holds| holds),
        }
    }
}

impl Condition {
    fn holds(&self, answers: &Answers) -> bool {
        let Some(answer) = answers.get(&self.field).filter(|answer| is_answered(answer)) else { return false };
        let number = |of: &Value| of.as_f64();
        match self.is {
            Comparison::Answered => true,
            Comparison::Equals => same(answer, &self.value),
            Comparison::Differs => !same(answer, &self.value),
            Comparison::Includes => answer.as_array().is_some_and(|chosen| chosen.contains(&self.value)),
            Comparison::AtLeast => number(answer).zip(number(&self.value)).is_some_and(|(is, least)| is >= least),
            Comparison::AtMost => number(answer).zip(number(&self.value)).is_some_and(|(is, most)| is <= most),
        }
    }
}

fn same(answer: &Value, value: &Value) -> bool {
    match (answer, value) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::String(one), Value::String(other)) => one.trim() == other.trim(),
        _ => answer == value,
    }
}

/// Whether there is an answer at all.
pub fn is_answered(answer: &Value) -> bool {
    match answer {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// For each field of the form whether it is asked, where the answers are these.
pub fn asked(definition: &Definition, answers: &Answers) -> Vec<bool> {
    // What is not asked counts as not answered for all that comes later.
    let mut known = Answers::new();
    let mut section_is_asked = true;
    let mut asked = Vec::with_capacity(definition.fields.len());
    for field in &definition.fields {
        let itself = field.show_if.as_ref().is_none_or(|show_if| show_if.holds(&known));
        if !field.is_question() {
            section_is_asked = itself;
        }
        let is_asked = itself && section_is_asked;
        if is_asked && let Some(answer) = answers.get(&field.key) {
            known.insert(field.key.clone(), answer.clone());
        }
        asked.push(is_asked);
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::{check, definition::Field};
    use serde_json::json;
    use std::collections::BTreeSet;

    /// A form, and what of it is asked. The browser's half of this (`form-asked.js`) goes over the same.
    #[derive(Deserialize)]
    struct Form {
        what: String,
        fields: Vec<Field>,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        answers: Answers,
        asked: Vec<String>,
    }

    fn forms() -> Vec<(Definition, Vec<Case>)> {
        let table = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages/asked-cases.json"));
        let forms: Vec<Form> = serde_json::from_str(table).unwrap();
        let form = |Form { what, fields, cases }| {
            let definition = Definition { title: what, intro: None, language: "en".to_owned(), fields };
            (definition, cases)
        };
        forms.into_iter().map(form).collect()
    }

    #[test]
    fn a_field_is_asked_where_earlier_answers_say_so() {
        for (form, cases) in forms() {
            for Case { answers, asked: expected } in cases {
                let asked = asked(&form, &answers);
                let shown = form.fields.iter().zip(asked).filter(|(_, asked)| *asked).map(|(field, _)| &field.key);
                assert_eq!(
                    shown.collect::<Vec<_>>(),
                    expected.iter().collect::<Vec<_>>(),
                    "{}: {answers:?}",
                    form.title
                );
            }
        }
    }

    /// Whether the table says all that there is to say.
    #[test]
    fn the_cases_are_of_every_comparison_with_every_kind_of_field_that_it_fits() {
        let mut seen = BTreeSet::new();
        for (form, _) in forms() {
            check::may_be_published(&form).unwrap_or_else(|refused| panic!("{}: {refused:?}", form.title));
            for condition in form.fields.iter().filter_map(|field| field.show_if.as_ref()).flat_map(|s| &s.conditions) {
                let about = serde_json::to_value(form.field(&condition.field)).unwrap();
                seen.insert(format!("{} {}", json!(condition.is), about["type"]).replace('"', ""));
            }
        }
        let kinds = ["text", "longText", "number", "date", "choice", "scale", "choices", "signature", "file"];
        // Equal to a value is what has one value; at least a number is what is a number.
        let fitting = [
            ("answered", &kinds[..]),
            ("equals", &kinds[..6]),
            ("differs", &kinds[..6]),
            ("includes", &["choices"][..]),
            ("atLeast", &["number", "scale"][..]),
            ("atMost", &["number", "scale"][..]),
        ];
        let fitting = fitting.into_iter().flat_map(|(is, of)| of.iter().map(move |of| format!("{is} {of}")));
        assert_eq!(seen, fitting.collect());
    }
}
