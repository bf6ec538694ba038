//! The loop that seals: every node runs one, and whichever comes first puts the next block. Never waits for a writer and
//! is never waited for. A pass that failed is repeated; what was not sealed stays so until then.

use super::{
    block::{self, Block},
    checkpoint::{Checkpoint, Folder},
    seal::seal,
    signer::{self, Signer},
};
use crate::{
    crypto::Keyring,
    db,
    error::{Error, Result},
};
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

/// What is younger than this may be without a block.
pub const SEAL_EVERY: Duration = Duration::from_secs(5);
/// Rows of each table in a pass: what a storm left behind is sealed a little at a time, so that it costs no storm.
pub const MOST_ROWS: i64 = 20_000;
/// A pass that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The loop and what it works with.
pub struct Sealer {
    pool: db::Pool,
    keyring: Arc<Keyring>,
    epoch: Uuid,
    folder: Option<Folder>,
    signer: Option<Signer>,
    /// The newest block has its checkpoint.
    noted: bool,
}

impl Sealer {
    /// Not yet sealing. Without a folder nothing is kept outside.
    pub fn new(url: &SecretString, keyring: Arc<Keyring>, epoch: Uuid, folder: Option<Folder>) -> Self {
        Self { pool: db::pool(url, 1), keyring, epoch, folder, signer: None, noted: false }
    }

    /// Seals every few seconds from now on.
    pub fn keep_sealing(mut self) {
        actix::spawn(async move {
            let mut every = tokio::time::interval(SEAL_EVERY);
            every.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                every.tick().await;
                match tokio::time::timeout(PATIENCE, self.pass()).await {
                    Ok(Ok(_)) => {}
                    Ok(Err(Error::Busy { .. })) | Err(_) => tracing::debug!("the store is away: nothing was sealed"),
                    Ok(Err(error)) => tracing::error!(%error, "the audit log could not be sealed; trying again"),
                }
            }
        });
    }

    /// Seals once, and notes the newest block outside.
    pub async fn pass(&mut self) -> Result<Option<Block>> {
        let mut conn = self.pool.get().await?;
        let signer = match self.signer.take() {
            Some(signer) => signer,
            None => signer::find_or_make(&mut conn, &self.keyring).await?,
        };
        let signer = self.signer.insert(signer);
        let sealed = seal(&mut conn, signer, self.epoch, MOST_ROWS).await?;
        if let Some(block) = &sealed {
            metrics::counter!("carehub_audit_blocks_total").increment(1);
            self.noted = self.folder.as_ref().is_none_or(|folder| note(folder, block, signer));
        } else if !self.noted {
            // After a start, or after the folder could not be written to.
            let head = block::find_head(&mut conn).await?;
            let noted = |folder: &Folder| head.as_ref().is_none_or(|head| note(folder, head, signer));
            self.noted = self.folder.as_ref().is_none_or(noted);
        }
        Ok(sealed)
    }
}

/// Whether the checkpoint of this block is on the disk.
fn note(folder: &Folder, block: &Block, signer: &Signer) -> bool {
    match folder.append(&Checkpoint::of(block, signer)) {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(%error, position = block.position, "an audit checkpoint could not be written; trying again");
            metrics::counter!("carehub_audit_checkpoint_failures_total").increment(1);
            false
        }
    }
}
