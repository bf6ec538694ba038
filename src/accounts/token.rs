//! Access tokens: JWT, HS256 with a key derived from the master key, for one audience and one sign-in session. The
//! hub is their only reader, so no public key is needed. Never trusts anything of a header but its key id.

use super::model::{Audience, Role};
use crate::{
    crypto::MasterKey,
    ids::{SignInId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

const ISSUER: &str = "carehub";
const TYPE: &str = "at+jwt";
/// Clocks of several nodes may differ by so much, in seconds.
const LEEWAY: u64 = 5;

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

/// Signs and verifies access tokens.
pub struct Tokens {
    key_id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Tokens {
    /// With the key derived from the master key.
    pub fn new(master: &MasterKey) -> anyhow::Result<Self> {
        let key = master.derive(b"access tokens")?;
        Ok(Self {
            key_id: master.id().to_owned(),
            encoding: EncodingKey::from_secret(key.as_slice()),
            decoding: DecodingKey::from_secret(key.as_slice()),
        })
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
        let header = Header { typ: Some(TYPE.into()), kid: Some(self.key_id.clone()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &claims, &self.encoding)?;
        Ok((token.into(), claims.expires_at()))
    }

    /// What the token says, if it is one of ours and good at `now`. Whether its session still lives is not known here.
    pub fn verify(&self, token: &SecretString, now: DateTime<Utc>) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token.expose_secret()).ok()?;
        if header.kid.as_deref() != Some(self.key_id.as_str()) || header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[Audience::Portal.as_str(), Audience::Ehr.as_str()]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // Judged below, by the clock that was handed over.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token.expose_secret(), &self.decoding, &validation).ok()?.claims;
        let leeway = TimeDelta::seconds(LEEWAY as i64).num_seconds();
        let now = now.timestamp();
        let right_door = claims.role.audience() == claims.audience()?;
        (now < claims.exp && claims.nbf <= now + leeway && right_door).then_some(claims)
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokens({})", self.key_id)
    }
}
