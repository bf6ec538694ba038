//! What a form asks: fields, in their order. A definition is data; nothing in it is markup or a program.

use super::condition::ShowIf;
use crate::error::{Error, Result};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a form is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum FormKind {
    /// At the beginning.
    Initial,
    /// Once a year.
    AnnualUpdate,
    SymptomChecklist,
    Custom,
}

impl FormKind {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Initial, "initial"),
        (Self::AnnualUpdate, "annualUpdate"),
        (Self::SymptomChecklist, "symptomChecklist"),
        (Self::Custom, "custom"),
    ];

    /// As stored and as sent.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("custom", |(_, text)| text)
    }

    /// Reads what [`FormKind::as_str`] wrote.
    ///
    /// # Errors
    /// When no version of the hub wrote it.
    pub fn parse(text: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind);
        found.ok_or_else(|| Error::Internal(anyhow::anyhow!("a form of an unknown kind")))
    }
}

/// A form.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormDefinition)]
pub struct Definition {
    pub title: String,
    /// What stands above the first field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<String>,
    /// ISO 639-1: what it is written in.
    #[serde(default = "english")]
    pub language: String,
    #[schema(max_items = 200)]
    pub fields: Vec<Field>,
}

fn english() -> String {
    "en".to_owned()
}

/// One field.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormField)]
pub struct Field {
    /// Names its answer: a letter, then letters, digits and `_`.
    pub key: String,
    /// The question; of a section: its heading.
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    #[serde(default)]
    pub required: bool,
    /// Asked only then. Of a section: with all that it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_if: Option<ShowIf>,
    #[serde(flatten)]
    pub kind: FieldKind,
}

/// What kind of answer is due, and its limits.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FieldKind {
    /// One line.
    Text {
        /// 500 where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<u32>,
    },
    /// As many lines as it takes.
    LongText {
        /// 10,000 where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<u32>,
    },
    Number {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
        /// Without a fraction.
        #[serde(default)]
        whole: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    Date {
        /// `today`, or a date.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        earliest: Option<DateLimit>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        latest: Option<DateLimit>,
    },
    /// One of several.
    Choice { options: Vec<Choosable> },
    /// Any of several.
    Choices {
        options: Vec<Choosable>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u32>,
    },
    /// A whole number from one end to the other.
    Scale {
        min: i32,
        max: i32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_label: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_label: Option<String>,
    },
    Signature {
        /// What one agrees to by signing.
        intent: String,
    },
    File {
        /// How many at most; 1 where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u32>,
    },
    /// A heading; what follows belongs to it, up to the next.
    Section {},
}

/// One of the answers to choose among.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FormOption)]
pub struct Choosable {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// A day that a date may not be beyond: `today`, or a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DateLimit {
    /// On the day of the answer, where its client is.
    Today,
    On(NaiveDate),
}

impl TryFrom<String> for DateLimit {
    type Error = chrono::ParseError;
    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        if text == "today" { Ok(Self::Today) } else { text.parse().map(Self::On) }
    }
}

impl From<DateLimit> for String {
    fn from(limit: DateLimit) -> Self {
        match limit {
            DateLimit::Today => "today".to_owned(),
            DateLimit::On(date) => date.to_string(),
        }
    }
}

impl DateLimit {
    /// The day that is meant.
    pub fn on(self, today: NaiveDate) -> NaiveDate {
        match self {
            Self::Today => today,
            Self::On(date) => date,
        }
    }
}

impl Field {
    /// Whether it has an answer of its own.
    pub fn is_question(&self) -> bool {
        !matches!(self.kind, FieldKind::Section {})
    }
}

impl FieldKind {
    /// The options to choose among, where there are any.
    pub fn options(&self) -> &[Choosable] {
        match self {
            Self::Choice { options } | Self::Choices { options, .. } => options,
            _ => &[],
        }
    }
}

impl Definition {
    /// Reads what was stored.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(stored: &str) -> Result<Self> {
        Ok(serde_json::from_str(stored).map_err(|_| anyhow::anyhow!("a stored form cannot be read"))?)
    }

    /// The field with this key.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_kind_of_field_is_read_as_it_is_written() {
        let written = json!({"title": "Intake", "language": "en", "fields": [
            {"key": "a", "label": "A", "required": true, "type": "text", "maxLength": 20},
            {"key": "b", "label": "B", "required": false, "type": "longText"},
            {"key": "c", "label": "C", "required": false, "type": "number", "min": 1.0, "max": 9.5, "whole": false, "unit": "kg"},
            {"key": "d", "label": "D", "required": false, "type": "date", "earliest": "1900-01-01", "latest": "today"},
            {"key": "e", "label": "E", "required": false, "type": "choice", "options": [{"value": "y", "label": "Yes"}]},
            {"key": "f", "label": "F", "required": false, "type": "choices", "options": [{"value": "y", "label": "Yes"}], "min": 1},
            {"key": "g", "label": "G", "required": false, "type": "scale", "min": 0, "max": 10, "minLabel": "none"},
            {"key": "h", "label": "H", "required": false, "type": "signature", "intent": "I agree."},
            {"key": "i", "label": "I", "required": false, "type": "file", "max": 2},
            {"key": "j", "label": "J", "required": false, "type": "section", "help": "More",
                "showIf": {"match": "any", "conditions": [{"field": "e", "is": "equals", "value": "y"}]}},
        ]});
        let read: Definition = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), written);
        assert!(serde_json::from_value::<Field>(json!({"key": "a", "label": "A", "type": "html"})).is_err());
    }
}
