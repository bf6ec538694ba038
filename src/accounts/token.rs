//! Access tokens: JWT, HS256 with a key derived from the master key, for one audience and one sign-in session. The
//! hub is their only reader, so no public key is needed. Keys follow each other while the hub runs. Never trusts anything
//! of a header but its key id.

use super::model::{Audience, Role};
use crate::{
    crypto::{MasterKey, MasterKeys},
    ids::{SignInId, UserId},
    keys::signing::SigningKey,
};
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, PoisonError, RwLock};

const PURPOSE: &[u8] = b"access tokens";
const ISSUER: &str = "carehub";
const TYPE: &str = "at+jwt";
/// Clocks of several nodes may differ by so much, in seconds.
const LEEWAY: i64 = 5;

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The user.
    pub sub: UserId,
    /// The sign-in session that it hangs from.
    pub sid: SignInId,
    pub role: Role,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl Claims {
    /// When the token ends.
    pub fn expires_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.exp, 0).unwrap_or_default()
    }

    /// Which half it opens.
    pub fn audience(&self) -> Option<Audience> {
        Audience::parse(&self.aud)
    }
}

/// How long a key verifies after the next one began to sign: as long as a token that it signed last is good.
const OVERLAP: TimeDelta = TimeDelta::minutes(15);

/// Signs and verifies access tokens.
pub struct Tokens {
    /// In the order in which they sign.
    keys: RwLock<Arc<[Key]>>,
}

struct Key {
    id: String,
    active_from: DateTime<Utc>,
    /// None: no other follows yet.
    verifies_until: Option<DateTime<Utc>>,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Key {
    fn new(id: &str, secret: &[u8], active_from: DateTime<Utc>, next: Option<DateTime<Utc>>) -> Self {
        Self {
            id: id.to_owned(),
            active_from,
            verifies_until: next.map(|next| next + OVERLAP + TimeDelta::seconds(LEEWAY)),
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
        }
    }
}

impl Tokens {
    /// With the key of an installation whose signing keys were never rotated.
    pub fn new(master: &MasterKey) -> anyhow::Result<Self> {
        let key = Key::new(master.id(), master.derive(PURPOSE)?.as_slice(), DateTime::<Utc>::MIN_UTC, None);
        Ok(Self { keys: RwLock::new(Arc::new([key])) })
    }

    /// Goes on with these keys: one for each master key, as long as none was begun, and those that were begun since.
    pub fn follow(&self, masters: &MasterKeys, begun: &[SigningKey]) -> anyhow::Result<()> {
        let first = begun.first().map(|key| key.active_from);
        let mut keys = Vec::with_capacity(begun.len() + 2);
        // The current master key's last, so that it is the one that signs.
        for master in masters.all().collect::<Vec<_>>().into_iter().rev() {
            keys.push(Key::new(master.id(), master.derive(PURPOSE)?.as_slice(), DateTime::<Utc>::MIN_UTC, first));
        }
        for (at, key) in begun.iter().enumerate() {
            // Its tokens are refused by a hub without its master key; `keys rotate` sees to it that none is.
            let Some(master) = masters.find(&key.master_key_id) else { continue };
            let secret = master.derive_named(PURPOSE, &key.id)?;
            let next = begun.get(at + 1).map(|next| next.active_from);
            keys.push(Key::new(&key.id, secret.as_slice(), key.active_from, next));
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.into();
        Ok(())
    }

    fn keys(&self) -> Arc<[Key]> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A token for `user` in session `sid`, good for `lifetime`.
    pub fn issue(
        &self,
        user: UserId,
        role: Role,
        sid: SignInId,
        now: DateTime<Utc>,
        lifetime: TimeDelta,
    ) -> anyhow::Result<(SecretString, DateTime<Utc>)> {
        let claims = Claims {
            iss: ISSUER.into(),
            aud: role.audience().as_str().into(),
            sub: user,
            sid,
            role,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + lifetime).timestamp(),
        };
        let keys = self.keys();
        let key = keys.iter().rev().find(|key| key.active_from <= now).context("no key signs yet")?;
        let header = Header { typ: Some(TYPE.into()), kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &claims, &key.encoding)?;
        Ok((token.into(), claims.expires_at()))
    }

    /// What the token says, if it is one of ours and good at `now`. Whether its session still lives is not known here.
    pub fn verify(&self, token: &SecretString, now: DateTime<Utc>) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token.expose_secret()).ok()?;
        if header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let (id, keys) = (header.kid?, self.keys());
        let key = keys.iter().find(|key| key.id == id && key.verifies_until.is_none_or(|until| now < until))?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[Audience::Portal.as_str(), Audience::Ehr.as_str()]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // Judged below, by the clock that was handed over.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token.expose_secret(), &key.decoding, &validation).ok()?.claims;
        let leeway = TimeDelta::seconds(LEEWAY).num_seconds();
        let now = now.timestamp();
        let right_door = claims.role.audience() == claims.audience()?;
        (now < claims.exp && claims.nbf <= now + leeway && right_door).then_some(claims)
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys().iter().map(|key| &key.id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master() -> MasterKey {
        MasterKey::parse(&MasterKey::generate().unwrap()).unwrap()
    }

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn begun(id: &str, master: &MasterKeys, minutes: i64) -> SigningKey {
        SigningKey { id: id.into(), master_key_id: master.current().id().into(), active_from: at(minutes) }
    }

    fn kid(token: &SecretString) -> String {
        jsonwebtoken::decode_header(token.expose_secret()).unwrap().kid.unwrap()
    }

    #[test]
    fn a_key_that_was_followed_verifies_for_as_long_as_its_last_token_is_good() {
        let masters = MasterKeys::from(master());
        let tokens = Tokens::new(masters.current()).unwrap();
        let issue = |minutes, lifetime| {
            let lifetime = TimeDelta::minutes(lifetime);
            tokens.issue(UserId::new(), Role::Client, SignInId::new(), at(minutes), lifetime).unwrap().0
        };
        let first = issue(-1, 15);
        let endless = issue(-1, 10_000);
        tokens.follow(&masters, &[begun("a", &masters, 0), begun("b", &masters, 30)]).unwrap();
        assert_eq!([kid(&issue(-1, 15)), kid(&issue(0, 15)), kid(&issue(30, 15))], [masters.current().id(), "a", "b"]);
        assert!(tokens.verify(&first, at(13)).is_some());
        assert!(tokens.verify(&first, at(14)).is_none(), "its own end");
        assert!(tokens.verify(&endless, at(15)).is_some());
        assert!(tokens.verify(&endless, at(16)).is_none(), "its key's end");
        let second = issue(10, 10_000);
        assert!(tokens.verify(&second, at(45)).is_some() && tokens.verify(&second, at(46)).is_none());
        assert!(tokens.verify(&issue(30, 10_000), at(5_000)).is_some());
    }

    #[test]
    fn tokens_outlive_the_change_of_the_master_key() {
        let (old, new) = (master(), master());
        let tokens = Tokens::new(&old).unwrap();
        let issue = |tokens: &Tokens| {
            tokens.issue(UserId::new(), Role::Client, SignInId::new(), at(0), TimeDelta::minutes(15)).unwrap().0
        };
        let before = issue(&tokens);
        let id = new.id().to_owned();
        let masters = MasterKeys::new(new, [old]);
        tokens.follow(&masters, &[]).unwrap();
        assert!(tokens.verify(&before, at(1)).is_some());
        assert_eq!(kid(&issue(&tokens)), id);
        let stranger = Tokens::new(&master()).unwrap();
        assert!(stranger.verify(&before, at(1)).is_none());
    }
}
