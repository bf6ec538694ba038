//! A file on its way in, sealed, in a file of its own that is gone as soon as nobody holds it. Writes nothing readable.

use crate::error::{Error, Result};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    fs::{self, File, OpenOptions},
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
};
use uuid::Uuid;

/// What a hub that was killed left behind is removed after so long.
const LEFT_BEHIND: Duration = Duration::from_secs(3_600);
/// Bytes of one read.
const AT_ONCE: usize = 128 * 1024;

/// A file in the spool.
pub struct Spooled {
    path: PathBuf,
    file: File,
}

impl Spooled {
    /// An empty one in this folder.
    pub async fn new(folder: &Path) -> Result<Self> {
        let path = folder.join(Uuid::now_v7().to_string());
        let file = OpenOptions::new().create_new(true).read(true).write(true).mode(0o600).open(&path).await;
        Ok(Self { file: file.map_err(|error| refused(&error))?, path })
    }

    /// Adds to its end.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).await.map_err(|error| refused(&error))
    }

    /// Everything that was written, from its beginning.
    pub async fn read(&mut self) -> Result<impl Stream<Item = Result<Bytes>> + Send + 'static> {
        self.file.flush().await.map_err(|error| refused(&error))?;
        let mut file = self.file.try_clone().await.map_err(|error| refused(&error))?;
        file.rewind().await.map_err(|error| refused(&error))?;
        Ok(futures_util::stream::try_unfold(file, |mut file| async move {
            let mut bytes = BytesMut::with_capacity(AT_ONCE);
            let read = file.read_buf(&mut bytes).await.map_err(|error| refused(&error))?;
            Ok((read > 0).then(|| (bytes.freeze(), file)))
        }))
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Removes what hubs that were killed left behind.
pub async fn sweep(folder: &Path) -> io::Result<()> {
    let mut files = match fs::read_dir(folder).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    while let Some(file) = files.next_entry().await? {
        let age = file.metadata().await?.modified()?.elapsed().unwrap_or_default();
        if age > LEFT_BEHIND {
            fs::remove_file(file.path()).await?;
        }
    }
    Ok(())
}

/// The disk does not take it: full, perhaps.
pub(super) fn refused(error: &io::Error) -> Error {
    tracing::error!(%error, "the folder for files cannot be written or read");
    Error::store_away()
}
