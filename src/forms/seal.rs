//! The seal of a submission: a digest of all that was signed, over a form in which the same content is the same bytes.
//! Whoever changes one byte of an answer, a signature, a time or the questions breaks it. The digest goes into the audit
//! log, too; it tells nothing of the answers, because 32 random bytes are part of what it is made of.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;

/// Names the form of what is digested.
const FORM: &str = "carehub-form/1\n";

/// Members in the order of their names, no blanks, everything else as JSON has it.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| name.as_str());
            text.push('{');
            for (number, (name, value)) in members.into_iter().enumerate() {
                if number > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => text.push_str(&value.to_string()),
    }
}

/// The digest.
pub fn of(value: &Value) -> Vec<u8> {
    digest(&SHA256, (FORM.to_owned() + &canonical(value)).as_bytes()).as_ref().to_vec()
}

/// In hexadecimal.
pub fn hex(seal: &[u8]) -> String {
    seal.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_content_is_the_same_bytes() {
        let one: Value = serde_json::from_str(r#"{"b": [1, 2.50, "ä\u0000\""], "a": {"y": null, "x": true}}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"a":{"x":true,"y":null},"b":[1,2.5,"\u00e4\u0000\""]}"#).unwrap();
        assert_eq!(canonical(&one), r#"{"a":{"x":true,"y":null},"b":[1,2.5,"ä\u0000\""]}"#);
        assert_eq!(of(&one), of(&other));
    }

    #[test]
    fn one_changed_byte_is_another_seal() {
        let sealed = json!({"answers": {"a": "yes", "b": ["x", "y"]}, "at": "2026-11-21T09:00:00Z"});
        let text = canonical(&sealed);
        let mut tried = 0;
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            // What is no JSON any more does not even open.
            let Ok(changed) = serde_json::from_slice::<Value>(&bytes) else { continue };
            assert_ne!(of(&changed), of(&sealed), "byte {at}");
            tried += 1;
        }
        assert!(tried > 20, "{tried}");
    }
}
