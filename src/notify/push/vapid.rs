//! The key by which push services know the hub. Browsers subscribe for it: another key means that everybody subscribes
//! anew. Hence it is the one of the settings, or made once and kept, the same on all nodes.

use crate::{
    crypto::{HubSecret, Keyring, secret},
    error::Result,
    notify::secrets,
};
use anyhow::Context;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;
use web_push_native::p256::{SecretKey, elliptic_curve::sec1::ToEncodedPoint};

/// At most a day, says the RFC.
const LIFETIME: TimeDelta = TimeDelta::hours(12);

/// The key.
pub struct Vapid {
    signing: EncodingKey,
    /// As browsers and push services take it.
    public: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: String,
    exp: i64,
    sub: &'a str,
}

impl Vapid {
    /// From 32 bytes in URL-safe base64, as tools for web push print private keys.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_private(text: &SecretString) -> anyhow::Result<Self> {
        let unreadable = "this is no private key for web push: 32 bytes in URL-safe base64";
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.expose_secret().trim_end_matches('=')).ok();
        let secret = bytes.and_then(|bytes| SecretKey::from_slice(&bytes).ok()).context(unreadable)?;
        let public = secret.public_key().to_encoded_point(false);
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &secret.to_bytes(), public.as_bytes());
        let der = pair.ok().and_then(|pair| pair.to_pkcs8v1().ok()).context(unreadable)?;
        Ok(Self {
            signing: EncodingKey::from_ec_der(der.as_ref()),
            public: BASE64_URL_SAFE_NO_PAD.encode(public.as_bytes()),
        })
    }

    /// The one that is kept in the store, made on first use.
    pub async fn find_or_make(conn: &mut AsyncPgConnection, keyring: &Keyring) -> Result<Self> {
        // 32 random bytes are a key, but for one case in four thousand million.
        let make = || {
            let secret = secret::random()?;
            Self::from_private(&secret)?;
            Ok(secret)
        };
        Ok(Self::from_private(&secrets::find_or_make(conn, keyring, HubSecret::Vapid, make).await?)?)
    }

    /// What browsers subscribe with.
    pub fn public_key(&self) -> &str {
        &self.public
    }

    /// The value of `Authorization` for a request to this push service.
    pub fn authorization(&self, endpoint: &Url, contact: &str, now: DateTime<Utc>) -> anyhow::Result<String> {
        let aud = endpoint.origin().ascii_serialization();
        let claims = Claims { aud, exp: (now + LIFETIME).timestamp(), sub: contact };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &self.signing)?;
        Ok(format!("vapid t={token}, k={}", self.public))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    #[test]
    fn a_push_service_can_check_who_sends() {
        let vapid = Vapid::from_private(&"RS0WdYWWo1HajXg3NZR1olzCf31i-ZBGDkFyCs7j1jw".to_owned().into()).unwrap();
        let (at, endpoint) = (DateTime::UNIX_EPOCH, "https://push.example.org:8443/send/x".parse().unwrap());
        let header = vapid.authorization(&endpoint, "mailto:hub@example.org", at).unwrap();
        let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let claims = signed.split_once('.').unwrap().1;
        let claims: serde_json::Value =
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        assert_eq!(claims["aud"], "https://push.example.org:8443");
        assert_eq!(claims["exp"], 12 * 3600);
        let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(key));
        key.verify(signed.as_bytes(), &decode(signature)).unwrap();
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_quoted() {
        for text in ["", "hush", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let error = Vapid::from_private(&text.to_owned().into()).err().unwrap().to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
