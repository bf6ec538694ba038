//! Passwords: Argon2id (RFC 9106), the second recommended set of OWASP: 19 MiB, 2 passes, 1 lane. Never keeps one.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

fn argon2() -> anyhow::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| anyhow::anyhow!("Argon2 parameters: {e}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The PHC string to store. Takes tens of milliseconds: call it off the web workers.
pub fn hash(password: &SecretString) -> anyhow::Result<String> {
    let hash = argon2()?.hash_password(password.expose_secret().as_bytes());
    Ok(hash.map_err(|e| anyhow::anyhow!("Argon2: {e}"))?.to_string())
}

/// Whether `password` is the one that was hashed. Without a stored hash the same work is done for nothing, so that the
/// time taken does not tell whether an account exists.
pub fn verify(password: &SecretString, stored: Option<&str>) -> anyhow::Result<bool> {
    let Some(stored) = stored else {
        hash(password)?;
        return Ok(false);
    };
    let parsed = PasswordHash::new(stored).map_err(|_| anyhow::anyhow!("a stored password hash cannot be read"))?;
    Ok(argon2()?.verify_password(password.expose_secret().as_bytes(), &parsed).is_ok())
}
