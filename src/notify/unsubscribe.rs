//! The link by which somebody ends the e-mails that may be ended, without signing in (RFC 8058). It says whose it is and
//! proves that the hub made it; it opens nothing, and does one thing.

use super::secrets::Digester;
use crate::ids::UserId;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use url::Url;
use uuid::Uuid;

/// Where it leads, below the public URL.
pub const PATH: &str = "/unsubscribe/";
const PURPOSE: &str = "unsubscribe";

/// The link of this person.
pub fn link(digester: &Digester, hub: &Url, user: UserId) -> Option<Url> {
    let proof = BASE64_URL_SAFE_NO_PAD.encode(digester.digest(PURPOSE, &[user.0.as_bytes()]));
    hub.join(&format!("{PATH}{}.{proof}", user.0.simple())).ok()
}

/// Whose link it is; None: nobody's.
pub fn read(digester: &Digester, token: &str) -> Option<UserId> {
    let (user, proof) = token.split_once('.')?;
    let (user, proof) = (Uuid::parse_str(user).ok()?, BASE64_URL_SAFE_NO_PAD.decode(proof).ok()?);
    digester.verify(PURPOSE, &[user.as_bytes()], &proof).then_some(UserId(user))
}
