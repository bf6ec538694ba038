//! Whether a request really comes from Twilio: it signs the address that it called and the form that it sent with the
//! account's token. The address is the public one, as Twilio was told it; what a proxy made of it does not count.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};

/// Whether `signature` is Twilio's of this form, sent to `url`.
pub fn is_genuine(token: &SecretString, url: &str, form: &[(String, String)], signature: &str) -> bool {
    let Ok(signature) = BASE64_STANDARD.decode(signature) else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.expose_secret().as_bytes());
    hmac::verify(&key, signed(url, form).as_bytes(), &signature).is_ok()
}

/// The address, then the fields by name, each name followed by its value.
fn signed(url: &str, form: &[(String, String)]) -> String {
    let mut fields: Vec<_> = form.iter().collect();
    fields.sort();
    fields.dedup();
    fields.into_iter().fold(url.to_owned(), |text, (name, value)| text + name + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Twilio's documentation.
    #[test]
    fn a_signature_fits_its_address_and_its_form_and_no_other() {
        let token = SecretString::from("12345".to_owned());
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let field = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let form: Vec<_> = [
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675310"),
            ("Caller", "+14158675310"),
            ("CallSid", "CA1234567890ABCDE"),
        ]
        .map(field)
        .into();
        let signature = "GvWf1cFY/Q7PnoempGyD5oXAezc=";
        assert!(is_genuine(&token, url, &form, signature));
        assert!(!is_genuine(&token, "https://mycompany.com/myapp.php?foo=1&bar=3", &form, signature));
        assert!(!is_genuine(&"12346".to_owned().into(), url, &form, signature));
        for at in 0..form.len() {
            let mut other = form.clone();
            other[at].1.push('1');
            assert!(!is_genuine(&token, url, &other, signature), "{}", form[at].0);
        }
        for other in ["", "x", "GvWf1cFY/Q7PnoempGyD5oXAezd=", "R3ZXZjFjRlk="] {
            assert!(!is_genuine(&token, url, &form, other), "{other}");
        }
    }
}
