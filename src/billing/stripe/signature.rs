//! Whether an event really comes from Stripe: it signs the bytes of the body, and when it did, with a secret of ours. What
//! was signed more than five minutes ago, or will be in the future, is no event but a copy of one.

use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};

/// The header that it stands in.
pub const HEADER: &str = "stripe-signature";
/// As Stripe's own libraries allow.
const TOLERANCE: TimeDelta = TimeDelta::seconds(300);
/// Signatures in one header: one for each secret in use, and room for Stripe's own changes.
const SIGNATURES: usize = 8;

/// Whether any of the secrets signed this body, lately.
pub fn is_genuine(secrets: &[SecretString], header: &str, body: &[u8], now: DateTime<Utc>) -> bool {
    let fields = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let Some((_, at)) = fields().find(|(name, _)| *name == "t") else { return false };
    let Some(when) = at.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)) else { return false };
    if (now - when).abs() > TOLERANCE {
        return false;
    }
    let signed = [at.as_bytes(), b".", body].concat();
    let signatures: Vec<Vec<u8>> =
        fields().filter(|(name, _)| *name == "v1").take(SIGNATURES).filter_map(|(_, hex)| bytes(hex)).collect();
    secrets.iter().any(|secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        // Compares in the same time wherever they differ.
        signatures.iter().any(|signature| hmac::verify(&key, &signed, signature).is_ok())
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || hex.len() != 64 {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"id": "evt_1"}"#;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    /// By Stripe's own library for Rust.
    fn signed(secret: &str, at: i64) -> String {
        stripe_webhook::Webhook::generate_test_header(BODY, secret, Some(at))
    }

    fn holds(secrets: &[&str], header: &str, body: &str) -> bool {
        let secrets: Vec<SecretString> = secrets.iter().map(|&secret| secret.into()).collect();
        is_genuine(&secrets, header, body.as_bytes(), now())
    }

    #[test]
    fn what_the_librarys_own_signer_signs_is_taken_and_nothing_else() {
        let at = now().timestamp();
        let good = signed("whsec_a", at);
        assert!(holds(&["whsec_a"], &good, BODY));
        assert!(!holds(&["whsec_b"], &good, BODY));
        for place in 0..BODY.len() {
            let mut altered = BODY.as_bytes().to_vec();
            altered[place] ^= 1;
            assert!(!holds(&["whsec_a"], &good, &String::from_utf8(altered).unwrap()), "byte {place}");
        }
        for header in ["", "t=1", "v1=00", &format!("t={at}"), &format!("t={at},v1="), &format!("t={at},v1=zz")] {
            assert!(!holds(&["whsec_a"], header, BODY), "{header}");
        }
        assert!(!holds(&["whsec_a"], &good.replace("v1=", "v0="), BODY));
        assert!(!holds(&[], &good, BODY));
    }

    #[test]
    fn what_is_too_old_or_ahead_is_a_copy() {
        let at = now().timestamp();
        for (apart, expected) in [(-300, true), (300, true), (-301, false), (301, false)] {
            assert_eq!(holds(&["whsec_a"], &signed("whsec_a", at + apart), BODY), expected, "{apart}");
        }
        // Another time than the one that was signed.
        let moved = signed("whsec_a", at - 400).replace(&(at - 400).to_string(), &at.to_string());
        assert!(!holds(&["whsec_a"], &moved, BODY));
    }

    #[test]
    fn while_a_secret_is_replaced_either_signs() {
        let at = now().timestamp();
        let both = format!("{},{}", signed("whsec_old", at), signed("whsec_new", at).split_once(',').unwrap().1);
        for secrets in [&["whsec_old"][..], &["whsec_new"], &["whsec_new", "whsec_old"]] {
            assert!(holds(secrets, &both, BODY), "{secrets:?}");
        }
        assert!(holds(&["whsec_new", "whsec_old"], &signed("whsec_old", at), BODY));
    }
}
