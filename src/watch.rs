//! What changes outside of this hub and must be known to it within seconds: master keys that were added, signing keys
//! that follow, data keys that were destroyed. One loop with one connection. Never stops: a look that failed is repeated.

use crate::{
    accounts::token::Tokens,
    crypto::Keyring,
    db,
    error::{Error, Result},
    ids::DataKeyId,
    keys::{self, data_key, holders, signing},
};
use diesel_async::AsyncPgConnection;
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};
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
    node: Uuid,
}

impl Watch {
    /// Not yet looking.
    pub fn new(url: &SecretString, source: keys::Source, keyring: Arc<Keyring>, tokens: Arc<Tokens>) -> Self {
        Self { pool: db::pool(url, 1), source, keyring, tokens, node: Uuid::now_v7() }
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
        self.follow_keys(&mut conn).await?;
        self.forget_erased(&mut conn).await
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
