//! What takes a phrase back. Every rule is narrow on purpose: it holds where the nearest words leave no doubt, and
//! nowhere else. Pure; linear in what was found, but for sorting.

use super::normal::{Gap, Normal};

/// What a pattern of the lists means where it is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// A crisis phrase, by its number; `past`: it may speak of something over.
    Phrase {
        number: usize,
        past: bool,
    },
    Negation,
    Unless,
    Others,
    Formerly,
    Past,
    Ago,
    Recent,
    Said,
    Idiom,
}

impl Meaning {
    /// With a phrase's number counted on from `listed`.
    pub fn after(self, listed: usize) -> Self {
        match self {
            Self::Phrase { number, past } => Self::Phrase { number: number + listed, past },
            other => other,
        }
    }
}

/// Words of the text: the first, and the one after the last.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: usize,
    end: usize,
}

/// All that was found in a text, in the order in which it ends.
#[derive(Debug, Default)]
pub struct Found {
    phrases: Vec<(Span, usize, bool)>,
    /// Ends of what takes back what follows right after.
    negations: Vec<usize>,
    others: Vec<usize>,
    formerly: Vec<usize>,
    past: Vec<usize>,
    /// First words.
    unless: Vec<usize>,
    ago: Vec<usize>,
    said: Vec<usize>,
    recent: bool,
    idioms: Vec<Span>,
}

impl Found {
    /// Notes what was found from word `first` up to before word `end`.
    pub fn note(&mut self, normal: &Normal, meaning: Meaning, first: usize, end: usize) {
        let stops = || normal.words[first + 1..end].iter().any(|word| word.gap == Gap::Stop);
        if !matches!(meaning, Meaning::Phrase { .. }) && stops() {
            // What one sentence says takes nothing back in the next.
            return;
        }
        match meaning {
            Meaning::Phrase { number, past } => self.phrases.push((Span { first, end }, number, past)),
            Meaning::Negation => self.negations.push(end),
            Meaning::Others => self.others.push(end),
            Meaning::Formerly => self.formerly.push(end),
            Meaning::Past => self.past.push(end),
            Meaning::Unless => self.unless.push(first),
            Meaning::Ago => self.ago.push(first),
            Meaning::Said => self.said.push(first),
            Meaning::Recent => self.recent = true,
            Meaning::Idiom => self.idioms.push(Span { first, end }),
        }
    }

    /// The phrase that nothing takes back; of several, the one that stands first in the lists.
    pub fn first(mut self, normal: &Normal) -> Option<usize> {
        if self.phrases.is_empty() {
            return None;
        }
        let words = &normal.words;
        self.unless.sort_unstable();
        let idioms = Cover::of(std::mem::take(&mut self.idioms));
        let mut long_ago: Vec<usize> = self.ago.iter().map(|at| words[*at].sentence).collect();
        let outside = self.said.iter().filter(|at| !words[**at].quoted);
        let mut reported: Vec<usize> = outside.map(|at| words[*at].sentence).collect();
        long_ago.sort_unstable();
        reported.sort_unstable();
        let stands = |(span, _, past): &(Span, usize, bool)| {
            let word = words[span.first];
            let follows = |ends: &[usize]| word.gap == Gap::Space && ends.binary_search(&span.first).is_ok();
            let in_sentence = |sentences: &[usize]| sentences.binary_search(&word.sentence).is_ok();
            let denied = follows(&self.negations) && !self.unless_follows(normal, span.end);
            let over = follows(&self.formerly) || ((*past || follows(&self.past)) && in_sentence(&long_ago));
            !(is_torn(normal, *span)
                || idioms.covers(*span)
                || denied
                || follows(&self.others)
                || (over && !self.recent)
                || (word.quoted && in_sentence(&reported)))
        };
        self.phrases.iter().filter(|phrase| stands(phrase)).map(|(_, number, _)| *number).min()
    }

    /// Whether a denial is taken back in turn: "not today", "not yet", "but", "if".
    fn unless_follows(&self, normal: &Normal, end: usize) -> bool {
        let near = (end..normal.words.len()).take(2).take_while(|at| normal.words[*at].gap != Gap::Stop);
        near.into_iter().any(|at| self.unless.binary_search(&at).is_ok())
    }
}

/// Whether the end of a sentence runs through the phrase: "that was the end. My life …". A sentence for every word is
/// one phrase: "I want. To. Die."
fn is_torn(normal: &Normal, span: Span) -> bool {
    let gaps = || normal.words[span.first + 1..span.end].iter().map(|word| word.gap);
    gaps().any(|gap| gap == Gap::Stop) && gaps().any(|gap| gap == Gap::Space)
}

/// Spans, to ask whether one of them holds another.
struct Cover {
    /// By their first word, with the furthest end up to there.
    furthest: Vec<Span>,
}

impl Cover {
    fn of(mut spans: Vec<Span>) -> Self {
        spans.sort_unstable_by_key(|span| span.first);
        let mut end = 0;
        for span in &mut spans {
            end = end.max(span.end);
            span.end = end;
        }
        Self { furthest: spans }
    }

    fn covers(&self, span: Span) -> bool {
        let before = self.furthest.partition_point(|cover| cover.first <= span.first);
        before.checked_sub(1).is_some_and(|last| self.furthest[last].end >= span.end)
    }
}
