//! Links to content. A link is good for five minutes, for the person and the session that asked for it, and for one
//! version of one document: an HMAC over all of that, with a key that only the hub has. Whoever follows one shows who they
//! are besides, and what they may see is asked again.

use crate::{
    crypto::Keyring,
    error::Result,
    ids::{DocumentId, SignInId, UserId},
    notify::secrets::Digester,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;

/// How long a link is good.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);
const PURPOSE: &str = "document link";

/// What a link is about.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    pub document: DocumentId,
    pub version: i32,
    pub user: UserId,
    pub session: SignInId,
    /// In seconds since 1970.
    pub expires: i64,
}

impl Bound {
    /// From now on for five minutes.
    pub fn from_now(
        document: DocumentId,
        version: i32,
        (user, session): (UserId, SignInId),
        now: DateTime<Utc>,
    ) -> Self {
        Self { document, version, user, session, expires: (now + LIFETIME).timestamp() }
    }

    /// The mark that shows that the hub made the link.
    pub async fn sign(&self, conn: &mut AsyncPgConnection, keyring: &Keyring) -> Result<String> {
        let digester = Digester::find(conn, keyring).await?;
        Ok(self.with_parts(|parts| BASE64_URL_SAFE_NO_PAD.encode(digester.digest(PURPOSE, parts))))
    }

    /// Whether the hub made a link with this mark, and it is good still.
    pub async fn is_good(
        &self,
        conn: &mut AsyncPgConnection,
        keyring: &Keyring,
        mark: &str,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let digester = Digester::find(conn, keyring).await?;
        let Ok(mark) = BASE64_URL_SAFE_NO_PAD.decode(mark) else { return Ok(false) };
        let is_ours = self.with_parts(|parts| digester.verify(PURPOSE, parts, &mark));
        Ok(is_ours && now.timestamp() <= self.expires)
    }

    fn with_parts<T>(&self, use_them: impl FnOnce(&[&[u8]]) -> T) -> T {
        let (version, expires) = (self.version.to_be_bytes(), self.expires.to_be_bytes());
        use_them(&[self.document.0.as_bytes(), &version, self.user.0.as_bytes(), self.session.0.as_bytes(), &expires])
    }
}
