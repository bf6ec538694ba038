//! Telephone numbers in the words of crisis resources, so that a page can make of each what a thumb can hit. Pure. What it
//! is not sure of stays words: a number that is not there must never be called.

/// A piece of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part<'a> {
    Words(&'a str),
    Number(Number<'a>),
}

/// A number, and what it is good for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Number<'a> {
    /// As it was written.
    pub shown: &'a str,
    /// What is dialled.
    pub dialled: String,
    /// Whether it can be called. One that is only written to cannot.
    pub calls: bool,
    /// Where it can be written to, the word to write; often none.
    pub texts: Option<Option<&'a str>>,
}

/// Such numbers end where they end: "911 24 hours a day".
const WHOLE: [&str; 6] = ["911", "988", "112", "999", "000", "111"];
/// Fewer digits are a number only where it is said that they are one.
const SURELY: usize = 7;
const FEWEST: usize = 3;
/// After these words the last digits tell how long somebody is there.
const HOURS: [&str; 6] = ["hour", "hrs", "h ", "hora", "day", "día"];
const CALL: [&str; 9] = ["call", "phone", "dial", "ring", "tel", "llame", "llamar", "marque", "teléfono"];
const TEXT: [&str; 7] = ["text", "sms", "message", "envíe", "enviar", "mensaje", "escriba"];

/// A text in its pieces, in order: together they are the whole of it.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(begin) = text[at..].find(is_first).map(|found| at + found) {
        let candidate = candidate(&text[begin..]);
        at = begin + candidate.len().max(1);
        let before = &text[from..begin];
        let alone = candidate == text.trim();
        let Some(number) = number(candidate, before, &text[at..], alone) else { continue };
        if !before.is_empty() {
            parts.push(Part::Words(before));
        }
        parts.push(Part::Number(number));
        from = at;
    }
    if from < text.len() {
        parts.push(Part::Words(&text[from..]));
    }
    parts
}

fn is_first(letter: char) -> bool {
    letter.is_ascii_digit() || letter == '+' || letter == '('
}

/// Digits with what people write between them, up to the last digit.
fn candidate(text: &str) -> &str {
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || "+ ().-".contains(letter))).unwrap_or(text.len());
    let run = &text[..end];
    let is_open = run.rfind('(').filter(|open| *open > 0 && !run[*open..].contains(')'));
    let of_hours = HOURS.iter().any(|unit| text[end..].starts_with(unit));
    let run = &run[..is_open.or_else(|| run.trim_end().rfind(' ').filter(|_| of_hours)).unwrap_or(run.len())];
    let run = run.rfind(|letter: char| letter.is_ascii_digit()).map_or("", |last| &run[..=last]);
    match run.get(..FEWEST) {
        Some(first) if WHOLE.contains(&first) && !run[FEWEST..].starts_with(|next: char| next.is_ascii_digit()) => {
            first
        }
        _ => run,
    }
}

fn number<'a>(shown: &'a str, before: &'a str, after: &str, alone: bool) -> Option<Number<'a>> {
    let dialled: String = shown.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+').collect();
    let digits = dialled.trim_start_matches('+').len();
    let stuck = before.ends_with(char::is_alphanumeric)
        || after.starts_with(|next: char| next.is_alphanumeric() || next == '/' || next == ':');
    if digits < FEWEST || stuck {
        return None;
    }
    let words: Vec<&str> =
        before.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let said = |of: &[&str]| words.iter().any(|word| of.contains(&word.to_lowercase().as_str()));
    let (calls, texts) = (said(&CALL), said(&TEXT));
    if !alone && !calls && !texts && digits < SURELY {
        return None;
    }
    let keyword =
        words.iter().copied().find(|word| word.len() > 1 && word.chars().all(char::is_uppercase) && *word != "SMS");
    Some(Number { shown, dialled, calls: calls || !texts, texts: texts.then_some(keyword) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `call:` and `text:` of everything that is found.
    fn found(text: &str) -> Vec<String> {
        let together: String = parts(text)
            .iter()
            .map(|part| match part {
                Part::Words(words) => words,
                Part::Number(number) => number.shown,
            })
            .collect();
        assert_eq!(together, text, "something is missing");
        let ways = |part| {
            let Part::Number(Number { dialled, calls, texts, .. }) = part else { return Vec::new() };
            let call = calls.then(|| format!("call:{dialled}"));
            let text = texts.map(|keyword| {
                format!("text:{dialled}{}", keyword.map_or_else(String::new, |word| format!("={word}")))
            });
            call.into_iter().chain(text).collect()
        };
        parts(text).into_iter().flat_map(ways).collect()
    }

    #[test]
    fn numbers_are_found_with_what_they_are_good_for() {
        for (text, expected) in [
            ("call or text 988", &["call:988", "text:988"][..]),
            ("call 911, or go to the nearest emergency room", &["call:911"]),
            ("llame al 988 y oprima 2, o envíe AYUDA al 988", &["call:988", "text:988=AYUDA"]),
            ("Text HOME to 741741", &["text:741741=HOME"]),
            ("116 123", &["call:116123"]),
            ("call 555 0100", &["call:5550100"]),
            ("(512) 555-0100 or +44 20 7946 0018", &["call:5125550100", "call:+442079460018"]),
            ("Call 911 24 hours a day", &["call:911"]),
            ("call 555 0100 (24 hours)", &["call:5550100"]),
            ("llame al 555 0100 24 horas", &["call:5550100"]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_called() {
        for text in [
            "",
            "open 24/7",
            "1200 Pine Street",
            "room 12, second floor",
            "chat at example.org/988",
            "+",
            "(",
            "9 to 17 o'clock",
            "día y noche ☎",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
