//! What changes outside of this hub and must be known to it within seconds: master keys that were added, signing keys
//! that follow, data keys that were destroyed, clients who were erased, crisis phrases and resources
//! that a practice set, and what time it is. One loop with one connection. Never stops: a look that failed is repeated.

use crate::{
    accounts::token::Tokens,
    clock::Clock,
    crypto::Keyring,
    db,
    emergency::crisis,
    error::{Error, Result},
    ids::{self, DataKeyId},
    keys::{self, data_key, holders, signing},
    privacy::{erasure, tombstone::Tombstones},
};
use diesel_async::AsyncPgConnection;
use secrecy::SecretString;
use std::{collections::HashSet, sync::Arc, time::Duration};
use uuid::Uuid;

const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A look that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// Data keys of one question to the store.
const KEYS_AT_ONCE: usize = 5_000;

/// The loop and what it keeps up to date.
#[derive(Clone)]
pub struct Watch {
    pool: db::Pool,
    source: keys::Source,
    keyring: Arc<Keyring>,
    tokens: Arc<Tokens>,
    tombstones: Option<Arc<Tombstones>>,
    crisis: Arc<crisis::Settings>,
    node: Uuid,
    clock: Clock,
}

impl Watch {
    /// Not yet looking.
    pub fn new(
        url: &SecretString,
        source: keys::Source,
        keyring: Arc<Keyring>,
        tokens: Arc<Tokens>,
        tombstones: Option<Arc<Tombstones>>,
        crisis: Arc<crisis::Settings>,
        clock: Clock,
    ) -> Self {
        Self { pool: db::pool(url, 1), source, keyring, tokens, tombstones, crisis, node: ids::fresh(), clock }
    }

    /// Looks every two seconds from now on.
    pub fn keep_looking(self) {
        actix::spawn(async move {
            let mut every = tokio::time::interval(LOOK_EVERY);
            every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                every.tick().await;
                match tokio::time::timeout(PATIENCE, self.look()).await {
                    Ok(Ok(())) => {}
                    // Everything else waits for the store, too, and says so.
                    Ok(Err(Error::Busy { .. })) | Err(_) => {
                        tracing::debug!("the store is away: keys were not looked at")
                    }
                    Ok(Err(error)) => tracing::error!(%error, "the keys could not be looked at; trying again"),
                }
            }
        });
    }

    /// Looks once.
    pub async fn look(&self) -> Result<()> {
        let mut conn = self.pool.get().await?;
        db::time::follow(&mut conn, &self.clock).await?;
        self.follow_keys(&mut conn).await?;
        self.keep_erased(&mut conn).await?;
        self.forget_erased(&mut conn).await?;
        self.crisis.follow(&mut conn).await
    }

    /// What is written down outside of the database and what stands in it are made the same: a restored backup loses
    /// again who was erased, and an erasure by another hub is written down here, too.
    async fn keep_erased(&self, conn: &mut AsyncPgConnection) -> Result<()> {
        let Some(tombstones) = &self.tombstones else { return Ok(()) };
        if erasure::count(conn).await? == tombstones.len() as i64 {
            return Ok(());
        }
        let mut stored = HashSet::new();
        for certificate in erasure::certificates(conn).await? {
            let client = certificate.verify()?.client;
            stored.insert(client);
            let tombstones = tombstones.clone();
            let written = tokio::task::spawn_blocking(move || tombstones.write(client, &certificate)).await;
            written.map_err(|_| anyhow::anyhow!("writing down an erasure did not come to its end"))??;
        }
        for certificate in tombstones.all() {
            if stored.contains(&certificate.verify()?.client) {
                continue;
            }
            if !erasure::repeat(conn, &self.keyring, &certificate).await?.is_empty() {
                tracing::warn!("a client who was erased came back with a restored backup, and was erased again");
            }
        }
        Ok(())
    }

    async fn follow_keys(&self, conn: &mut AsyncPgConnection) -> Result<()> {
        match self.source.read().await {
            Ok(masters) => {
                let ids = |masters: &crate::crypto::MasterKeys| -> Vec<String> {
                    masters.all().map(|master| master.id().to_owned()).collect()
                };
                if ids(&masters) != ids(&self.keyring.masters()) {
                    tracing::info!(
                        current = masters.current().id(),
                        keys = masters.all().count(),
                        "the master keys changed"
                    );
                    self.keyring.replace_masters(masters);
                }
            }
            // Half written, or taken away: what was read before goes on.
            Err(error) => tracing::error!(error = format!("{error:#}"), "the master keys cannot be read again"),
        }
        let masters = self.keyring.masters();
        self.tokens.follow(&masters, &signing::list(conn).await?)?;
        holders::note(conn, self.node, &masters).await?;
        Ok(())
    }

    async fn forget_erased(&self, conn: &mut AsyncPgConnection) -> Result<()> {
        let held: Vec<DataKeyId> = self.keyring.held();
        for some in held.chunks(KEYS_AT_ONCE) {
            for erased in data_key::find_erased(conn, some).await? {
                self.keyring.destroy(erased);
            }
        }
        Ok(())
    }
}
