//! A submission on paper: every question that was asked, with its answer, and who signed what. It says what the data
//! says, word for word; what staff noted about it is not on it.

use super::{
    condition::asked,
    definition::{Field, FieldKind},
    files::FormFile,
    signature::{self, Signature},
    submissions::Submission,
    submit::Signed,
};
use crate::{
    error::Result,
    pdf::{Document, Setting},
};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// What stands where nothing was answered.
const NOTHING: &str = "Not answered.";

/// The file. Takes a while: call it beside the web workers.
///
/// # Errors
/// When it cannot be written.
pub fn pdf(submission: &Submission, practice: &str) -> Result<Vec<u8>> {
    let definition = &submission.definition;
    let summary = &submission.summary;
    let mut document = Document::new(Setting {
        title: definition.title.clone(),
        language: definition.language.clone(),
        footer: practice.to_owned(),
        made_at: summary.submitted_at,
    })?;
    document.facts(&[
        ("Client", summary.client.name.clone()),
        ("Practice", practice.to_owned()),
        ("Submitted", instant(summary.submitted_at)),
        ("Version of the form", summary.version.to_string()),
        ("Reference", summary.id.to_string()),
    ]);
    if let Some(intro) = definition.intro.as_deref().filter(|intro| !intro.trim().is_empty()) {
        document.paragraph(intro);
    }
    for (field, is_asked) in definition.fields.iter().zip(asked(definition, &submission.answers)) {
        if is_asked {
            write(&mut document, field, submission);
        }
    }
    document.heading("Seal");
    document.paragraph(if submission.intact {
        "Nothing in this form was changed since it was submitted: answers, signatures and questions match the seal."
    } else {
        "Something in this form was changed after it was submitted: it does not match its seal."
    });
    document.note(&format!("SHA-256 {}", submission.seal));
    Ok(document.finish()?)
}

fn write(document: &mut Document, field: &Field, submission: &Submission) {
    let answer = submission.answers.get(&field.key);
    match &field.kind {
        FieldKind::Section {} => {
            document.heading(&field.label);
            if let Some(help) = &field.help {
                document.paragraph(help);
            }
        }
        FieldKind::Signature { intent } => {
            let signed = submission.signatures.iter().find(|signed| signed.field == field.key);
            sign(document, field, intent, answer.and_then(|answer| Signature::read(answer).ok()), signed);
        }
        FieldKind::File { .. } => {
            let files: Vec<&FormFile> = submission.files.iter().filter(|file| file.field == field.key).collect();
            let words = if files.is_empty() { NOTHING.to_owned() } else { several(files.len()) };
            document.answer(&field.label, &words);
            for file in files {
                document.paragraph(&format!("{} ({}, {} bytes)", file.name, file.media_type, file.bytes));
                document.note(&format!("SHA-256 {}", file.sha256));
            }
        }
        kind => document.answer(&field.label, &in_words(kind, answer)),
    }
}

fn sign(document: &mut Document, field: &Field, intent: &str, signature: Option<Signature>, signed: Option<&Signed>) {
    let Some(signature) = signature else { return document.answer(&field.label, NOTHING) };
    let how =
        signature.typed.as_ref().map_or_else(|| "Signed by drawing.".to_owned(), |name| format!("Signed: {name}"));
    document.answer(&field.label, intent);
    document.paragraph(&how);
    if !signature.drawn.is_empty() {
        let lines: Vec<Vec<(f32, f32)>> = signature
            .drawn
            .iter()
            .map(|line| line.iter().map(|(x, y)| (f32::from(*x), f32::from(*y))).collect())
            .collect();
        let size = (f32::from(signature::WIDTH), f32::from(signature::HEIGHT));
        document.drawing(&lines, size, "A signature, drawn by hand");
    }
    if let Some(signed) = signed {
        let from = signed.address.as_deref().unwrap_or("an unknown address");
        let with = signed.user_agent.as_deref().unwrap_or("an unknown program");
        document.note(&format!("Signed on {} from {from} with {with}", instant(signed.signed_at)));
    }
}

fn several(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

/// An answer as people read it.
fn in_words(kind: &FieldKind, answer: Option<&Value>) -> String {
    let Some(answer) = answer.filter(|answer| super::condition::is_answered(answer)) else { return NOTHING.to_owned() };
    let label = |value: &Value| {
        let option = kind.options().iter().find(|option| Some(option.value.as_str()) == value.as_str());
        option.map(|option| option.label.clone()).unwrap_or_else(|| plain(value))
    };
    match (kind, answer) {
        (FieldKind::Choices { .. }, Value::Array(chosen)) => chosen.iter().map(label).collect::<Vec<_>>().join("; "),
        (FieldKind::Choice { .. }, value) => label(value),
        (FieldKind::Number { unit: Some(unit), .. }, value) => format!("{} {unit}", plain(value)),
        (FieldKind::Scale { min, max, .. }, value) => format!("{} (from {min} to {max})", plain(value)),
        (_, value) => plain(value),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%B %-d, %Y, %H:%M:%S UTC").to_string()
}
