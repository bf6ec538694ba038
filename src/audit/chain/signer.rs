//! The keys that sign blocks and checkpoints: Ed25519, so that whoever holds the public half alone can verify. The
//! private half is sealed under a data key of the installation's own: it outlives the master key's rotation, and
//! whoever can write into the database, but has no master key, can neither sign nor pass off a key as ours.

use crate::{
    crypto::{Keyring, Place, WrappedKey},
    error::Result,
    ids::DataKeyId,
    keys::{self, Owner},
};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;
use zeroize::Zeroizing;

/// A key that signs. Prints nothing.
pub struct Signer {
    id: Uuid,
    pair: Ed25519KeyPair,
}

impl Signer {
    /// Which key.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    /// What verifies.
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql::Uuid)]
    data_key_id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
    #[diesel(sql_type = sql::Bytea)]
    sealed: Vec<u8>,
}

impl Row {
    /// None where it does not open: it is not one of ours.
    fn open(&self, keyring: &Keyring) -> Option<Signer> {
        let wrapped = WrappedKey { id: self.data_key_id, wrapped: self.wrapped.clone() };
        let sealed = keyring.unwrap(&wrapped).ok()?.open(Place::AuditKey { id: self.id }, &self.sealed).ok()?;
        let seed = Zeroizing::new(BASE64_STANDARD.decode(Zeroizing::new(sealed).as_bytes()).ok()?);
        Some(Signer { id: self.id, pair: Ed25519KeyPair::from_seed_unchecked(&seed).ok()? })
    }
}

/// All keys there are, the newest last.
async fn list(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Row>> {
    crate::db::statement(
        "SELECT a.id, a.data_key_id, k.wrapped, a.sealed FROM audit_keys a JOIN data_keys k ON k.id = a.data_key_id
        ORDER BY a.created_at, a.id",
    )
    .load(conn)
    .await
}

/// The newest key that opens, or a new one.
pub async fn find_or_make(conn: &mut AsyncPgConnection, keyring: &Keyring) -> Result<Signer> {
    match list(conn).await?.iter().rev().find_map(|row| row.open(keyring)) {
        Some(signer) => Ok(signer),
        None => make(conn, keyring).await,
    }
}

async fn make(conn: &mut AsyncPgConnection, keyring: &Keyring) -> Result<Signer> {
    let mut seed = Zeroizing::new([0; 32]);
    let unusable = |_| anyhow::anyhow!("no key to sign the audit log with could be made");
    aws_lc_rs::rand::fill(seed.as_mut_slice()).map_err(unusable)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice());
    let signer = Signer { id: Uuid::now_v7(), pair: pair.map_err(|_| unusable(aws_lc_rs::error::Unspecified))? };
    let wrapped = keys::find_or_make(conn, keyring, Owner::Installation).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let text = Zeroizing::new(BASE64_STANDARD.encode(seed.as_slice()));
    let sealed = key.seal(Place::AuditKey { id: signer.id }, &text).map_err(anyhow::Error::from)?;
    // Of two nodes that make one at the same moment, each signs with its own: both are ours.
    crate::db::statement("INSERT INTO audit_keys (id, public_key, data_key_id, sealed) VALUES ($1, $2, $3, $4)")
        .bind::<sql::Uuid, _>(signer.id)
        .bind::<sql::Bytea, _>(signer.public_key())
        .bind::<sql::Uuid, _>(wrapped.id)
        .bind::<sql::Bytea, _>(sealed)
        .execute(conn)
        .await?;
    Ok(signer)
}

/// The keys that whoever verifies believes.
#[derive(Default)]
pub struct Trusted(HashMap<Uuid, Vec<u8>>, Vec<Vec<u8>>);

impl Trusted {
    /// Those of the store that open under the master keys. The public column is not believed.
    pub async fn ours(conn: &mut AsyncPgConnection, keyring: &Keyring) -> QueryResult<Self> {
        let rows = list(conn).await?;
        let opened = rows.iter().filter_map(|row| row.open(keyring));
        Ok(Self(opened.map(|signer| (signer.id, signer.public_key().to_vec())).collect(), Vec::new()))
    }

    /// These alone, whatever they are called: for whoever verifies without the master key.
    pub fn only(public_keys: Vec<Vec<u8>>) -> Self {
        Self(HashMap::new(), public_keys)
    }

    /// Whether one of them signed this.
    pub fn signed(&self, key: Uuid, message: &[u8], signature: &[u8]) -> bool {
        let verifies = |public: &Vec<u8>| UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok();
        self.0.get(&key).is_some_and(verifies) || self.1.iter().any(verifies)
    }

    /// The public halves, in base64.
    pub fn public_keys(&self) -> Vec<String> {
        self.0.values().chain(&self.1).map(|key| BASE64_STANDARD.encode(key)).collect()
    }
}
