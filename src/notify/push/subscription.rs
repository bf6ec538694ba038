//! What a browser gives us when it subscribes: where its push service is, and what to encrypt with. Written by strangers:
//! everything is checked before it is kept.

use crate::{
    egress::{Egress, Refused},
    error::{Error, Result},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web_push_native::{Auth, p256::PublicKey};

/// Longer than any that push services give out.
const MOST_CHARACTERS: usize = 1_000;
const AUTH_BYTES: usize = 16;

/// As `PushSubscription.toJSON()` of a browser writes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PushSubscription)]
pub struct Subscription {
    pub endpoint: String,
    pub keys: Keys,
}

/// What messages are encrypted with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PushSubscriptionKeys)]
pub struct Keys {
    /// The browser's public key: an uncompressed point of P-256 in URL-safe base64.
    pub p256dh: String,
    /// 16 bytes in URL-safe base64.
    pub auth: String,
}

impl Subscription {
    /// Goes on only where messages can be encrypted for it, and may be sent to it.
    ///
    /// # Errors
    /// `invalid`.
    pub fn check(&self, egress: &Egress) -> Result<()> {
        if self.endpoint.len() > MOST_CHARACTERS {
            return Err(Error::field("/endpoint", "This address is too long."));
        }
        egress.check(&self.endpoint).map_err(|why| Error::field("/endpoint", refusal(why)))?;
        if self.public_key().is_none() {
            return Err(Error::field("/keys/p256dh", "This is not the public key of a browser."));
        }
        if self.auth().is_none() {
            return Err(Error::field("/keys/auth", "This is not the secret of a subscription."));
        }
        Ok(())
    }

    /// The browser's key.
    pub fn public_key(&self) -> Option<PublicKey> {
        PublicKey::from_sec1_bytes(&decode(&self.keys.p256dh)?).ok()
    }

    /// The secret that push services do not know.
    pub fn auth(&self) -> Option<Auth> {
        let bytes = decode(&self.keys.auth)?;
        (bytes.len() == AUTH_BYTES).then(|| Auth::clone_from_slice(&bytes))
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

fn refusal(why: Refused) -> String {
    format!("This is not the address of a push service: {why}.")
}

/// Endpoints are secrets: whoever knows one may send to it.
impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription")
    }
}
