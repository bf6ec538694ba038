//! Finds many patterns in a text at once, word by word: an automaton in which all alternatives of a place lead on to the
//! same state, so that it grows with the length of the lists and not with the number of wordings, which are millions.
//! (A search by letters such as Aho-Corasick would need every wording written out.) Each word costs as much as there are
//! patterns under way, which the lists bound, never the text.

use super::{
    context::Meaning,
    normal::{Normal, Normaliser},
    pattern::Pattern,
};
use rustc_hash::FxHashMap;

type Word = u32;
type State = u32;

/// How many words a gap may have.
const WIDEST_GAP: usize = 3;

/// A place within patterns.
#[derive(Clone, Debug, Default)]
struct Place {
    /// By the word that comes next, sorted.
    next: Vec<(Word, State)>,
    /// After any word at all.
    any: Vec<State>,
    /// What is found when it is reached.
    meanings: Vec<Meaning>,
}

/// Patterns, ready to be looked for.
#[derive(Debug, Default)]
pub struct Search {
    words: FxHashMap<String, Word>,
    places: Vec<Place>,
    /// By the word with which patterns begin: the place after it.
    first: Vec<Option<State>>,
}

/// Patterns that are being collected.
#[derive(Debug, Default)]
pub struct Builder {
    words: FxHashMap<String, Word>,
    places: Vec<Place>,
    first: FxHashMap<Word, Vec<State>>,
}

impl Builder {
    /// Adds a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn add(&mut self, pattern: &Pattern, meaning: Meaning, normaliser: &Normaliser) -> Result<(), String> {
        let end = self.place(Place { meanings: vec![meaning], ..Place::default() });
        // A phrase may have words that only add weight; what takes phrases back must not become shorter than it reads.
        let strict = !matches!(meaning, Meaning::Phrase { .. });
        let start = self.before(pattern, end, normaliser, strict)?;
        let Place { next, any, meanings } = self.places[start as usize].clone();
        if !meanings.is_empty() || !any.is_empty() {
            return Err("needs no words, and would be found everywhere".into());
        }
        next.into_iter().for_each(|(word, state)| self.first.entry(word).or_default().push(state));
        Ok(())
    }

    /// The place before `pattern`, after which comes `then`.
    fn before(
        &mut self,
        pattern: &Pattern,
        then: State,
        normaliser: &Normaliser,
        strict: bool,
    ) -> Result<State, String> {
        Ok(match pattern {
            Pattern::Begin => self.before_word("^", then),
            Pattern::End => self.before_word("$", then),
            Pattern::Gap => (0..WIDEST_GAP).fold(then, |shorter, _| {
                let mut place = self.places[then as usize].clone();
                place.any.push(shorter);
                self.place(place)
            }),
            Pattern::Words(words) => {
                let normal = normaliser.phrase(words);
                let left_out = |word: &str| normaliser.phrase(word).is_empty();
                let nothing = normal.is_empty() && !words.trim().is_empty();
                if nothing || (strict && words.split_whitespace().any(left_out)) {
                    return Err(format!("has {words:?}, which is left out of every text"));
                }
                normal.split_whitespace().rev().fold(then, |then, word| self.before_word(word, then))
            }
            Pattern::All(parts) => {
                parts.iter().rev().try_fold(then, |then, part| self.before(part, then, normaliser, strict))?
            }
            Pattern::Any(alternatives) => {
                let starts: Result<Vec<State>, String> =
                    alternatives.iter().map(|pattern| self.before(pattern, then, normaliser, strict)).collect();
                let merged = self.merged(&starts?);
                self.place(merged)
            }
        })
    }

    fn before_word(&mut self, word: &str, then: State) -> State {
        let number = self.words.len() as Word;
        let word = *self.words.entry(word.to_owned()).or_insert(number);
        self.place(Place { next: vec![(word, then)], ..Place::default() })
    }

    fn merged(&self, states: &[State]) -> Place {
        let mut all = Place::default();
        for state in states {
            let place = &self.places[*state as usize];
            all.next.extend_from_slice(&place.next);
            all.any.extend_from_slice(&place.any);
            all.meanings.extend_from_slice(&place.meanings);
        }
        all.next.sort_unstable();
        all.next.dedup();
        all.any.sort_unstable();
        all.any.dedup();
        all.meanings.dedup();
        all
    }

    fn place(&mut self, place: Place) -> State {
        self.places.push(place);
        self.places.len() as State - 1
    }

    /// Ready to search.
    pub fn finish(mut self) -> Search {
        let mut first = vec![None; self.words.len()];
        // Many patterns begin alike: one place for all of them after their first word.
        for (word, states) in std::mem::take(&mut self.first) {
            let merged = self.merged(&states);
            first[word as usize] = Some(self.place(merged));
        }
        Search { words: self.words, places: self.places, first }
    }
}

impl Search {
    /// Tells of everything that occurs, in the order in which it ends: its meaning, its first word and the word after it.
    pub fn run(&self, normal: &Normal, mut found: impl FnMut(Meaning, usize, usize)) {
        let (mut under_way, mut next) = (Vec::<(State, usize)>::new(), Vec::new());
        for at in 0..normal.words.len() {
            next.clear();
            let word = self.words.get(normal.word(at));
            for (state, from) in &under_way {
                let place = &self.places[*state as usize];
                next.extend(place.any.iter().map(|state| (*state, *from)));
                let Some(word) = word else { continue };
                let first = place.next.partition_point(|(other, _)| other < word);
                let same = place.next[first..].iter().take_while(|(other, _)| other == word);
                next.extend(same.map(|(_, state)| (*state, *from)));
            }
            next.extend(word.and_then(|word| self.first[*word as usize]).map(|state| (state, at)));
            // One place may be reached by several ways; the longest is told.
            if next.len() > 1 {
                next.sort_unstable();
                next.dedup_by_key(|(state, _)| *state);
            }
            for (state, from) in &next {
                self.places[*state as usize].meanings.iter().for_each(|meaning| found(*meaning, *from, at + 1));
            }
            std::mem::swap(&mut under_way, &mut next);
        }
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emergency::phrases::pattern::{self, Sets};

    fn found(line: &str, text: &str) -> Vec<(usize, usize)> {
        let (mut builder, normaliser) = (Builder::default(), Normaliser::default());
        builder.add(&pattern::read(line, &Sets::new()).unwrap(), Meaning::Idiom, &normaliser).unwrap();
        let mut found = Vec::new();
        builder.finish().run(&normaliser.normal(text), |_, first, end| found.push((first, end)));
        found
    }

    #[test]
    fn whole_words_are_found_in_every_wording() {
        let line = "(a|an) [big|red and big] cat (sat|lay down)";
        for text in ["a cat sat", "an red and big cat lay down", "A big CAT sat"] {
            assert_eq!(found(line, text).len(), 1, "{text}");
        }
        for text in ["a red cat sat", "a catsat", "a cat lay", "cat sat"] {
            assert_eq!(found(line, text), [], "{text}");
        }
        assert_eq!(found("a b [a b] c", "a b a b c"), [(1, 6)]);
        assert_eq!((found("a ~ b", "a b").len(), found("a ~ b", "a x y z b").len()), (1, 1));
        assert_eq!(found("a ~ b", "a w x y z b"), []);
        assert_eq!((found("^ a $", "a"), found("^ a $", "a b"), found("b $", "a b").len()), (vec![(0, 3)], vec![], 1));
    }

    #[test]
    fn a_pattern_without_words_is_refused() {
        let pattern = pattern::read("[a] (b|)", &Sets::new()).unwrap();
        assert!(Builder::default().add(&pattern, Meaning::Idiom, &Normaliser::default()).is_err());
    }
}
