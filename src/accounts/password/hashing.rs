//! Hashing with Argon2id (RFC 9106), the second recommended set of OWASP: 19 MiB, 2 passes, 1 lane. Hashes of bcrypt,
//! which other systems hand over, are only ever read.
//!
//! The same characters can be typed as different bytes: passwords are hashed in Unicode's form NFC, and otherwise as
//! they were typed.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const CODE_HASH_BYTES: usize = 32;
/// How bcrypt's hashes begin, whoever made them.
const BCRYPT: [&str; 3] = ["$2a$", "$2b$", "$2y$"];

fn argon2() -> anyhow::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| anyhow::anyhow!("Argon2 parameters: {e}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The password as it is hashed and judged.
pub(super) fn normal(password: &SecretString) -> Zeroizing<String> {
    Zeroizing::new(password.expose_secret().nfc().collect())
}

/// The PHC string to store. Takes tens of milliseconds: call it off the web workers.
pub fn hash(password: &SecretString) -> anyhow::Result<String> {
    let hash = argon2()?.hash_password(normal(password).as_bytes());
    Ok(hash.map_err(|e| anyhow::anyhow!("Argon2: {e}"))?.to_string())
}

/// The same work for a code of few random bits, with a salt of the caller's: equal codes give equal hashes.
pub fn hash_code(code: &SecretString, salt: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut hash = vec![0; CODE_HASH_BYTES];
    let done = argon2()?.hash_password_into(code.expose_secret().as_bytes(), salt, &mut hash);
    done.map_err(|e| anyhow::anyhow!("Argon2: {e}"))?;
    Ok(hash)
}

/// Whether `password` is the one that was hashed. Without a stored hash the same work is done for nothing, so that the
/// time taken does not tell whether an account exists.
pub fn verify(password: &SecretString, stored: Option<&str>) -> anyhow::Result<bool> {
    let Some(stored) = stored else {
        hash(password)?;
        return Ok(false);
    };
    if is_bcrypt(stored) {
        return verify_bcrypt(password, stored);
    }
    let parsed = PasswordHash::new(stored).map_err(|_| unreadable())?;
    Ok(argon2()?.verify_password(normal(password).as_bytes(), &parsed).is_ok())
}

/// Whether what is stored was not made by [`hash`] as it is today: to be made anew once the password is at hand.
pub fn is_outdated(stored: &str) -> bool {
    !stored.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))
}

fn is_bcrypt(stored: &str) -> bool {
    BCRYPT.iter().any(|start| stored.starts_with(start))
}

/// Whoever made the hash took the bytes as they came; most browsers send NFC.
fn verify_bcrypt(password: &SecretString, stored: &str) -> anyhow::Result<bool> {
    let matches = |password: &[u8]| bcrypt::verify(password, stored).map_err(|_| unreadable());
    Ok(matches(password.expose_secret().as_bytes())? || matches(normal(password).as_bytes())?)
}

fn unreadable() -> anyhow::Error {
    anyhow::anyhow!("a stored password hash cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "correct horse battery" by another implementation, at the lowest cost.
    fn imported() -> String {
        bcrypt::hash_with_salt("correct horse battery", 4, *b"sixteen bytes!!!").unwrap().to_string()
    }

    #[test]
    fn an_imported_bcrypt_hash_is_read_and_due_to_be_made_anew() {
        let stored = imported();
        assert!(verify(&"correct horse battery".into(), Some(&stored)).unwrap());
        assert!(!verify(&"correct horse batter".into(), Some(&stored)).unwrap());
        assert!(is_outdated(&stored));
        let new = hash(&"correct horse battery".into()).unwrap();
        assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !is_outdated(&new), "{new}");
        assert!(is_outdated(&new.replace("t=2", "t=1")));
    }

    #[test]
    fn one_character_typed_in_two_ways_is_one_password() {
        let (composed, decomposed) = ("na\u{ef}ve caf\u{e9} ole", "nai\u{308}ve cafe\u{301} ole");
        let stored = hash(&decomposed.into()).unwrap();
        assert!(verify(&composed.into(), Some(&stored)).unwrap());
        assert!(verify(&decomposed.into(), Some(&stored)).unwrap());
        assert!(!verify(&"naive cafe ole".into(), Some(&stored)).unwrap());
    }
}
