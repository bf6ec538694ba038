//! An export as an archive to keep: `export.json`, and each file of the record below `files/`. Written as it is read, like
//! the document itself: the hub holds a piece of a file at a time, and nothing readable comes to its disk.

use super::export::Export;
use crate::{
    db,
    error::{Error, Result},
    objects::{self, Object, Objects},
};
use bytes::Bytes;
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::RunQueryDsl;
use futures_util::StreamExt;
use std::{
    io::{self, Write},
    mem,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;
use uuid::Uuid;
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

/// Pieces of the document that wait to be put in.
const PIECES: usize = 16;
/// Files of one read.
const FILES_AT_ONCE: i64 = 100;

/// What the archive wrote and nobody has taken yet.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The archive on its way to whoever asked for it.
struct Archive<'a> {
    zip: ZipWriter<StreamWriter<Written>>,
    written: Written,
    out: &'a mpsc::Sender<Result<Bytes>>,
}

impl<'a> Archive<'a> {
    fn new(out: &'a mpsc::Sender<Result<Bytes>>) -> Self {
        let written = Written::default();
        Self { zip: ZipWriter::new_stream(written.clone()), written, out }
    }

    /// Pictures and documents are packed already, and words are few beside them.
    fn begin(&mut self, name: &str) -> Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        Ok(self.zip.start_file(name, options.large_file(true).unix_permissions(0o600)).map_err(anyhow::Error::from)?)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.zip.write_all(bytes).map_err(anyhow::Error::from)?;
        send(&self.written, self.out).await
    }

    async fn finish(self) -> Result<()> {
        self.zip.finish().map_err(anyhow::Error::from)?;
        send(&self.written, self.out).await
    }
}

async fn send(written: &Written, out: &mpsc::Sender<Result<Bytes>>) -> Result<()> {
    let bytes = mem::take(&mut *written.0.lock().unwrap_or_else(PoisonError::into_inner));
    if bytes.is_empty() {
        return Ok(());
    }
    let gone = |_| Error::Internal(anyhow::anyhow!("whoever asked for an export went away"));
    out.send(Ok(bytes.into())).await.map_err(gone)
}

impl Export {
    /// Writes the archive.
    ///
    /// # Errors
    /// As for [`Export::write`]; where the content of a file cannot be read.
    pub async fn write_archive(&self, objects: &Objects, out: &mpsc::Sender<Result<Bytes>>) -> Result<()> {
        let mut archive = Archive::new(out);
        archive.begin("export.json")?;
        let (pieces, mut written) = mpsc::channel(PIECES);
        // The channel ends with its sender: the document is whole, or an error follows.
        let write = async move { self.write(&pieces).await };
        let put_in = async {
            while let Some(piece) = written.recv().await {
                archive.write(&piece?).await?;
            }
            Ok(())
        };
        tokio::try_join!(write, put_in)?;
        let mut after = Uuid::nil();
        loop {
            let files = self.files(after).await?;
            let Some(last) = files.last() else { break };
            after = last.id.0;
            for file in files {
                // The id comes first: files are in the order in which they came, and no two have one name.
                archive.begin(&format!("files/{} {}", file.id, file.name.as_str()))?;
                let mut content = pin!(objects.read(&file).await?);
                while let Some(piece) = content.next().await {
                    archive.write(&piece?).await?;
                }
            }
        }
        archive.finish().await
    }

    /// The next files of the record; a client gets those that a client may see.
    async fn files(&self, after: Uuid) -> Result<Vec<Object>> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(embed)]
            object: objects::store::Row,
        }
        let rows: Vec<Row> = db::statement(format!(
            "SELECT {} FROM objects o JOIN data_keys k ON k.id = o.key_id
            WHERE o.client_id = $1 AND o.id > $2 AND o.state = 'stored' AND o.used_at IS NOT NULL
            AND ($3 OR NOT EXISTS (SELECT FROM document_versions v JOIN documents d ON d.id = v.document_id
                WHERE v.object_id = o.id AND d.shared_at IS NULL)) ORDER BY o.id LIMIT {FILES_AT_ONCE}",
            objects::store::COLUMNS
        ))
        .bind::<sql::Uuid, _>(self.client)
        .bind::<sql::Uuid, _>(after)
        .bind::<sql::Bool, _>(self.reader.is_staff())
        .load(&mut *self.pool.get().await?)
        .await?;
        rows.into_iter().map(|row| row.object.open(&self.keyring)).collect()
    }
}
