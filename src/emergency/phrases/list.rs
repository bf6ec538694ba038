//! The reviewed lists, one file a language under `lists/`, compiled into the program. A list that cannot be read is a
//! fault of the build: a test reads them all. What the fields mean stands in `docs/emergency-phrases.md`.

use super::pattern::{self, Sets};
use serde::Deserialize;
use std::collections::BTreeMap;

const FILES: &[&str] = &[include_str!("lists/en.toml"), include_str!("lists/es.toml")];

/// The phrases of one language, with the words around them that take them back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// ISO 639-1.
    pub language: String,
    /// The day of the last change, and which one of that day.
    pub version: String,
    /// Words that only add weight.
    pub weight: String,
    /// Words that people disguise.
    pub disguised: String,
    /// What is meant, and the words that mean it.
    pub meant: BTreeMap<String, String>,
    /// Named sets for the lines below; later ones may name earlier ones.
    pub sets: Vec<Set>,
    pub around: Around,
    pub phrase: Vec<Phrase>,
}

/// A named set of wordings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    pub name: String,
    pub is: String,
}

/// What takes a phrase back, or keeps it from being taken back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Around {
    /// Right before a phrase: it is denied.
    pub negation: Vec<String>,
    /// Within two words after a denied phrase: it is not.
    pub unless: Vec<String>,
    /// Right before a phrase: it is about somebody else, and over.
    pub others: Vec<String>,
    /// Right before a phrase: it is over.
    pub formerly: Vec<String>,
    /// Right before a phrase: it is over if the sentence says that it was long ago.
    pub past: Vec<String>,
    /// Says that something was long ago.
    pub ago: Vec<String>,
    /// Anywhere in the message: nothing is long ago.
    pub recent: Vec<String>,
    /// Before a phrase in quotation marks: somebody else's words.
    pub said: Vec<String>,
    /// A phrase within is a figure of speech.
    pub idiom: Vec<String>,
}

/// One phrase, in all its wordings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrase {
    pub id: String,
    /// Why it is on the list.
    pub why: String,
    /// It speaks of something over, where the sentence says that it was long ago.
    #[serde(default)]
    pub past: bool,
    pub say: Vec<String>,
}

impl List {
    /// All lists.
    ///
    /// # Errors
    /// Which file is wrong, and where.
    pub fn all() -> Result<Vec<Self>, String> {
        FILES.iter().map(|file| toml::from_str(file).map_err(|error| error.to_string())).collect()
    }

    /// Its sets.
    ///
    /// # Errors
    /// What is wrong with one.
    pub fn sets(&self) -> Result<Sets, String> {
        let mut sets = Sets::new();
        for Set { name, is } in &self.sets {
            let pattern = pattern::read(is, &sets)?;
            sets.insert(name.clone(), pattern);
        }
        Ok(sets)
    }
}
