//! Bodies that carry a number and the instant they were meant to be sent at, so that a receiver in
//! the same process can tell how long they took. Owns that format and the body's fingerprint.

use crate::clock::Nanos;
use std::fmt::Write;

/// The shortest body that holds a stamp.
pub const SHORTEST: usize = 32;

/// A stamped body of `length` bytes: sixteen hexadecimal digits of number, sixteen of time, filler.
pub fn body(number: u64, at: Nanos, length: usize) -> String {
    const FILLER: &str = "the quick brown fox jumps over a lazy dog and ";
    let mut text = String::with_capacity(length.max(SHORTEST));
    write!(text, "{number:016x}{at:016x}").expect("writing to a String cannot fail");
    while text.len() < length {
        let rest = length - text.len();
        text.push_str(&FILLER[..rest.min(FILLER.len())]);
    }
    // The hub trims: a body must not end in a blank.
    if text.ends_with(' ') {
        text.pop();
        text.push('.');
    }
    text
}

/// Number and time of a stamped body.
pub fn read(body: &str) -> Option<(u64, Nanos)> {
    let number = u64::from_str_radix(body.get(..16)?, 16).ok()?;
    let at = u64::from_str_radix(body.get(16..32)?, 16).ok()?;
    Some((number, at))
}

/// FNV-1a: tells two bodies apart without keeping them.
pub fn fingerprint(body: &str) -> u64 {
    body.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_survives_and_the_body_has_the_length_asked_for() {
        for length in [SHORTEST, 33, 36, 200, 8000] {
            let text = body(7, 123_456_789, length);
            assert_eq!((text.len(), read(&text)), (length, Some((7, 123_456_789))));
            assert_eq!(text, text.trim());
        }
        assert_eq!(read("too short"), None);
    }

    #[test]
    fn one_changed_character_changes_the_fingerprint() {
        assert_ne!(fingerprint("hello"), fingerprint("hellp"));
        assert_eq!(fingerprint(""), 0xcbf2_9ce4_8422_2325);
    }
}
