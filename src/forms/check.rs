//! Whether a form makes sense. What is being built may be unfinished, but nothing in it is without bounds; what is
//! published can be answered by everybody who is asked.

use super::{
    condition::{Comparison, Condition},
    definition::{Choosable, DateLimit, Definition, Field, FieldKind},
    files,
};
use crate::error::{Error, FieldError, Result};
use serde_json::Value;
use std::collections::HashSet;

/// The most fields of a form.
pub const MOST_FIELDS: usize = 200;
/// The most options of a choice.
pub const MOST_OPTIONS: usize = 100;
/// The most conditions of a field.
const MOST_CONDITIONS: usize = 10;
/// The most characters of a title; of a question; of an option or unit; of a help, an introduction or an intent.
const TITLE: usize = 200;
const LABEL: usize = 500;
const SHORT: usize = 200;
const LONG: usize = 4_000;
/// The most characters of a key.
const KEY: usize = 40;
/// The most characters of an answer in one line; in several.
pub const TEXT: u32 = 500;
pub const LONG_TEXT: u32 = 10_000;
/// The most steps of a scale.
const MOST_STEPS: i64 = 100;

/// Collects what is wrong, and where.
#[derive(Default)]
struct Findings(Vec<FieldError>);

impl Findings {
    fn add(&mut self, pointer: String, message: &str) {
        self.0.push(FieldError { pointer, message: message.to_owned() });
    }

    fn text(&mut self, pointer: String, text: &str, most: usize, lines: bool) {
        if text.chars().count() > most {
            self.add(pointer, &format!("This can have at most {most} characters. Shorten it."));
        } else if text.chars().any(|c| c.is_control() && !(lines && c == '\n')) {
            self.add(pointer, "This has to be plain text, without control characters.");
        }
    }

    fn given(&mut self, pointer: String, text: &str, message: &str) {
        if text.trim().is_empty() {
            self.add(pointer, message);
        }
    }

    fn into_result(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

/// Whether a form may be kept while it is being built.
///
/// # Errors
/// `invalid`, below `/definition`.
pub fn may_be_kept(definition: &Definition) -> Result<()> {
    let mut found = Findings::default();
    bounds(definition, &mut found);
    found.into_result()
}

/// Whether a form may be published.
///
/// # Errors
/// `invalid`, below `/definition`, with everything that is wrong.
pub fn may_be_published(definition: &Definition) -> Result<()> {
    let mut found = Findings::default();
    bounds(definition, &mut found);
    if found.0.is_empty() {
        sense(definition, &mut found);
    }
    found.into_result()
}

fn at(place: usize, rest: &str) -> String {
    format!("/definition/fields/{place}/{rest}")
}

fn bounds(definition: &Definition, found: &mut Findings) {
    found.text("/definition/title".into(), &definition.title, TITLE, false);
    found.text("/definition/intro".into(), definition.intro.as_deref().unwrap_or_default(), LONG, true);
    if !matches!(definition.language.as_str(), "en" | "es") {
        found.add("/definition/language".into(), "Choose en or es.");
    }
    if definition.fields.len() > MOST_FIELDS {
        found.add("/definition/fields".into(), "A form can have at most 200 fields. Make two of it.");
        return;
    }
    for (place, field) in definition.fields.iter().enumerate() {
        found.text(at(place, "key"), &field.key, KEY, false);
        found.text(at(place, "label"), &field.label, LABEL, false);
        found.text(at(place, "help"), field.help.as_deref().unwrap_or_default(), LONG, true);
        let conditions = field.show_if.as_ref().map_or(&[][..], |show_if| &show_if.conditions);
        if conditions.len() > MOST_CONDITIONS {
            found.add(at(place, "showIf/conditions"), "There can be at most ten conditions.");
        }
        for (number, condition) in conditions.iter().enumerate().take(MOST_CONDITIONS) {
            let pointer = at(place, &format!("showIf/conditions/{number}"));
            found.text(format!("{pointer}/field"), &condition.field, KEY, false);
            match &condition.value {
                Value::String(text) => found.text(format!("{pointer}/value"), text, LABEL, false),
                Value::Array(_) | Value::Object(_) => {
                    found.add(format!("{pointer}/value"), "Compare with one value.");
                }
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        match &field.kind {
            FieldKind::Number { unit, .. } => {
                found.text(at(place, "unit"), unit.as_deref().unwrap_or_default(), SHORT, false);
            }
            FieldKind::Scale { min_label, max_label, .. } => {
                found.text(at(place, "minLabel"), min_label.as_deref().unwrap_or_default(), SHORT, false);
                found.text(at(place, "maxLabel"), max_label.as_deref().unwrap_or_default(), SHORT, false);
            }
            FieldKind::Signature { intent } => found.text(at(place, "intent"), intent, LONG, true),
            _ => {}
        }
        let options = field.kind.options();
        if options.len() > MOST_OPTIONS {
            found.add(at(place, "options"), "There can be at most 100 options.");
        }
        for (number, option) in options.iter().enumerate().take(MOST_OPTIONS) {
            found.text(at(place, &format!("options/{number}/value")), &option.value, SHORT, false);
            found.text(at(place, &format!("options/{number}/label")), &option.label, SHORT, false);
        }
    }
}

fn sense(definition: &Definition, found: &mut Findings) {
    found.given("/definition/title".into(), &definition.title, "Give the form a title.");
    if !definition.fields.iter().any(Field::is_question) {
        found.add("/definition/fields".into(), "Ask something: the form has no question.");
    }
    let mut keys = HashSet::new();
    for (place, field) in definition.fields.iter().enumerate() {
        if !is_key(&field.key) {
            found.add(at(place, "key"), "A key is a letter, then letters, digits and _.");
        } else if !keys.insert(field.key.as_str()) {
            found.add(at(place, "key"), "Another field has this key.");
        }
        found.given(at(place, "label"), &field.label, "Say what is asked.");
        kind(place, &field.kind, found);
        let Some(show_if) = &field.show_if else { continue };
        if show_if.conditions.is_empty() {
            found.add(at(place, "showIf/conditions"), "Add a condition, or ask it always.");
        }
        for (number, condition) in show_if.conditions.iter().enumerate() {
            let pointer = at(place, &format!("showIf/conditions/{number}"));
            if let Err(message) = makes_sense(condition, &definition.fields[..place]) {
                found.add(pointer, message);
            }
        }
    }
}

fn is_key(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn kind(place: usize, kind: &FieldKind, found: &mut Findings) {
    match kind {
        FieldKind::Text { max_length } => length(place, *max_length, TEXT, found),
        FieldKind::LongText { max_length } => length(place, *max_length, LONG_TEXT, found),
        FieldKind::Number { min, max, .. } => {
            if min.zip(*max).is_some_and(|(min, max)| min > max) {
                found.add(at(place, "max"), "The highest number is below the lowest.");
            }
        }
        FieldKind::Date { earliest, latest } => {
            if let (Some(DateLimit::On(earliest)), Some(DateLimit::On(latest))) = (earliest, latest)
                && earliest > latest
            {
                found.add(at(place, "latest"), "The latest date is before the earliest.");
            }
        }
        FieldKind::Choice { options } => choices(place, options, found),
        FieldKind::Choices { options, min, max } => {
            choices(place, options, found);
            let count = u32::try_from(options.len()).unwrap_or(u32::MAX);
            if min.is_some_and(|min| min > max.unwrap_or(count).min(count)) || max.is_some_and(|max| max == 0) {
                found.add(at(place, "max"), "So many cannot be chosen.");
            }
        }
        FieldKind::Scale { min, max, .. } => {
            let steps = i64::from(*max) - i64::from(*min);
            if !(1..=MOST_STEPS).contains(&steps) {
                found.add(at(place, "max"), "A scale has 1 to 100 steps from its lowest to its highest number.");
            }
        }
        FieldKind::Signature { intent } => {
            found.given(at(place, "intent"), intent, "Say what one agrees to by signing.");
        }
        FieldKind::File { max } => {
            if !(1..=files::MOST).contains(&max.unwrap_or(1)) {
                found.add(at(place, "max"), "A field takes 1 to 10 files.");
            }
        }
        FieldKind::Section {} => {}
    }
}

fn length(place: usize, asked: Option<u32>, most: u32, found: &mut Findings) {
    if !(1..=most).contains(&asked.unwrap_or(most)) {
        found.add(at(place, "maxLength"), &format!("Between 1 and {most} characters."));
    }
}

fn choices(place: usize, options: &[Choosable], found: &mut Findings) {
    if options.is_empty() {
        found.add(at(place, "options"), "Add an option to choose.");
    }
    let mut values = HashSet::new();
    for (number, option) in options.iter().enumerate() {
        found.given(at(place, &format!("options/{number}/label")), &option.label, "Say what this option is.");
        if option.value.trim().is_empty() || !values.insert(option.value.as_str()) {
            found.add(at(place, &format!("options/{number}/value")), "Each option needs a value of its own.");
        }
    }
}

/// Whether a condition is about an earlier field, and can hold.
fn makes_sense(condition: &Condition, earlier: &[Field]) -> std::result::Result<(), &'static str> {
    let Some(field) = earlier.iter().find(|field| field.key == condition.field && field.is_question()) else {
        return Err("A condition is about a question that stands before.");
    };
    let (value, options) = (&condition.value, field.kind.options());
    let is_number = matches!(field.kind, FieldKind::Number { .. } | FieldKind::Scale { .. });
    let is_option = || options.is_empty() || options.iter().any(|option| Some(option.value.as_str()) == value.as_str());
    let fits = match condition.is {
        Comparison::Answered => true,
        Comparison::Equals | Comparison::Differs => match field.kind {
            FieldKind::Number { .. } | FieldKind::Scale { .. } => value.is_number(),
            FieldKind::Text { .. } | FieldKind::LongText { .. } => value.is_string(),
            FieldKind::Choice { .. } => is_option(),
            FieldKind::Date { .. } => value.as_str().is_some_and(|date| date.parse::<chrono::NaiveDate>().is_ok()),
            _ => false,
        },
        Comparison::Includes => matches!(field.kind, FieldKind::Choices { .. }) && is_option(),
        Comparison::AtLeast | Comparison::AtMost => is_number && value.is_number(),
    };
    if fits { Ok(()) } else { Err("This field cannot be compared with that.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(fields: Value) -> Vec<String> {
        let form = serde_json::from_value(json!({"title": "T", "fields": fields})).unwrap();
        match may_be_published(&form) {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.pointer).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn of_kind(rest: Value) -> Vec<String> {
        let mut field = json!({"key": "a", "label": "A"});
        field.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        wrong(json!([field]))
    }

    #[test]
    fn limits_that_no_answer_can_keep_are_refused_kind_by_kind() {
        let (yes, twice) = (
            json!([{"value": "y", "label": "Y"}]),
            json!([{"value": "y", "label": "Y"}, {"value": "y", "label": "Z"}]),
        );
        for (rest, pointer) in [
            (json!({"type": "text", "maxLength": 501}), "maxLength"),
            (json!({"type": "longText", "maxLength": 0}), "maxLength"),
            (json!({"type": "number", "min": 2, "max": 1}), "max"),
            (json!({"type": "date", "earliest": "2026-02-02", "latest": "2026-02-01"}), "latest"),
            (json!({"type": "choice", "options": []}), "options"),
            (json!({"type": "choice", "options": twice}), "options/1/value"),
            (json!({"type": "choices", "options": yes, "min": 2}), "max"),
            (json!({"type": "scale", "min": 5, "max": 5}), "max"),
            (json!({"type": "scale", "min": i32::MIN, "max": i32::MAX}), "max"),
            (json!({"type": "signature", "intent": " "}), "intent"),
            (json!({"type": "file", "max": 11}), "max"),
        ] {
            assert_eq!(of_kind(rest.clone()), [format!("/definition/fields/0/{pointer}")], "{rest}");
        }
        for rest in [
            json!({"type": "text", "maxLength": 500}),
            json!({"type": "file"}),
            json!({"type": "file", "max": 10}),
            json!({"type": "scale", "min": 0, "max": 10}),
            json!({"type": "choices", "options": yes, "min": 1, "max": 1}),
        ] {
            assert!(of_kind(rest.clone()).is_empty(), "{rest}");
        }
    }

    #[test]
    fn keys_are_plain_and_of_one_field_and_a_form_asks_something() {
        let text = |key: &str| json!({"key": key, "label": "A", "type": "text"});
        assert_eq!(
            wrong(json!([text("1a"), text("ok"), text("ok")])),
            ["/definition/fields/0/key", "/definition/fields/2/key"]
        );
        assert_eq!(wrong(json!([])), ["/definition/fields"]);
        assert_eq!(wrong(json!([{"key": "a", "label": "A", "type": "section"}])), ["/definition/fields"]);
        assert_eq!(wrong(json!([{"key": "a", "label": "A\u{0}", "type": "text"}])), ["/definition/fields/0/label"]);
    }

    #[test]
    fn a_condition_is_about_an_earlier_question_and_can_hold() {
        let choice = json!({"key": "c", "label": "C", "type": "choice", "options": [{"value": "y", "label": "Y"}]});
        let asked_if = |condition: Value| {
            let field = json!({"key": "t", "label": "T", "type": "text", "showIf": {"conditions": [condition]}});
            wrong(json!([choice, field]))
        };
        assert!(asked_if(json!({"field": "c", "is": "equals", "value": "y"})).is_empty());
        assert!(asked_if(json!({"field": "c", "is": "answered"})).is_empty());
        for bad in [
            json!({"field": "t", "is": "answered"}),
            json!({"field": "nobody", "is": "answered"}),
            json!({"field": "c", "is": "equals", "value": "z"}),
            json!({"field": "c", "is": "atLeast", "value": 1}),
            json!({"field": "c", "is": "includes", "value": "y"}),
        ] {
            assert_eq!(asked_if(bad.clone()), ["/definition/fields/1/showIf/conditions/0"], "{bad}");
        }
    }
}
