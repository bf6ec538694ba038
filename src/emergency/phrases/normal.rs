//! Texts as phrases are compared: compatibility forms and accents taken apart (NFKD), lower case, apostrophes gone,
//! doubled letters once, disguised words (`k1ll`, `k*ll`, `k i l l`) as they are meant, contractions and common
//! misspellings written out, words that only add weight left out. Phrases of the lists go through the same, so that both
//! always agree. One pass, linear in the text.

use rustc_hash::FxHashMap;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Single letters in a row that are read as a word.
const LETTERS_OF_A_WORD: usize = 3;

/// What stands between two words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Gap {
    /// At most a space.
    Space,
    /// A comma, a dash, dots, a new line.
    Pause,
    /// The end of a sentence.
    Stop,
}

/// Where a word lies in the text.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// Its first byte.
    pub at: usize,
    /// What stands before it.
    pub gap: Gap,
    /// Which sentence it belongs to.
    pub sentence: usize,
    /// Within quotation marks.
    pub quoted: bool,
}

/// A text to compare with: words with one space around each, `^` first and `$` last.
#[derive(Debug)]
pub struct Normal {
    pub text: String,
    pub words: Vec<Word>,
}

impl Normal {
    /// A word as it is compared.
    pub fn word(&self, number: usize) -> &str {
        let end = self.words.get(number + 1).map_or(self.text.len(), |next| next.at);
        &self.text[self.words[number].at..end - 1]
    }
}

/// Knows which words stand for others.
#[derive(Debug, Default)]
pub struct Normaliser {
    /// None of them: it is left out.
    instead: FxHashMap<String, Vec<String>>,
    /// Words that people disguise.
    disguised: Vec<String>,
}

impl Normaliser {
    /// A word that only adds weight.
    pub fn leave_out(&mut self, word: &str) {
        self.instead.insert(plain(word), Vec::new());
    }

    /// `word` is read as `meant`, which may be several.
    pub fn read_as(&mut self, word: &str, meant: &str) {
        self.instead.insert(plain(word), meant.split_whitespace().map(plain).collect());
    }

    /// A word that is looked for behind disguises.
    pub fn look_behind(&mut self, word: &str) {
        self.disguised.push(word.to_owned());
        self.disguised.sort_by_key(|word| std::cmp::Reverse(word.len()));
    }

    /// A text as it is compared.
    pub fn normal(&self, text: &str) -> Normal {
        let mut writer = Writer::new(self, text.len());
        if text.is_ascii() {
            writer.read(text.chars());
        } else {
            // An accent that stands for an apostrophe would come apart into a space and a mark.
            let apart = text.chars().map(|c| if is_apostrophe(c) { '\'' } else { c }).nfkd();
            writer.read(apart.filter(|c| c.is_ascii() || !(is_combining_mark(*c) || is_invisible(*c))));
        }
        writer.finish()
    }

    /// A phrase as it is compared: the words alone, without `^` and `$`.
    pub fn phrase(&self, phrase: &str) -> String {
        let normal = self.normal(phrase).text;
        normal.trim_start_matches(" ^").trim_end_matches("$ ").trim().to_owned()
    }
}

struct Writer<'a> {
    by: &'a Normaliser,
    text: String,
    words: Vec<Word>,
    /// The word that is being read.
    token: String,
    /// The word as it is looked up; a buffer that is used again.
    plain: String,
    /// Single letters, with the gap before each.
    letters: Vec<(char, Gap)>,
    gap: Gap,
    dots: u32,
    sentence: usize,
    /// How many words there were when the quotation began.
    quotation: Option<usize>,
}

impl<'a> Writer<'a> {
    fn new(by: &'a Normaliser, length: usize) -> Self {
        let (text, words) = (String::with_capacity(length + length / 4 + 8), Vec::with_capacity(length / 4 + 2));
        let mut writer = Self {
            by,
            text,
            words,
            token: String::new(),
            plain: String::new(),
            letters: Vec::new(),
            gap: Gap::Space,
            dots: 0,
            sentence: 0,
            quotation: None,
        };
        writer.text.push(' ');
        writer.write("^", Gap::Space);
        writer
    }

    fn read(&mut self, text: impl Iterator<Item = char>) {
        let mut text = text.peekable();
        while let Some(c) = text.next() {
            if c.is_ascii_alphabetic() {
                self.token.push(c.to_ascii_lowercase());
                continue;
            }
            if c.is_alphanumeric() {
                self.token.extend(c.to_lowercase());
                continue;
            }
            let in_a_word = !self.token.is_empty();
            if is_apostrophe(c) && in_a_word {
                continue;
            }
            let next = text.peek().copied();
            let goes_on = in_a_word && next.is_some_and(|next| next.is_alphanumeric() || next == c);
            let disguise = match c {
                '*' | '#' | '@' | '$' => goes_on,
                '!' => goes_on && next != Some('!') && self.token.len() <= 2,
                _ => false,
            };
            if disguise {
                self.token.push(c);
                continue;
            }
            self.end_token();
            self.separate(c);
        }
        self.end_token();
        self.end_letters();
    }

    fn separate(&mut self, c: char) {
        match c {
            '.' => {
                self.dots += 1;
                // One dot ends a sentence, several are hesitation.
                self.gap = if self.dots == 1 { self.gap.max(Gap::Stop) } else { Gap::Pause };
            }
            '!' | '?' | ';' => self.gap = Gap::Stop,
            '"' | '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{AB}' | '\u{BB}' => {
                self.end_letters();
                match self.quotation.take() {
                    None => self.quotation = Some(self.words.len()),
                    Some(from) => self.words[from..].iter_mut().for_each(|word| word.quoted = true),
                }
            }
            c if c.is_whitespace() && c != '\n' => {}
            _ => self.gap = self.gap.max(Gap::Pause),
        }
    }

    fn end_token(&mut self) {
        if self.token.is_empty() {
            return;
        }
        let token = std::mem::take(&mut self.token);
        let word = token.trim_end_matches(|c: char| !c.is_alphanumeric());
        let gap = std::mem::replace(&mut self.gap, Gap::Space);
        self.dots = 0;
        let mut letters = word.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_alphabetic() => self.letters.push((letter, gap)),
            _ => {
                self.end_letters();
                self.read_word(word, gap);
            }
        }
        // The buffer is used again.
        self.token = token;
        self.token.clear();
    }

    fn read_word(&mut self, word: &str, gap: Gap) {
        if word.chars().all(char::is_alphabetic) {
            self.emit(word, gap);
        } else if word.contains(['*', '#']) {
            // What cannot be read is an oath, and left out.
            if let Some(meant) = self.by.disguised.iter().find(|meant| hides(word, meant)) {
                self.emit(meant, gap);
            }
        } else if word.chars().all(char::is_numeric) {
            self.emit("0", gap);
        } else {
            self.emit(&without_digits(word), gap);
        }
    }

    /// Letters in a row are a word when they spell one that people disguise, and themselves otherwise.
    fn end_letters(&mut self) {
        if self.letters.is_empty() {
            return;
        }
        let letters = std::mem::take(&mut self.letters);
        let spelled: String = letters.iter().map(|(letter, _)| *letter).collect();
        let (mut at, mut byte) = (0, 0);
        while at < letters.len() {
            let word = if letters.len() < LETTERS_OF_A_WORD {
                None
            } else {
                self.by.disguised.iter().find(|word| spelled[byte..].starts_with(word.as_str()))
            };
            let (letter, gap) = letters[at];
            match word {
                Some(word) => self.emit(word, gap),
                None => self.emit(letter.encode_utf8(&mut [0; 4]), gap),
            }
            let length = word.map_or(letter.len_utf8(), String::len);
            at += spelled[byte..byte + length].chars().count();
            byte += length;
        }
    }

    fn emit(&mut self, word: &str, gap: Gap) {
        let mut plain = std::mem::take(&mut self.plain);
        plain.clear();
        push_plain(word, &mut plain);
        match self.by.instead.get(&plain) {
            None => self.write(&plain, gap),
            Some(meant) if meant.is_empty() => self.gap = self.gap.max(gap),
            Some(meant) => {
                let mut gap = gap;
                for word in meant {
                    self.write(word, std::mem::replace(&mut gap, Gap::Space));
                }
            }
        }
        self.plain = plain;
    }

    fn write(&mut self, word: &str, gap: Gap) {
        if gap == Gap::Stop {
            self.sentence += 1;
        }
        // Said twice is said once.
        if let Some(last) = self.words.last()
            && gap == Gap::Space
            && &self.text[last.at..self.text.len() - 1] == word
        {
            return;
        }
        self.words.push(Word { at: self.text.len(), gap, sentence: self.sentence, quoted: false });
        self.text.push_str(word);
        self.text.push(' ');
    }

    fn finish(mut self) -> Normal {
        let gap = self.gap;
        self.write("$", gap.min(Gap::Pause));
        Normal { text: self.text, words: self.words }
    }
}

fn plain(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    push_plain(word, &mut plain);
    plain
}

/// Adds a word without apostrophes, every letter once where it is repeated.
fn push_plain(word: &str, plain: &mut String) {
    let mut last = None;
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        for letter in word.chars() {
            if last.replace(letter) != Some(letter) {
                plain.push(letter);
            }
        }
        return;
    }
    for c in word.chars().filter(|c| !is_apostrophe(*c)) {
        if last != Some(c) || c.is_numeric() {
            plain.push(c);
        }
        last = Some(c);
    }
}

/// A word with digits and signs in place of letters.
fn without_digits(word: &str) -> String {
    let mut letters = String::with_capacity(word.len());
    for c in word.chars() {
        letters.push(match c {
            '0' => 'o',
            '1' if letters.ends_with(['i', 'l']) => 'l',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        });
    }
    letters
}

/// Whether `word`, some of whose letters are starred out, may be `meant`.
fn hides(word: &str, meant: &str) -> bool {
    let mut letters = meant.chars();
    word.chars().all(|c| letters.next().is_some_and(|letter| c == letter || matches!(c, '*' | '#')))
        && letters.next().is_none()
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{2BC}' | '\u{2B9}' | '\u{2032}' | '`' | '\u{B4}' | '\u{1FBD}')
}

/// Characters that show nothing and split words all the same.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> String {
        let mut normaliser = Normaliser::default();
        normaliser.leave_out("really");
        normaliser.read_as("im", "i am");
        normaliser.read_as("wanna", "want to");
        ["kill", "die", "suicide", "want", "to"].iter().for_each(|word| normaliser.look_behind(word));
        normaliser.phrase(text)
    }

    #[test]
    fn the_same_words_look_the_same() {
        for (text, expected) in [
            ("I’m   REALLY\nsad", "i am sad"),
            ("quiér\u{301}o Mórir", "quiero morir"),
            ("diiiieeee", "die"),
            ("k1ll K!LL ki11 k*ll", "kil"),
            ("i want to f***ing d1e", "i want to die"),
            ("k i l l", "kil"),
            ("I w-a-n-t t.o d i e", "i want to die"),
            ("I a m", "i a m"),
            ("𝗸𝗶𝗹𝗹 ｄｉｅ", "kil die"),
            ("su\u{200B}ici\u{AD}de", "suicide"),
            ("I-I-I wanna die!!!", "i i i want to die"),
            ("200 pills, 3 days", "0 pils 0 days"),
            ("want to die!Please", "want to die please"),
            ("", ""),
            ("🙂 …", ""),
        ] {
            assert_eq!(normal(text), expected, "{text:?}");
        }
    }

    #[test]
    fn pauses_stops_and_quotations_are_kept() {
        let normal = Normaliser::default().normal("one... two. three\nfour \"five\" six \"seven");
        let gaps: Vec<Gap> = normal.words.iter().map(|word| word.gap).collect();
        use Gap::{Pause, Space, Stop};
        assert_eq!(gaps, [Space, Space, Pause, Stop, Pause, Space, Space, Space, Space]);
        let quoted: Vec<bool> = normal.words.iter().map(|word| word.quoted).collect();
        assert_eq!(quoted, [false, false, false, false, false, true, false, false, false], "left open is no quotation");
    }
}
