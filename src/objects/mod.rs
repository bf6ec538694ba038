//! Files that people hand in: taken in as a stream, looked at, sealed piece by piece with the client's data key, and kept
//! in a folder or in S3. Owns `objects` and `object_removals`. Never holds a file in memory, never writes one down
//! readable, and never unpacks one. Who may read one is decided by the slice that it belongs to: an [`Object`] is asked
//! for with the client whose record that slice has a proof for.
//!
//! A file passes: [`intake`] (row first, then stream, then checks, then store) → [`inspect`] (what it is, by its content)
//! and [`scan`] (ClamAV) → [`picture`] (pictures are painted anew) → [`vault`] (the store). [`sweep`] removes what was
//! begun and not finished, or is of no use any more. [`drawer`] shows a page of a PDF as a picture.

pub mod archive;
pub mod drawer;
pub mod inspect;
pub mod intake;
pub mod media;
pub mod name;
pub mod picture;
pub mod pieces;
pub mod scan;
pub mod spool;
pub mod store;
pub mod sweep;
pub mod vault;

pub use intake::{Incoming, Received};
pub use media::Media;
pub use name::FileName;
pub use store::{Described, Object, Purpose, find, use_once};

use crate::{config::FileSettings, error::Result};
use bytes::Bytes;
use futures_util::Stream;
use scan::Scanner;
use std::{path::PathBuf, sync::Arc};
use tokio::sync::Semaphore;
use vault::Vault;

/// The most bytes of a file.
pub const MOST_BYTES: u64 = 25 << 20;

/// The store of files. Cheap to clone.
#[derive(Clone)]
pub struct Objects {
    vault: Arc<Vault>,
    scanner: Option<Scanner>,
    quota: u64,
    /// One picture is painted at a time, and two files go to a distant store: each holds some memory.
    painting: Arc<Semaphore>,
    storing: Arc<Semaphore>,
    drawing: Arc<Semaphore>,
}

impl Objects {
    /// As configured. Nothing is made or asked for before the first file comes.
    ///
    /// # Errors
    /// When the settings do not fit together.
    pub fn new(settings: &FileSettings, data_folder: Option<PathBuf>) -> anyhow::Result<Self> {
        let folder = settings.folder.clone().or_else(|| data_folder.map(|folder| folder.join("objects")));
        Ok(Self {
            vault: Arc::new(Vault::new(folder, settings.bucket.as_ref())?),
            scanner: settings.clamav.clone().map(Scanner::new),
            quota: settings.quota,
            painting: Arc::new(Semaphore::new(1)),
            storing: Arc::new(Semaphore::new(2)),
            drawing: Arc::new(Semaphore::new(2)),
        })
    }

    /// The content of a file, opened piece by piece as it is read. Ends with an error where it was altered or cut off.
    ///
    /// # Errors
    /// `busy` where the store cannot be reached; a fault of ours where the content is not there.
    pub async fn read(&self, object: &Object) -> Result<impl Stream<Item = Result<Bytes>> + use<>> {
        let sealed = self.vault.get(object.location).await?;
        Ok(pieces::open(sealed, object.key.clone(), object.id, object.location))
    }
}
