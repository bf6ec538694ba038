//! Phrases that a practice adds to the lists of the program, and the bounds of what it may set. The lists themselves
//! cannot be switched off: a practice can be called more often, never less.

use crate::{
    emergency::{phrases::Detector, resources::Resources},
    error::{Error, FieldError, Result},
    ids,
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;
use uuid::Uuid;

const PHRASES: usize = 200;
const PHRASE_CHARACTERS: usize = 80;
/// A single word that is shorter occurs in messages about anything.
const LEAST_LETTERS: usize = 4;
const LANGUAGES: usize = 20;
const RESOURCES: usize = 10;
const NAME_CHARACTERS: usize = 80;
const CONTACT_CHARACTERS: usize = 160;

/// A phrase of a practice's own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = OwnCrisisPhrase)]
pub struct OwnPhrase {
    /// Named where it is found, in place of the words. Stays as long as the words are the same.
    pub id: Uuid,
    pub words: String,
}

/// The phrases as they are stored: those that were there before keep their ids.
///
/// # Errors
/// One item for every phrase that cannot be taken.
pub fn phrases(words: &[String], before: &[OwnPhrase]) -> Result<Vec<OwnPhrase>> {
    let mut errors = Vec::new();
    if words.len() > PHRASES {
        errors.push(refusal("/phrases".into(), format!("At most {PHRASES} phrases.")));
    }
    let (mut taken, mut seen) = (Vec::new(), HashSet::new());
    for (at, words) in words.iter().take(PHRASES).enumerate() {
        let normal = Detector::normal_phrase(words);
        let complaint = if words.chars().count() > PHRASE_CHARACTERS {
            Some(format!("At most {PHRASE_CHARACTERS} characters."))
        } else if normal.chars().filter(|c| c.is_alphabetic()).count() < LEAST_LETTERS {
            Some("This would be found in messages about anything: write at least a word of four letters.".to_owned())
        } else if !seen.insert(normal.clone()) {
            Some("This phrase stands there twice: leave one.".to_owned())
        } else {
            None
        };
        if let Some(complaint) = complaint {
            errors.push(refusal(format!("/phrases/{at}"), complaint));
            continue;
        }
        let same = before.iter().find(|phrase| Detector::normal_phrase(&phrase.words) == normal);
        let id = same.map_or_else(ids::fresh, |phrase| phrase.id);
        taken.push(OwnPhrase { id, words: words.trim().to_owned() });
    }
    if errors.is_empty() { Ok(taken) } else { Err(Error::Invalid(errors)) }
}

/// Whether a practice may name these.
///
/// # Errors
/// One item for every field that cannot be taken.
pub fn check_resources(resources: &Resources) -> Result<()> {
    let mut errors = Vec::new();
    if resources.0.len() > LANGUAGES {
        errors.push(refusal("/resources".into(), format!("At most {LANGUAGES} languages.")));
    }
    for (language, list) in resources.0.iter().take(LANGUAGES) {
        if language.len() != 2 || !language.bytes().all(|c| c.is_ascii_lowercase()) {
            errors.push(refusal("/resources".into(), "Name languages by two letters, such as en.".into()));
            continue;
        }
        let pointer = format!("/resources/{language}");
        if !(1..=RESOURCES).contains(&list.len()) {
            let message = format!("Between 1 and {RESOURCES}; leave the language out to name none of your own in it.");
            errors.push(refusal(pointer.clone(), message));
        }
        for (at, resource) in list.iter().take(RESOURCES).enumerate() {
            for (field, text, most) in
                [("name", &resource.name, NAME_CHARACTERS), ("contact", &resource.contact, CONTACT_CHARACTERS)]
            {
                if text.trim().is_empty() || text.chars().count() > most || text.contains(char::is_control) {
                    let message = format!("Between 1 and {most} characters on one line.");
                    errors.push(refusal(format!("{pointer}/{at}/{field}"), message));
                }
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

fn refusal(pointer: String, message: String) -> FieldError {
    FieldError { pointer, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_keeps_its_id_and_what_would_be_found_everywhere_is_refused() {
        let first = phrases(&["the purple door".into()], &[]).unwrap();
        let second = phrases(&["The  PURPLE door!".into(), "olive branch".into()], &first).unwrap();
        assert_eq!(second[0].id, first[0].id);
        for refused in [vec!["the"], vec!["   "], vec!["🙂🙂🙂🙂"], vec!["olive branch", "Olive, branch"]] {
            let words: Vec<String> = refused.iter().map(|words| (*words).to_owned()).collect();
            assert!(matches!(phrases(&words, &[]), Err(Error::Invalid(_))), "{refused:?}");
        }
        assert!(phrases(&vec!["word word".to_owned(); PHRASES + 1], &[]).is_err());
    }
}
