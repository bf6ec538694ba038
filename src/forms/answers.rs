//! Whether answers may be submitted: each is judged by the field that asks for it. What is not asked is not required, and
//! dropped; so is what no field asks for. What somebody is still writing is not judged at all, only bounded.

use super::{
    check::{LONG_TEXT, TEXT},
    condition::{asked, is_answered},
    definition::{Choosable, DateLimit, Definition, Field, FieldKind},
    signature::Signature,
};
use crate::{
    error::{Error, FieldError, Result},
    ids::ObjectId,
};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// Answers by the keys of their fields.
pub type Answers = BTreeMap<String, Value>;

/// The most bytes of all answers together, as JSON.
pub const MOST_BYTES: usize = 256 * 1024;

/// Puts changed answers into those before; null takes one away. What no field asks for is left out.
///
/// # Errors
/// `tooLarge`.
pub fn merge(definition: &Definition, before: Answers, changed: Answers) -> Result<Answers> {
    let mut merged = before;
    for (key, answer) in changed {
        if definition.field(&key).is_some_and(Field::is_question) && !answer.is_null() {
            merged.insert(key, answer);
        } else {
            merged.remove(&key);
        }
    }
    if json!(merged).to_string().len() > MOST_BYTES {
        return Err(Error::TooLarge("All answers together are too long. Shorten one of them to keep it.".into()));
    }
    Ok(merged)
}

/// The answers as they may be submitted. `today` is the day where the client is.
///
/// # Errors
/// `invalid`, with everything that is wrong, below `/answers`.
pub fn judge(definition: &Definition, answers: &Answers, today: NaiveDate) -> Result<Answers> {
    let (mut judged, mut wrong) = (Answers::new(), Vec::new());
    for (field, asked) in definition.fields.iter().zip(asked(definition, answers)) {
        if !asked || !field.is_question() {
            continue;
        }
        let answer = answers.get(&field.key).filter(|answer| is_answered(answer));
        let outcome = match answer {
            Some(answer) => one(&field.kind, answer, today).map(Some),
            None if field.required => Err("Answer this question.".to_owned()),
            None => Ok(None),
        };
        match outcome {
            Ok(Some(answer)) => drop(judged.insert(field.key.clone(), answer)),
            Ok(None) => {}
            Err(message) => wrong.push(FieldError { pointer: format!("/answers/{}", field.key), message }),
        }
    }
    if wrong.is_empty() { Ok(judged) } else { Err(Error::Invalid(wrong)) }
}

type Judged = std::result::Result<Value, String>;

fn one(kind: &FieldKind, answer: &Value, today: NaiveDate) -> Judged {
    match kind {
        FieldKind::Text { max_length } => text(answer, max_length.unwrap_or(TEXT), false),
        FieldKind::LongText { max_length } => text(answer, max_length.unwrap_or(LONG_TEXT), true),
        FieldKind::Number { min, max, whole, .. } => number(answer, *min, *max, *whole),
        FieldKind::Date { earliest, latest } => date(answer, *earliest, *latest, today),
        FieldKind::Choice { options } => choice(answer, options),
        FieldKind::Choices { options, min, max } => choices(answer, options, *min, *max),
        FieldKind::Scale { min, max, .. } => number(answer, Some((*min).into()), Some((*max).into()), true),
        FieldKind::Signature { .. } => {
            let signature = Signature::read(answer)?;
            serde_json::to_value(signature).map_err(|_| "Sign once more.".to_owned())
        }
        FieldKind::File { max } => file_ids(answer, max.unwrap_or(1)),
        FieldKind::Section {} => Ok(Value::Null),
    }
}

fn text(answer: &Value, most: u32, lines: bool) -> Judged {
    let text = answer.as_str().ok_or("Answer in words.")?.replace("\r\n", "\n");
    if text.chars().count() > most as usize {
        return Err(format!("This can have at most {most} characters. Shorten it."));
    }
    if text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\t'))) {
        return Err(if lines { "This has to be plain text." } else { "This has to be one line of plain text." }.into());
    }
    Ok(text.into())
}

fn number(answer: &Value, min: Option<f64>, max: Option<f64>, whole: bool) -> Judged {
    let number = answer.as_f64().filter(|number| number.is_finite());
    let number = number.ok_or(if whole { "Enter a whole number." } else { "Enter a number." })?;
    if whole && number.fract() != 0.0 {
        return Err("Enter a whole number.".into());
    }
    if !is_exact(number) {
        return Err("Enter a number of at most 15 digits.".into());
    }
    match (min, max) {
        (Some(min), Some(max)) if number < min || number > max => Err(format!("Between {min} and {max}.")),
        (Some(min), _) if number < min => Err(format!("At least {min}.")),
        (_, Some(max)) if number > max => Err(format!("At most {max}.")),
        _ => Ok(answer.clone()),
    }
}

/// Whether it is read back from JSON, by whatever program, as exactly the number that was written: what is sealed has to
/// be what is read. Numbers of at most 15 digits are (IEEE 754, binary64).
fn is_exact(number: f64) -> bool {
    let written = format!("{:e}", number.abs());
    let digits = written.split('e').next().map_or(0, |digits| digits.bytes().filter(u8::is_ascii_digit).count());
    digits <= 15 && (number == 0.0 || (1e-6..1e15).contains(&number.abs()))
}

fn date(answer: &Value, earliest: Option<DateLimit>, latest: Option<DateLimit>, today: NaiveDate) -> Judged {
    let words = "Enter a date that there is, such as 1990-02-28.";
    // Four digits of a year: other spellings of dates would be read by some programs and not by others.
    let written = answer.as_str().filter(|text| text.len() == 10).ok_or(words)?;
    let date: NaiveDate = written.parse().map_err(|_| words)?;
    if let Some(earliest) = earliest.map(|limit| limit.on(today)).filter(|earliest| date < *earliest) {
        return Err(format!("Not before {earliest}."));
    }
    if let Some(latest) = latest.map(|limit| limit.on(today)).filter(|latest| date > *latest) {
        return Err(format!("Not after {latest}."));
    }
    Ok(date.to_string().into())
}

fn choice(answer: &Value, options: &[Choosable]) -> Judged {
    let known = |value: &str| options.iter().any(|option| option.value == value);
    answer.as_str().filter(|value| known(value)).map(Value::from).ok_or_else(|| "Choose one of the options.".into())
}

/// In the order of the options, whatever order they were ticked in.
fn choices(answer: &Value, options: &[Choosable], min: Option<u32>, max: Option<u32>) -> Judged {
    let words = "Choose among the options.";
    let chosen: Vec<&str> =
        answer.as_array().and_then(|items| items.iter().map(Value::as_str).collect()).ok_or(words)?;
    let known: HashSet<&str> = options.iter().map(|option| option.value.as_str()).collect();
    let chosen: HashSet<&str> = chosen.into_iter().collect();
    if !chosen.is_subset(&known) {
        return Err(words.into());
    }
    let count = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
    if let Some(min) = min.filter(|min| count < *min) {
        return Err(format!("Choose at least {min}."));
    }
    if let Some(max) = max.filter(|max| count > *max) {
        return Err(format!("Choose at most {max}."));
    }
    let kept = options.iter().filter(|option| chosen.contains(option.value.as_str()));
    Ok(kept.map(|option| Value::from(option.value.clone())).collect())
}

fn file_ids(answer: &Value, most: u32) -> Judged {
    let words = "Add a file.";
    let items = answer.as_array().ok_or(words)?;
    let ids: Option<Vec<ObjectId>> = items.iter().map(|id| id.as_str()?.parse().ok()).collect();
    let ids = ids.ok_or(words)?;
    if ids.len() > most as usize {
        return Err(format!("At most {most} files. Take one away."));
    }
    if ids.iter().collect::<HashSet<_>>().len() < ids.len() {
        return Err("The same file is there twice. Take one away.".into());
    }
    Ok(ids.into_iter().map(|id| Value::from(id.to_string())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(field: Value, answer: Value) -> std::result::Result<Option<Value>, String> {
        let mut whole = json!({"key": "a", "label": "A"});
        whole.as_object_mut().unwrap().extend(field.as_object().unwrap().clone());
        let form = serde_json::from_value(json!({"title": "T", "fields": [whole]})).unwrap();
        let today = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        match judge(&form, &Answers::from([("a".to_owned(), answer)]), today) {
            Ok(mut answers) => Ok(answers.remove("a")),
            Err(Error::Invalid(errors)) => {
                assert_eq!((errors.len(), errors[0].pointer.as_str()), (1, "/answers/a"));
                Err(errors[0].message.clone())
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_kind_of_field_takes_what_it_asks_for_and_nothing_else() {
        let options = json!([{"value": "a", "label": "A"}, {"value": "b", "label": "B"}, {"value": "c", "label": "C"}]);
        let id = ObjectId::new().to_string();
        let long = "ä".repeat(10_000);
        let takes: [(Value, Vec<Value>, Vec<Value>); 9] = [
            (
                json!({"type": "text", "maxLength": 5}),
                vec![json!("Ødé漢🦊")],
                vec![json!("sixsix"), json!("a\nb"), json!(5)],
            ),
            (
                json!({"type": "longText"}),
                vec![json!(long), json!("a\n\tb")],
                vec![json!(format!("{long}x")), json!("a\u{0}")],
            ),
            (
                json!({"type": "number", "min": -1.5, "max": 9}),
                vec![json!(-1.5), json!(9), json!(0)],
                vec![json!(-1.6), json!(9.01), json!("5"), json!([5]), json!(0.123_456_789_012_345_6), json!(1e-9)],
            ),
            (json!({"type": "number", "whole": true}), vec![json!(5), json!(5.0)], vec![json!(5.5)]),
            (
                json!({"type": "date", "earliest": "1904-02-29", "latest": "today"}),
                vec![json!("1904-02-29"), json!("2026-03-01"), json!("2024-02-29")],
                vec![
                    json!("2026-03-02"),
                    json!("1904-02-28"),
                    json!("2023-02-29"),
                    json!("1.3.2020"),
                    json!("+12020-01-01"),
                ],
            ),
            (
                json!({"type": "choice", "options": options}),
                vec![json!("b")],
                vec![json!("d"), json!(["a"]), json!("A")],
            ),
            (
                json!({"type": "choices", "options": options, "min": 2, "max": 2}),
                vec![json!(["a", "b"])],
                vec![json!(["a"]), json!(["a", "b", "c"]), json!(["a", "d"]), json!("a")],
            ),
            (
                json!({"type": "scale", "min": 1, "max": 10}),
                vec![json!(1), json!(10)],
                vec![json!(0), json!(11), json!(2.5)],
            ),
            (json!({"type": "file"}), vec![json!([id])], vec![json!([id, id]), json!(["../../etc/passwd"]), json!(id)]),
        ];
        for (field, good, bad) in takes {
            for answer in good {
                assert!(judged(field.clone(), answer.clone()).unwrap().is_some(), "{field} refuses {answer}");
            }
            for answer in bad {
                let words = judged(field.clone(), answer.clone()).expect_err(&format!("{field} takes {answer}"));
                assert!(!words.is_empty());
            }
        }
    }

    #[test]
    fn what_is_empty_is_an_answer_nowhere_and_is_refused_where_one_is_required() {
        for empty in [json!(null), json!(""), json!("  \n"), json!([]), json!({})] {
            assert_eq!(judged(json!({"type": "text"}), empty.clone()), Ok(None));
            let required = json!({"type": "text", "required": true});
            assert_eq!(judged(required, empty), Err("Answer this question.".to_owned()));
        }
    }

    #[test]
    fn choices_are_kept_in_the_order_of_the_form() {
        let field = json!({"type": "choices", "options": [{"value": "x", "label": "X"}, {"value": "y", "label": "Y"}]});
        assert_eq!(judged(field, json!(["y", "x", "y"])), Ok(Some(json!(["x", "y"]))));
    }

    #[test]
    fn no_message_tells_what_was_answered() {
        let secret = "wordcanary";
        for kind in ["text", "longText", "number", "date"] {
            let answer = json!(format!("{secret}{}", "\u{0}x".repeat(6_000)));
            assert!(!judged(json!({"type": kind}), answer).unwrap_err().contains(secret));
        }
    }

    #[test]
    fn changed_answers_are_put_in_and_null_takes_one_away() {
        let form: Definition = serde_json::from_value(json!({"title": "T", "fields": [
            {"key": "a", "label": "A", "type": "text"}, {"key": "s", "label": "S", "type": "section"}]}))
        .unwrap();
        let answers = |value: Value| serde_json::from_value::<Answers>(value).unwrap();
        let before = answers(json!({"a": "old"}));
        let merged =
            merge(&form, before.clone(), answers(json!({"a": "new", "status": "reviewed", "s": "x"}))).unwrap();
        assert_eq!(merged, answers(json!({"a": "new"})));
        assert!(merge(&form, before.clone(), answers(json!({"a": null}))).unwrap().is_empty());
        assert!(merge(&form, before, answers(json!({"a": "x".repeat(MOST_BYTES)}))).is_err());
    }

    #[test]
    fn every_number_that_is_taken_is_read_back_as_it_was_sealed() {
        let mut judged = 0_u32;
        // Digits 1 to 17 at every place of the point, from a generator that gives the same numbers each time.
        let mut state = 1_u64;
        for round in 0..20_000_u32 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let digits = (state >> 11) % 10_u64.pow(round % 17 + 1);
            let number: f64 = format!("{digits}e-{}", round % 23).parse().unwrap();
            if !is_exact(number) {
                continue;
            }
            let written = json!(number).to_string();
            assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), json!(number), "{written}");
            judged += 1;
        }
        assert!(judged > 10_000, "{judged}");
    }
}
