//! Where content lies: a folder, or a bucket of a store that speaks S3. Is given what is sealed, and gives it back. What
//! something is called there is an id and nothing else.

use super::spool::{self, Spooled};
use crate::{
    config::files::Bucket,
    error::{Error, Result},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig, WriteMultipart, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path as Key,
};
use secrecy::ExposeSecret;
use std::{os::unix::fs::DirBuilderExt, path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// The least that S3 takes as a part that is not the last.
const PART: usize = 5 << 20;
/// A store that takes longer to begin an answer is away.
const PATIENCE: Duration = Duration::from_secs(20);

/// The store.
pub struct Vault {
    folder: Option<PathBuf>,
    bucket: Option<Arc<dyn ObjectStore>>,
    local: OnceCell<Arc<dyn ObjectStore>>,
}

impl Vault {
    /// In the bucket, where there is one, else in the folder.
    pub fn new(folder: Option<PathBuf>, bucket: Option<&Bucket>) -> anyhow::Result<Self> {
        Ok(Self { folder, bucket: bucket.map(connect).transpose()?, local: OnceCell::new() })
    }

    /// An empty file to write to.
    pub async fn spool(&self) -> Result<Spooled> {
        let folder = self.spool_folder()?;
        make(&folder)?;
        Spooled::new(&folder).await
    }

    /// Keeps what was spooled.
    pub async fn put(&self, location: Uuid, spooled: &mut Spooled) -> Result<()> {
        let content = spooled.read().await?;
        let store = self.store().await?;
        let upload = store.put_multipart(&key(location)).await.map_err(|error| away(&error))?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
        let mut content = std::pin::pin!(content);
        while let Some(bytes) = content.try_next().await? {
            upload.wait_for_capacity(1).await.map_err(|error| away(&error))?;
            upload.put(bytes);
        }
        upload.finish().await.map_err(|error| away(&error))?;
        Ok(())
    }

    /// What is kept there.
    pub async fn get(&self, location: Uuid) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
        let found = self.store().await?.get(&key(location)).await.map_err(|error| away(&error))?;
        Ok(found.into_stream().map(|bytes| bytes.map_err(|error| away(&error))))
    }

    /// Removes it; what is not there is removed.
    pub async fn remove(&self, location: Uuid) -> Result<()> {
        match self.store().await?.delete(&key(location)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(away(&error)),
        }
    }

    /// Whether the store answers. Writes nothing.
    ///
    /// # Errors
    /// Where it does not, or refuses.
    pub async fn answers(&self) -> Result<()> {
        match self.store().await?.get(&key(Uuid::nil())).await {
            Ok(_) => Ok(()),
            // A bucket that is not there is not found, either.
            Err(object_store::Error::NotFound { source, .. }) if !format!("{source:?}").contains("NoSuchBucket") => {
                Ok(())
            }
            Err(error) => Err(away(&error)),
        }
    }

    /// Removes what killed hubs left in the spool.
    pub async fn sweep_spool(&self) -> Result<()> {
        let Ok(folder) = self.spool_folder() else { return Ok(()) };
        spool::sweep(&folder).await.map_err(|error| spool::refused(&error))
    }

    fn spool_folder(&self) -> Result<PathBuf> {
        let missing = || Error::Internal(anyhow::anyhow!("there is no folder for files: set CAREHUB_OBJECTS"));
        Ok(self.folder.as_ref().ok_or_else(missing)?.join("incoming"))
    }

    async fn store(&self) -> Result<&Arc<dyn ObjectStore>> {
        if let Some(bucket) = &self.bucket {
            return Ok(bucket);
        }
        self.local
            .get_or_try_init(|| async {
                let folder = self.spool_folder()?.with_file_name("kept");
                make(&folder)?;
                let store = LocalFileSystem::new_with_prefix(&folder).map_err(|error| away(&error))?;
                Ok(Arc::new(store.with_fsync(true)) as Arc<dyn ObjectStore>)
            })
            .await
    }
}

fn connect(bucket: &Bucket) -> anyhow::Result<Arc<dyn ObjectStore>> {
    let in_the_clear = bucket.endpoint.as_ref().is_some_and(|url| url.scheme() == "http");
    let client =
        ClientOptions::new().with_allow_http(in_the_clear).with_connect_timeout(PATIENCE).with_timeout(PATIENCE * 3);
    let retry = RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_client_options(client)
        .with_retry(retry);
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
    }
    if let Some((id, secret)) = &bucket.credentials {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret.expose_secret());
    }
    Ok(Arc::new(builder.build()?))
}

/// Spread over folders, so that none holds all.
fn key(location: Uuid) -> Key {
    let name = location.simple().to_string();
    Key::from(format!("{}/{name}", &name[name.len() - 2..]))
}

fn make(folder: &std::path::Path) -> Result<()> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| spool::refused(&error))
}

fn away(error: &object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::Internal(anyhow::anyhow!("the content of a file is not there")),
        other => {
            tracing::error!(error = %other, "the store of files does not answer");
            Error::store_away()
        }
    }
}
