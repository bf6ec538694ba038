//! What is sealed of billing, with the client's key: what a charge is for, and why something was done. What is left when
//! the key is gone are amounts, days and ids.

use crate::{
    crypto::{Keyring, Place, WrappedKey},
    error::{Error, Result},
    ids::{DataKeyId, UserId},
    keys::{self, Owner},
};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

const REASON_CHARACTERS: usize = 500;

/// A sealed text, and by which key.
pub struct Sealed {
    pub key: DataKeyId,
    pub bytes: Vec<u8>,
}

/// Seals a text for a row of this client.
///
/// # Errors
/// `Conflict` for a client whose record is erased.
pub async fn seal(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    client: UserId,
    place: Place,
    text: &str,
) -> Result<Sealed> {
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(client)).await?;
    if wrapped.is_destroyed() {
        return Err(Error::conflict("This client's record was erased: nothing more is written about them."));
    }
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    Ok(Sealed { key: key.id(), bytes: key.seal(place, text).map_err(anyhow::Error::from)? })
}

/// The same for what happened elsewhere and is recorded in any case: without its words where the client's record is erased.
pub async fn seal_if_kept(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    client: UserId,
    place: Place,
    text: &str,
) -> Result<Sealed> {
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(client)).await?;
    match wrapped.is_destroyed() {
        true => Ok(Sealed { key: wrapped.id, bytes: Vec::new() }),
        false => seal(conn, keyring, client, place, text).await,
    }
}

/// Opens it; None where the key was destroyed.
pub fn open(keyring: &Keyring, key: &WrappedKey, place: Place, sealed: &[u8]) -> Result<Option<String>> {
    if key.is_destroyed() {
        return Ok(None);
    }
    let key = keyring.unwrap(key).map_err(anyhow::Error::from)?;
    Ok(Some(key.open(place, sealed).map_err(anyhow::Error::from)?))
}

/// Whether a text that was sealed is this one. Where the key was destroyed nobody can tell, and it counts as the same.
pub fn is_still(keyring: &Keyring, key: &WrappedKey, place: Place, sealed: &[u8], given: &str) -> Result<bool> {
    Ok(open(keyring, key, place, sealed)?.is_none_or(|known| known == given))
}

/// A reason as it is stored.
///
/// # Errors
/// `Invalid` where there is none, or too much of one.
pub fn reason(given: &str) -> Result<&str> {
    let reason = given.trim();
    if reason.is_empty() {
        return Err(Error::field("/reason", "Say why."));
    }
    if reason.chars().count() > REASON_CHARACTERS || reason.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Error::field("/reason", "At most 500 characters."));
    }
    Ok(reason)
}

/// What a charge is for. Prints nothing.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChargeWords {
    /// CPT or HCPCS.
    pub code: Option<String>,
    pub modifiers: Vec<String>,
    /// Place of service, as CMS numbers them: 11 for an office, 10 for video at home.
    pub place: Option<String>,
    pub description: String,
    /// ICD-10-CM.
    pub diagnoses: Vec<String>,
}

impl ChargeWords {
    const DESCRIPTION_CHARACTERS: usize = 200;
    const MOST_DIAGNOSES: usize = 12;
    const MOST_MODIFIERS: usize = 4;

    /// As they may be stored.
    ///
    /// # Errors
    /// `Invalid`.
    pub fn check(mut self) -> Result<Self> {
        self.description = self.description.trim().to_owned();
        if self.description.is_empty()
            || self.description.chars().count() > Self::DESCRIPTION_CHARACTERS
            || self.description.chars().any(char::is_control)
        {
            return Err(Error::field("/description", "One line of at most 200 characters."));
        }
        self.code = self.code.map(|code| tidy(&code)).filter(|code| !code.is_empty());
        if self.code.as_deref().is_some_and(|code| !is_procedure(code)) {
            return Err(Error::field("/code", "Five characters of CPT or HCPCS, such as 90834."));
        }
        self.modifiers.iter_mut().for_each(|modifier| *modifier = tidy(modifier));
        let odd = |code: &String| code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if self.modifiers.len() > Self::MOST_MODIFIERS || self.modifiers.iter().any(odd) {
            return Err(Error::field("/modifiers", "At most four of two characters each, such as 95."));
        }
        self.place = self.place.map(|place| tidy(&place)).filter(|place| !place.is_empty());
        if self.place.as_ref().is_some_and(|code| code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(Error::field("/place", "Two digits, such as 11 for an office."));
        }
        self.diagnoses.iter_mut().for_each(|code| *code = tidy(code));
        if self.diagnoses.len() > Self::MOST_DIAGNOSES || !self.diagnoses.iter().all(|code| is_diagnosis(code)) {
            return Err(Error::field("/diagnoses", "At most twelve codes of ICD-10, such as F41.1."));
        }
        Ok(self)
    }
}

fn tidy(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

/// CPT (`90834`, `0362T`) or HCPCS (`H0031`).
pub fn is_procedure(code: &str) -> bool {
    let [first, middle @ .., last] = code.as_bytes() else { return false };
    let digits = middle.len() == 3 && middle.iter().all(u8::is_ascii_digit);
    let letters = usize::from(!first.is_ascii_digit()) + usize::from(!last.is_ascii_digit());
    let known = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    digits && letters <= 1 && known(first) && known(last)
}

/// ICD-10-CM: a letter, a digit, a digit or letter; then a point and one to four more.
pub fn is_diagnosis(code: &str) -> bool {
    let (category, rest) = code.split_once('.').map_or((code, None), |(category, rest)| (category, Some(rest)));
    let known = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    let [letter, digit, third] = category.as_bytes() else { return false };
    letter.is_ascii_uppercase()
        && digit.is_ascii_digit()
        && known(third)
        && rest.is_none_or(|rest| (1..=4).contains(&rest.len()) && rest.as_bytes().iter().all(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_what_is_none() {
        for good in ["90834", "0362T", "H0031", "G2012"] {
            assert!(is_procedure(good), "{good}");
        }
        for bad in ["", "9083", "908344", "A083T", "9o834", "=1+11", "90 34"] {
            assert!(!is_procedure(bad), "{bad}");
        }
        for good in ["F41.1", "F32", "F43.10", "Z63.0", "M1A.0710", "C4A"] {
            assert!(is_diagnosis(good), "{good}");
        }
        for bad in ["", "F4", "41.1", "F41.", "F41.12345", "f41.1", "F41.1.1", "É41.1"] {
            assert!(!is_diagnosis(bad), "{bad}");
        }
    }

    #[test]
    fn what_a_charge_is_for_is_tidied_and_checked() {
        let words = ChargeWords {
            code: Some(" 0362t ".into()),
            modifiers: vec!["95".into()],
            place: Some("10".into()),
            description: " Psychotherapy ".into(),
            diagnoses: vec!["f41.1".into()],
        };
        let checked = words.clone().check().map_err(|error| error.code()).unwrap();
        assert_eq!((checked.code.as_deref(), checked.description.as_str()), (Some("0362T"), "Psychotherapy"));
        assert_eq!(checked.diagnoses, ["F41.1"]);
        for broken in [
            ChargeWords { description: "  ".into(), ..words.clone() },
            ChargeWords { description: "a\nb".into(), ..words.clone() },
            ChargeWords { code: Some("9083".into()), ..words.clone() },
            ChargeWords { modifiers: vec!["955".into()], ..words.clone() },
            ChargeWords { place: Some("1".into()), ..words.clone() },
            ChargeWords { diagnoses: vec!["anxious".into()], ..words.clone() },
            ChargeWords { diagnoses: vec!["F41.1".into(); 13], ..words },
        ] {
            assert!(broken.check().is_err());
        }
    }
}
