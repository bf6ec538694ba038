//! Secrets that the hub makes for itself, once for all nodes: kept sealed with the installation's data key. Owns
//! `hub_secrets`.

use crate::{
    crypto::{HubSecret, Keyring, Place, WrappedKey, secret},
    error::Result,
    ids::DataKeyId,
    keys::{self, Owner},
};
use aws_lc_rs::hmac;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::{ExposeSecret, SecretString};

/// The secret, made by `make` on first use.
pub async fn find_or_make(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    which: HubSecret,
    make: impl FnOnce() -> anyhow::Result<SecretString>,
) -> Result<SecretString> {
    if let Some(found) = find(conn, keyring, which).await? {
        return Ok(found);
    }
    let wrapped = keys::find_or_make(conn, keyring, Owner::Installation).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let place = Place::HubSecret(which);
    let sealed = key.seal(place, make()?.expose_secret()).map_err(anyhow::Error::from)?;
    // Another hub may make it at the same moment: what was first stays, and both use it.
    crate::db::statement("INSERT INTO hub_secrets (name, key_id, sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind::<sql::Text, _>(which.as_str())
        .bind::<sql::Uuid, _>(key.id())
        .bind::<sql::Bytea, _>(sealed)
        .execute(conn)
        .await?;
    Ok(find(conn, keyring, which).await?.ok_or(diesel::result::Error::NotFound)?)
}

async fn find(conn: &mut AsyncPgConnection, keyring: &Keyring, which: HubSecret) -> Result<Option<SecretString>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bytea)]
        sealed: Vec<u8>,
        #[diesel(sql_type = sql::Uuid)]
        key_id: DataKeyId,
        #[diesel(sql_type = sql::Bytea)]
        wrapped: Vec<u8>,
    }
    let row: Option<Row> = crate::db::statement(
        "SELECT s.sealed, k.id AS key_id, k.wrapped FROM hub_secrets s JOIN data_keys k ON k.id = s.key_id
        WHERE s.name = $1",
    )
    .bind::<sql::Text, _>(which.as_str())
    .get_result(conn)
    .await
    .optional()?;
    let Some(Row { sealed, key_id, wrapped }) = row else { return Ok(None) };
    let key = keyring.unwrap(&WrappedKey { id: key_id, wrapped }).map_err(anyhow::Error::from)?;
    Ok(Some(key.open(Place::HubSecret(which), &sealed).map_err(anyhow::Error::from)?.into()))
}

/// Makes digests that only the hub can make: of what has too few possible values for a plain one, such as telephone
/// numbers and codes.
pub struct Digester(hmac::Key);

impl Digester {
    /// With the installation's key for it.
    pub async fn find(conn: &mut AsyncPgConnection, keyring: &Keyring) -> Result<Self> {
        let secret = find_or_make(conn, keyring, HubSecret::Digests, secret::random).await?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes())))
    }

    /// Of these parts, for this use.
    pub fn digest(&self, purpose: &str, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose.as_bytes());
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }

    /// Whether `digest` is of these parts; takes as long for one that nearly is.
    pub fn verify(&self, purpose: &str, parts: &[&[u8]], digest: &[u8]) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.digest(purpose, parts), digest).is_ok()
    }
}
