//! A submission on paper: every question that was asked, with its answer, and who signed what. It says what the data
//! says, word for word; what staff noted about it is not on it. What the paper says by itself it says in the language of
//! the form, whoever reads it: one language for all of a document, so that it is read out right.

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
    language::{SPANISH_MONTHS, is_spanish},
    pdf::{Document, Setting},
};
use chrono::{DateTime, Datelike, Utc};
use serde_json::Value;

/// What the paper says by itself.
#[derive(Clone, Copy)]
struct Words {
    spanish: bool,
}

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
    let words = Words { spanish: is_spanish(&definition.language) };
    document.facts(&[
        (words.either("Client", "Cliente"), summary.client.name.clone()),
        (words.either("Practice", "Consultorio"), practice.to_owned()),
        (words.either("Submitted", "Enviado"), words.instant(summary.submitted_at)),
        (words.either("Version of the form", "Versión del formulario"), summary.version.to_string()),
        (words.either("Reference", "Referencia"), summary.id.to_string()),
    ]);
    if let Some(intro) = given(definition.intro.as_deref()) {
        document.paragraph(intro);
    }
    for (field, is_asked) in definition.fields.iter().zip(asked(definition, &submission.answers)) {
        if is_asked {
            words.write(&mut document, field, submission);
        }
    }
    document.heading(words.either("Seal", "Sello"));
    document.paragraph(if submission.intact {
        words.either(
            "Nothing in this form was changed since it was submitted: answers, signatures and questions match the seal.",
            "Nada en este formulario cambió desde que se envió: respuestas, firmas y preguntas coinciden con el sello.",
        )
    } else {
        words.either(
            "Something in this form was changed after it was submitted: it does not match its seal.",
            "Algo en este formulario se cambió después de enviarlo: no coincide con su sello.",
        )
    });
    document.note(&format!("SHA-256 {}", submission.seal));
    Ok(document.finish()?)
}

impl Words {
    fn either<'a>(self, english: &'a str, spanish: &'a str) -> &'a str {
        if self.spanish { spanish } else { english }
    }

    /// What stands where nothing was answered.
    fn nothing(self) -> String {
        self.either("Not answered.", "Sin respuesta.").to_owned()
    }

    fn write(self, document: &mut Document, field: &Field, submission: &Submission) {
        let (answer, help) = (submission.answers.get(&field.key), given(field.help.as_deref()));
        match &field.kind {
            FieldKind::Section {} => {
                document.heading(&field.label);
                if let Some(help) = help {
                    document.paragraph(help);
                }
            }
            FieldKind::Signature { intent } => {
                let signed = submission.signatures.iter().find(|signed| signed.field == field.key);
                self.sign(document, field, intent, answer.and_then(|answer| Signature::read(answer).ok()), signed);
            }
            FieldKind::File { .. } => {
                let files: Vec<&FormFile> = submission.files.iter().filter(|file| file.field == field.key).collect();
                let words = if files.is_empty() { self.nothing() } else { self.several(files.len()) };
                document.answer(&field.label, help, &words);
                for file in files {
                    document.paragraph(&format!("{} ({}, {} bytes)", file.name, file.media_type, file.bytes));
                    document.note(&format!("SHA-256 {}", file.sha256));
                }
            }
            kind => document.answer(&field.label, help, &self.in_words(kind, answer)),
        }
    }

    fn sign(
        self,
        document: &mut Document,
        field: &Field,
        intent: &str,
        signature: Option<Signature>,
        signed: Option<&Signed>,
    ) {
        let help = given(field.help.as_deref());
        let Some(signature) = signature else { return document.answer(&field.label, help, &self.nothing()) };
        document.answer(&field.label, help, intent);
        document.paragraph(&match &signature.typed {
            Some(name) => format!("{} {name}", self.either("Signed:", "Firmado:")),
            None => self.either("Signed by drawing.", "Firmado a mano.").to_owned(),
        });
        if !signature.drawn.is_empty() {
            let lines: Vec<Vec<(f32, f32)>> = signature
                .drawn
                .iter()
                .map(|line| line.iter().map(|(x, y)| (f32::from(*x), f32::from(*y))).collect())
                .collect();
            let size = (f32::from(signature::WIDTH), f32::from(signature::HEIGHT));
            document.drawing(&lines, size, self.either("A signature, drawn by hand", "Una firma, dibujada a mano"));
        }
        if let Some(signed) = signed {
            let from =
                signed.address.as_deref().unwrap_or(self.either("an unknown address", "una dirección desconocida"));
            let with =
                signed.user_agent.as_deref().unwrap_or(self.either("an unknown program", "un programa desconocido"));
            let at = self.instant(signed.signed_at);
            document.note(&if self.spanish {
                format!("Firmado el {at} desde {from} con {with}")
            } else {
                format!("Signed on {at} from {from} with {with}")
            });
        }
    }

    fn several(self, files: usize) -> String {
        match files {
            1 => self.either("1 file", "1 archivo").to_owned(),
            _ => format!("{files} {}", self.either("files", "archivos")),
        }
    }

    /// An answer as people read it.
    fn in_words(self, kind: &FieldKind, answer: Option<&Value>) -> String {
        let Some(answer) = answer.filter(|answer| super::condition::is_answered(answer)) else { return self.nothing() };
        let label = |value: &Value| {
            let option = kind.options().iter().find(|option| Some(option.value.as_str()) == value.as_str());
            option.map(|option| option.label.clone()).unwrap_or_else(|| plain(value))
        };
        match (kind, answer) {
            (FieldKind::Choices { .. }, Value::Array(chosen)) => {
                chosen.iter().map(label).collect::<Vec<_>>().join("; ")
            }
            (FieldKind::Choice { .. }, value) => label(value),
            (FieldKind::Number { unit: Some(unit), .. }, value) => format!("{} {unit}", plain(value)),
            (FieldKind::Scale { min, max, min_label, max_label }, value) => {
                let (least, most) = (end(*min, min_label.as_deref()), end(*max, max_label.as_deref()));
                let (from, to) = if self.spanish { ("de", "a") } else { ("from", "to") };
                format!("{} ({from} {least} {to} {most})", plain(value))
            }
            (_, value) => plain(value),
        }
    }

    fn instant(self, at: DateTime<Utc>) -> String {
        if !self.spanish {
            return at.format("%B %-d, %Y, %H:%M:%S UTC").to_string();
        }
        let month = SPANISH_MONTHS.get(at.month0() as usize).copied().unwrap_or_default();
        format!("{} de {month} de {}, {}", at.day(), at.year(), at.format("%H:%M:%S UTC"))
    }
}

/// One end of a scale, with what it means where the form says so.
fn end(number: i32, label: Option<&str>) -> String {
    given(label).map_or_else(|| number.to_string(), |label| format!("{number}: {label}"))
}

/// Words that say something.
fn given(words: Option<&str>) -> Option<&str> {
    words.filter(|words| !words.trim().is_empty())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
