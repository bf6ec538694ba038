//! What takes a phrase back. Every rule is narrow on purpose: it holds where the nearest words leave no doubt, and
//! nowhere else. Pure; linear in what was found.

use super::normal::{Gap, Normal};

/// What a wording of the lists means where it is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// A crisis phrase, by its number.
    Phrase { number: usize, past: bool },
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

/// Words of the text, from the first byte of the first up to the byte after the last.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
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
    /// Beginnings.
    unless: Vec<usize>,
    ago: Vec<usize>,
    said: Vec<usize>,
    recent: bool,
    idioms: Vec<Span>,
}

impl Found {
    /// Notes a wording.
    pub fn note(&mut self, meaning: Meaning, start: usize, end: usize) {
        match meaning {
            Meaning::Phrase { number, past } => self.phrases.push((Span { start, end }, number, past)),
            Meaning::Negation => self.negations.push(end),
            Meaning::Others => self.others.push(end),
            Meaning::Formerly => self.formerly.push(end),
            Meaning::Past => self.past.push(end),
            Meaning::Unless => self.unless.push(start),
            Meaning::Ago => self.ago.push(start),
            Meaning::Said => self.said.push(start),
            Meaning::Recent => self.recent = true,
            Meaning::Idiom => self.idioms.push(Span { start, end }),
        }
    }

    /// The first phrase that nothing takes back.
    pub fn first(mut self, normal: &Normal) -> Option<usize> {
        if self.phrases.is_empty() {
            return None;
        }
        self.unless.sort_unstable();
        let idioms = Cover::of(std::mem::take(&mut self.idioms));
        let sentence = |at: &usize| normal.word_at(*at).map(|word| normal.words[word].sentence);
        let mut long_ago: Vec<usize> = self.ago.iter().filter_map(sentence).collect();
        let outside = |at: &&usize| normal.word_at(**at).is_some_and(|word| !normal.words[word].quoted);
        let mut reported: Vec<usize> = self.said.iter().filter(outside).filter_map(sentence).collect();
        long_ago.sort_unstable();
        reported.sort_unstable();
        let stands = |(span, _, past): &(Span, usize, bool)| {
            let Some(first) = normal.word_at(span.start) else { return true };
            let end = normal.word_at(span.end + 1).unwrap_or(normal.words.len());
            let word = normal.words[first];
            let follows = |ends: &[usize]| {
                let before = span.start.checked_sub(1);
                word.gap == Gap::Space && before.is_some_and(|before| ends.binary_search(&before).is_ok())
            };
            let taken_back = is_torn(normal, first, end)
                || idioms.covers(*span)
                || (follows(&self.negations) && !self.unless_follows(normal, end))
                || follows(&self.others)
                || (!self.recent
                    && (follows(&self.formerly)
                        || ((*past || follows(&self.past)) && long_ago.binary_search(&word.sentence).is_ok())))
                || (word.quoted && reported.binary_search(&word.sentence).is_ok());
            !taken_back
        };
        self.phrases.iter().find(|phrase| stands(phrase)).map(|(_, number, _)| *number)
    }

    /// Whether a denial is taken back in turn: "not today", "not yet", "but", "if".
    fn unless_follows(&self, normal: &Normal, end: usize) -> bool {
        let next = normal.words[end..].iter().take(2).take_while(|word| word.gap != Gap::Stop);
        next.map(|word| word.at).any(|at| self.unless.binary_search(&at).is_ok())
    }
}

/// Whether the end of a sentence runs through the phrase: "that was the end. My life …". A sentence for every word is
/// one phrase: "I want. To. Die."
fn is_torn(normal: &Normal, first: usize, end: usize) -> bool {
    let gaps = || normal.words[first + 1..end].iter().map(|word| word.gap);
    gaps().any(|gap| gap == Gap::Stop) && gaps().filter(|gap| *gap == Gap::Space).count() > 1
}

/// Spans, to ask whether one of them holds another.
struct Cover {
    /// By their beginning, with the furthest end up to there.
    furthest: Vec<Span>,
}

impl Cover {
    fn of(mut spans: Vec<Span>) -> Self {
        spans.sort_unstable_by_key(|span| span.start);
        let mut end = 0;
        for span in &mut spans {
            end = end.max(span.end);
            span.end = end;
        }
        Self { furthest: spans }
    }

    fn covers(&self, span: Span) -> bool {
        let before = self.furthest.partition_point(|cover| cover.start <= span.start);
        before.checked_sub(1).is_some_and(|last| self.furthest[last].end >= span.end)
    }
}
