//! Telephone numbers, in the one form that providers take (E.164).

use crate::error::{Error, Result};
use phonenumber::Mode;

/// What people type is longer than a number, but not by much.
const MOST_CHARACTERS: usize = 40;

/// The number that somebody typed, with its country (`+1 …`), as `+15125550123`.
///
/// # Errors
/// `invalid` where it is none that could exist.
pub fn read(typed: &str, pointer: &str) -> Result<String> {
    let refused = || Error::field(pointer, "Enter the number with its country, such as +1 512 555 0123.");
    let typed = typed.trim();
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '.' | '(' | ')' | '\u{a0}');
    if typed.len() > MOST_CHARACTERS || !typed.starts_with('+') || !typed.chars().all(plain) {
        return Err(refused());
    }
    let number = phonenumber::parse(None, typed).map_err(|_| refused())?;
    if !number.is_valid() || number.extension().is_some() {
        return Err(refused());
    }
    Ok(number.format().mode(Mode::E164).to_string())
}

/// The last two digits, to be recognised by its owner and by nobody else: `••23`.
pub fn hint(number: &str) -> String {
    let last: Vec<char> = number.chars().rev().take(2).collect();
    format!("••{}", last.into_iter().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_a_number_is_one_and_nothing_else() {
        for (typed, number) in [
            ("+1 (512) 555-0123", "+15125550123"),
            (" +15125550123 ", "+15125550123"),
            ("+52 55 1234 5678", "+525512345678"),
            ("+49 30 901820", "+4930901820"),
        ] {
            assert_eq!(read(typed, "/number").ok().as_deref(), Some(number), "{typed}");
        }
        for typed in [
            "",
            "+",
            "512 555 0123",
            "+1 555",
            "+1 012 345 6789",
            "+999 12345678",
            "+1512555012345678",
            "+1 512 555 0123 ext. 5",
            "+15125550123\r\nBcc: x",
            "+1512555012\u{661}",
            "tel:+15125550123",
            "+15125550123;phone-context=x",
        ] {
            assert!(read(typed, "/number").is_err(), "{typed:?}");
        }
    }
}
