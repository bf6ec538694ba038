//! The master key: wraps data keys, and is the root from which the signing key of access tokens is derived.

use super::{
    data_key::{DataKey, Unsealable, WrappedKey, open_with, seal_with},
    keyring::MasterKeys,
};
use crate::ids::DataKeyId;
use anyhow::Context;
use aws_lc_rs::{
    aead::{AES_256_GCM, LessSafeKey, UnboundKey},
    digest, hkdf,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// 32 bytes that everything sealed hangs from. Prints only its id.
pub struct MasterKey {
    id: String,
    key: LessSafeKey,
    root: hkdf::Prk,
}

impl MasterKey {
    /// Reads 32 bytes in base64.
    ///
    /// # Errors
    /// When it is not base64, or not 32 bytes long. The message never holds the key.
    pub fn parse(text: &SecretString) -> anyhow::Result<Self> {
        let bytes = BASE64_STANDARD.decode(text.expose_secret().trim()).map(Zeroizing::new).ok();
        let bytes: Option<Zeroizing<[u8; 32]>> =
            bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok()).map(Zeroizing::new);
        let bytes = bytes.context("a master key is 32 random bytes in base64 (make one: openssl rand -base64 32)")?;
        Self::from_bytes(&bytes)
    }

    /// Takes 32 bytes of key.
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> anyhow::Result<Self> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"carehub").extract(bytes.as_slice());
        let key =
            UnboundKey::new(&AES_256_GCM, bytes.as_slice()).map_err(|_| anyhow::anyhow!("unusable master key"))?;
        let fingerprint = digest::digest(&digest::SHA256, derive(&root, &[b"key id"])?.as_slice());
        let id = fingerprint.as_ref()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { id, key: LessSafeKey::new(key), root })
    }

    /// A new random key in the form that [`MasterKey::parse`] reads.
    pub fn generate() -> anyhow::Result<SecretString> {
        let mut bytes = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| anyhow::anyhow!("no randomness"))?;
        Ok(BASE64_STANDARD.encode(bytes.as_slice()).into())
    }

    /// Names the key without telling anything about it; stored beside what it wrapped.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A key for one purpose.
    pub fn derive(&self, purpose: &'static [u8]) -> anyhow::Result<Zeroizing<[u8; 32]>> {
        derive(&self.root, &[purpose])
    }

    /// One of several keys for one purpose, told apart by their names.
    pub fn derive_named(&self, purpose: &'static [u8], name: &str) -> anyhow::Result<Zeroizing<[u8; 32]>> {
        derive(&self.root, &[purpose, b"\0", name.as_bytes()])
    }

    /// The same data key, wrapped by this master key instead of by one of `masters`.
    pub fn rewrap(&self, masters: &MasterKeys, wrapped: &WrappedKey) -> Result<Vec<u8>, Unsealable> {
        let bytes = masters.all().find_map(|master| master.open_wrapped(wrapped).ok()).ok_or(Unsealable)?;
        seal_with(&self.key, wrapped.id.0.as_bytes(), bytes.as_slice())
    }

    /// A new data key, wrapped for storing.
    pub fn new_data_key(&self) -> Result<WrappedKey, Unsealable> {
        let id = DataKeyId::new();
        let mut bytes = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| Unsealable)?;
        Ok(WrappedKey { id, wrapped: seal_with(&self.key, id.0.as_bytes(), bytes.as_slice())? })
    }

    /// The data key that was wrapped.
    pub fn unwrap(&self, wrapped: &WrappedKey) -> Result<DataKey, Unsealable> {
        DataKey::new(wrapped.id, &*self.open_wrapped(wrapped)?)
    }

    fn open_wrapped(&self, wrapped: &WrappedKey) -> Result<Zeroizing<[u8; 32]>, Unsealable> {
        let bytes = Zeroizing::new(open_with(&self.key, wrapped.id.0.as_bytes(), &wrapped.wrapped)?);
        Ok(Zeroizing::new(<[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| Unsealable)?))
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

fn derive(root: &hkdf::Prk, purpose: &[&[u8]]) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let mut out = Zeroizing::new([0; 32]);
    root.expand(purpose, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(out.as_mut_slice()))
        .map_err(|_| anyhow::anyhow!("key derivation failed"))?;
    Ok(out)
}
