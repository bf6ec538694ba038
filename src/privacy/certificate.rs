//! What is certified of an erasure: a statement without anything of the client but ids, and its signature, which whoever
//! knows the practice's public key can check without Carehub. Never signs anything else.

use crate::{
    crypto::MasterKey,
    ids::{DataKeyId, ErasureId, PracticeId, UserId},
};
use anyhow::{Context, anyhow};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const METHOD: &str = "The client's data key was destroyed. Every text of the client was sealed with it (AES-256-GCM) and \
    cannot be read any more, by anybody. Copies of the key in backups are wrapped by the master key named here; Carehub \
    does not use them, and nobody can once that master key is destroyed.";

/// Why a client was erased.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ErasureCause)]
pub enum Cause {
    /// Somebody asked for it.
    Request,
    /// The practice's retention rule.
    Retention,
}

impl Cause {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Retention => "retention",
        }
    }
}

/// What is certified.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ErasureStatement)]
pub struct Statement {
    pub erasure: ErasureId,
    pub practice: PracticeId,
    pub client: UserId,
    pub cause: Cause,
    pub erased_at: DateTime<Utc>,
    /// The keys that were destroyed.
    pub data_keys: Vec<DataKeyId>,
    /// The master key that wrapped them, by its id.
    pub master_keys: Vec<String>,
    pub threads: i64,
    pub entries: i64,
    pub method: String,
}

impl Statement {
    /// The words that do not depend on the client.
    pub fn method() -> String {
        METHOD.to_owned()
    }
}

/// A statement as it was signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ErasureCertificate)]
pub struct Certificate {
    /// The statement as JSON: these very bytes are signed.
    pub statement: String,
    /// Ed25519, in base64.
    pub signature: String,
    /// In base64.
    pub public_key: String,
}

impl Certificate {
    /// Signs a statement, with a key that is derived from the master key.
    pub fn sign(master: &MasterKey, statement: &Statement) -> anyhow::Result<Self> {
        let seed = master.derive(b"certificates")?;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| anyhow!("unusable signing key"))?;
        let statement = serde_json::to_string(statement)?;
        let signature = pair.sign(statement.as_bytes());
        Ok(Self {
            signature: BASE64_STANDARD.encode(signature),
            public_key: BASE64_STANDARD.encode(pair.public_key()),
            statement,
        })
    }

    /// What it says, if its signature holds.
    ///
    /// # Errors
    /// When a byte of it was changed.
    pub fn verify(&self) -> anyhow::Result<Statement> {
        let (key, signature) = (BASE64_STANDARD.decode(&self.public_key)?, BASE64_STANDARD.decode(&self.signature)?);
        let verified = UnparsedPublicKey::new(&ED25519, key).verify(self.statement.as_bytes(), &signature);
        verified.map_err(|_| anyhow!("its signature does not hold"))?;
        serde_json::from_str(&self.statement).context("its statement cannot be read")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_says_what_was_signed_and_nothing_else() {
        let master = MasterKey::parse(&MasterKey::generate().unwrap()).unwrap();
        let statement = Statement {
            erasure: ErasureId::new(),
            practice: PracticeId::new(),
            client: UserId::new(),
            cause: Cause::Request,
            erased_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            data_keys: vec![DataKeyId::new()],
            master_keys: vec![master.id().to_owned()],
            threads: 2,
            entries: 40,
            method: Statement::method(),
        };
        let certificate = Certificate::sign(&master, &statement).unwrap();
        assert_eq!(certificate.verify().unwrap(), statement);
        let changed = Certificate {
            statement: certificate.statement.replace("\"threads\":2", "\"threads\":3"),
            ..certificate.clone()
        };
        assert_ne!(changed, certificate);
        assert!(changed.verify().is_err());
        let other = MasterKey::parse(&MasterKey::generate().unwrap()).unwrap();
        let foreign =
            Certificate { public_key: Certificate::sign(&other, &statement).unwrap().public_key, ..certificate };
        assert!(foreign.verify().is_err());
    }
}
