//! Random secrets that are handed out once (cookies, tokens) and stored only as a digest.

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

/// 256 random bits as URL-safe text.
pub fn random() -> anyhow::Result<SecretString> {
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| anyhow::anyhow!("no randomness"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice()).into())
}

/// What is stored of a secret: its SHA-256. Enough for secrets of full entropy; never for passwords.
pub fn digest(secret: &SecretString) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.expose_secret().as_bytes()).as_ref().to_vec()
}
