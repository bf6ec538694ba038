//! How somebody signs: by typing their name or by drawing it, having said that they agree. A drawing is points, never
//! markup: whoever shows it makes lines of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a drawing is drawn on: as wide and as high.
pub const WIDTH: u16 = 1_000;
pub const HEIGHT: u16 = 300;
/// The most lines of a drawing, and the most points of all of them.
const MOST_STROKES: usize = 200;
const MOST_POINTS: usize = 4_000;
const NAME: usize = 200;

/// As an answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Signature {
    /// The sentence that stands beside it was agreed to.
    #[serde(default)]
    pub agrees: bool,
    /// One's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
    /// Lines of points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drawn: Vec<Vec<(u16, u16)>>,
}

impl Signature {
    /// Reads an answer.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(answer: &Value) -> Result<Self, &'static str> {
        let signature = serde_json::from_value::<Self>(answer.clone());
        let mut signature = signature.map_err(|_| "Sign by typing your name, or by drawing it.")?;
        signature.typed = signature.typed.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        signature.drawn.retain(|stroke| !stroke.is_empty());
        if !signature.agrees {
            return Err("Say that you agree to the sentence above the signature.");
        }
        if signature.typed.is_none() && signature.drawn.is_empty() {
            return Err("Sign by typing your name, or by drawing it.");
        }
        let name = signature.typed.as_deref().unwrap_or_default();
        if name.chars().count() > NAME || name.chars().any(char::is_control) {
            return Err("Type your name in one line of at most 200 characters.");
        }
        let points = || signature.drawn.iter().flatten();
        if signature.drawn.len() > MOST_STROKES || points().count() > MOST_POINTS {
            return Err("The drawing has too many lines. Clear it and sign once more.");
        }
        if points().any(|(x, y)| *x > WIDTH || *y > HEIGHT) {
            return Err("The drawing reaches over its edge. Clear it and sign once more.");
        }
        Ok(signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_signature_is_agreed_to_and_typed_or_drawn_within_its_bounds() {
        for good in
            [json!({"agrees": true, "typed": " Ann Field "}), json!({"agrees": true, "drawn": [[[0, 0], [1000, 300]]]})]
        {
            assert!(Signature::read(&good).is_ok(), "{good}");
        }
        let many: Vec<_> = (0..4_001).map(|_| [1, 1]).collect();
        for bad in [
            json!({"typed": "Ann"}),
            json!({"agrees": true}),
            json!({"agrees": true, "typed": "  ", "drawn": [[]]}),
            json!({"agrees": true, "typed": "x".repeat(201)}),
            json!({"agrees": true, "typed": "a\nb"}),
            json!({"agrees": true, "drawn": [[[1001, 0]]]}),
            json!({"agrees": true, "drawn": [many]}),
            json!({"agrees": true, "drawn": "<svg onload=alert(1)>"}),
            json!("Ann"),
        ] {
            assert!(Signature::read(&bad).is_err(), "{}", bad.to_string().chars().take(80).collect::<String>());
        }
        assert_eq!(Signature::read(&json!({"agrees": true, "typed": " Ann "})).unwrap().typed.as_deref(), Some("Ann"));
    }
}
