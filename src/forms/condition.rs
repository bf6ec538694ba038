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
    use serde_json::json;

    fn form() -> Definition {
        let yes_no = json!([{"value": "yes", "label": "Yes"}, {"value": "no", "label": "No"}]);
        serde_json::from_value(json!({"title": "T", "fields": [
            {"key": "meds", "label": "?", "type": "choice", "options": yes_no},
            {"key": "which", "label": "?", "type": "text",
                "showIf": {"conditions": [{"field": "meds", "is": "equals", "value": "yes"}]}},
            {"key": "dose", "label": "?", "type": "number",
                "showIf": {"conditions": [{"field": "which", "is": "answered"}]}},
            {"key": "more", "label": "More", "type": "section",
                "showIf": {"match": "any", "conditions": [
                    {"field": "dose", "is": "atLeast", "value": 100}, {"field": "meds", "is": "equals", "value": "no"}]}},
            {"key": "why", "label": "?", "type": "longText"},
            {"key": "end", "label": "End", "type": "section"},
            {"key": "last", "label": "?", "type": "text"},
        ]}))
        .unwrap()
    }

    fn shown(answers: Value) -> Vec<String> {
        let (form, answers) = (form(), serde_json::from_value(answers).unwrap());
        let asked = asked(&form, &answers);
        form.fields.iter().zip(asked).filter(|(_, asked)| *asked).map(|(field, _)| field.key.clone()).collect()
    }

    #[test]
    fn a_field_is_asked_where_earlier_answers_say_so() {
        assert_eq!(shown(json!({})), ["meds", "end", "last"]);
        assert_eq!(shown(json!({"meds": "yes"})), ["meds", "which", "end", "last"]);
        assert_eq!(shown(json!({"meds": "yes", "which": "x"})), ["meds", "which", "dose", "end", "last"]);
        assert_eq!(
            shown(json!({"meds": "yes", "which": "x", "dose": 100})),
            ["meds", "which", "dose", "more", "why", "end", "last"]
        );
    }

    #[test]
    fn what_is_no_longer_asked_counts_as_not_answered() {
        // The dose was typed before "no" was chosen.
        assert_eq!(
            shown(json!({"meds": "no", "which": "x", "dose": 5})),
            ["meds", "more", "why", "end", "last"],
            "a section hides and shows all that it holds"
        );
        assert_eq!(shown(json!({"meds": "yes", "which": "  ", "dose": 500})), ["meds", "which", "end", "last"]);
    }

    #[test]
    fn each_comparison_means_what_it_says() {
        let holds = |is, value: Value, answer: Value| {
            let condition = Condition { field: "a".into(), is, value };
            condition.holds(&Answers::from([("a".to_owned(), answer)]))
        };
        assert!(holds(Comparison::Equals, json!(3), json!(3.0)) && !holds(Comparison::Equals, json!(3), json!("3")));
        assert!(
            holds(Comparison::Differs, json!("x"), json!("y")) && !holds(Comparison::Differs, json!("x"), json!(""))
        );
        assert!(holds(Comparison::Includes, json!("x"), json!(["y", "x"])));
        assert!(!holds(Comparison::Includes, json!("x"), json!("x")));
        assert!(holds(Comparison::AtMost, json!(3), json!(3)) && !holds(Comparison::AtMost, json!(3), json!(4)));
        assert!(!holds(Comparison::AtLeast, json!(3), json!("four")));
    }
}
