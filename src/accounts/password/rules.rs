//! What may be a password: 12 to 128 characters of any kind, as they were typed. There are no rules of composition (NIST
//! SP 800-63B, ASVS 6.2.5); refused is what guessers try first: common passwords and what is made of their parts, and
//! words that everybody knows of the person and the practice.

use super::hashing;
use crate::error::Error;
use secrecy::SecretString;
use std::{collections::HashSet, sync::LazyLock};

/// The fewest characters.
pub const SHORTEST: usize = 12;
/// The most characters.
pub const LONGEST: usize = 128;
/// Without the words of person and practice, so many characters are left at least, spaces and punctuation not counted.
const OF_ONES_OWN: usize = 8;
/// Words shorter than this are in everything.
const WORD: usize = 4;
/// What is found in so many guesses, as a power of ten, is no password (zxcvbn calls this "safely unguessable": online
/// guessing is slowed down, and guessing against a stolen hash costs a computer's month).
const GUESSES: f64 = 8.0;
/// Words of the product, which stand on its pages.
const OWN_WORDS: &[&str] = &[
    "carehub",
    "portal",
    "practice",
    "clinic",
    "counseling",
    "therapy",
    "therapist",
    "clinician",
    "client",
    "password",
];

static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// Why something is no password.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("A password has at least 12 characters: several words in a row make a good one.")]
    TooShort,
    #[error("A password has at most 128 characters.")]
    TooLong,
    #[error(
        "This password is one of those that are tried first. Use several words that have nothing to do with each other."
    )]
    Guessable,
    #[error("This password is made of names and words that others know of you or the practice. Use other words.")]
    Known,
}

impl Refusal {
    /// As the answer to a call whose field `pointer` it stood in.
    pub fn at(self, pointer: &str) -> Error {
        Error::field(pointer, self.to_string())
    }
}

/// Judges a password; `known` are names, e-mail addresses and titles that others know.
///
/// # Errors
/// What is wrong with it, for whoever chose it.
pub fn check(password: &SecretString, known: &[String]) -> Result<(), Refusal> {
    let password = hashing::normal(password);
    match password.chars().count() {
        ..SHORTEST => return Err(Refusal::TooShort),
        SHORTEST..=LONGEST => {}
        _ => return Err(Refusal::TooLong),
    }
    let folded = zeroize::Zeroizing::new(password.to_lowercase());
    let words = words(known);
    if COMMON.contains(folded.as_str()) || zxcvbn::zxcvbn(&password, &[]).guesses_log10() < GUESSES {
        return Err(Refusal::Guessable);
    }
    if !words.iter().any(|word| folded.contains(word.as_str())) {
        return Ok(());
    }
    let own = words.iter().fold(folded, |left, word| left.replace(word.as_str(), " ").into());
    let counts = |c: &char| !c.is_whitespace() && !c.is_ascii_punctuation();
    if own.chars().filter(counts).count() < OF_ONES_OWN { Err(Refusal::Known) } else { Ok(()) }
}

/// The words within, in lower case, the longest first: "practices" is not left as "s".
fn words(known: &[String]) -> Vec<String> {
    let known = known.iter().map(String::as_str).chain(OWN_WORDS.iter().copied());
    let parts = known.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let mut words: Vec<String> = parts.filter(|word| word.chars().count() >= WORD).map(str::to_lowercase).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str) -> Result<(), Refusal> {
        check(&password.into(), &["Harbor Lane Counseling".into(), "eli.novak@example.com".into()])
    }

    #[test]
    fn length_is_all_that_is_asked_of_the_characters() {
        assert_eq!(judge("elevenchars"), Err(Refusal::TooShort));
        assert_eq!(judge(&"ü".repeat(11)), Err(Refusal::TooShort));
        for good in [
            "kq7vplm2xw9d",
            "quiet orchard kettle",
            "   quiet orchard kettle   ",
            "снег идёт за окном тихо",
            "窓の外では雪が静かに降る",
            "%&/()=?!$§+-*#",
            "🦉 sits on 🌲 in the ☔",
            "'; DROP TABLE users; --",
            "tab\tand\nline and\u{0}nothing",
        ] {
            assert_eq!(judge(good), Ok(()), "{good:?}");
        }
        let long: String = "quiet orchard kettle over the hills ".chars().cycle().take(128).collect();
        assert_eq!(judge(&long), Ok(()));
        assert_eq!(judge(&format!("{long}x")), Err(Refusal::TooLong));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for common in [
            "password1234",
            "Password123!",
            "P@ssw0rd2024!",
            "passwordpassword",
            "qwertyuiop123",
            "1q2w3e4r5t6y",
            "123456789012",
            "administrator",
            "iloveyoumaria",
            "zzzzzzzzzzzz",
            "letmein123456",
        ] {
            assert_eq!(judge(common), Err(Refusal::Guessable), "{common}");
        }
        assert!(COMMON.len() > 150);
        for common in COMMON.iter() {
            assert_eq!(judge(common), Err(Refusal::Guessable), "{common}");
            assert_eq!(judge(&common.to_uppercase()), Err(Refusal::Guessable), "{common}");
        }
    }

    #[test]
    fn words_of_the_practice_and_of_the_person_count_for_nothing() {
        for known in
            ["harbor-lane-demo", "HarborLaneCounseling!", "novak-eli-novak", "Carehub-Portal-77", "lane+harbor+2026"]
        {
            assert_eq!(judge(known), Err(Refusal::Known), "{known}");
        }
        assert_eq!(judge("harbor quiet orchard kettle"), Ok(()));
    }
}
