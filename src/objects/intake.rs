//! Taking a file in. First a row that says that it is coming, then its content as a stream into the spool, looked at and
//! sealed as it passes, then the store, last the row that says that it is there. What is refused, broken off or killed in
//! between leaves nothing readable, and nothing that is not swept. Sending the same id again stores nothing twice.

use super::{
    MOST_BYTES, Objects,
    inspect::{Inspector, Unwanted},
    media::Media,
    name::FileName,
    picture,
    pieces::{self, Sealer},
    scan::Verdict,
    spool::Spooled,
    store::{self, Object, Purpose, Sealed},
};
use crate::{
    audit::{self, Actor, Event},
    crypto::{DataKey, Keyring, Place},
    db::{self, Pool},
    error::{Error, Result},
    ids::{ObjectId, PracticeId, UserId},
    keys::{self, Owner},
};
use aws_lc_rs::digest;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures_util::{Stream, StreamExt, TryStreamExt};
use serde_json::json;
use std::{pin::pin, sync::Arc};
use uuid::Uuid;

const INFECTED: Unwanted =
    Unwanted("The virus scanner found something harmful in this file. It was not kept. Check your device.");

/// A file that is coming.
pub struct Incoming {
    /// Chosen by the sender.
    pub id: ObjectId,
    pub practice: PracticeId,
    /// Whose record it will belong to: its key seals it.
    pub client: UserId,
    pub uploader: UserId,
    pub purpose: Purpose,
    pub name: FileName,
    /// For the audit log.
    pub actor: Actor,
    pub now: DateTime<Utc>,
}

/// A file that is kept.
#[derive(Debug)]
pub struct Received {
    pub object: Object,
    /// It had been kept before, under the same id.
    pub repeated: bool,
}

impl Objects {
    /// Takes a file in, to its last byte.
    ///
    /// # Errors
    /// `invalid` at `/file` where it is not of a kind that is kept, or the scanner found something; `tooLarge`;
    /// `scannerAway`; `busy` where it cannot be stored; `conflict` where the id is that of another file.
    pub async fn receive(
        &self,
        pool: &Pool,
        keyring: &Arc<Keyring>,
        incoming: Incoming,
        body: impl Stream<Item = Result<Bytes>>,
    ) -> Result<Received> {
        let mut conn = pool.get().await?;
        let wrapped = keys::find_or_make(&mut conn, keyring, Owner::Client(incoming.client)).await?;
        let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
        let location = Uuid::now_v7();
        let announced = announce(&mut conn, &incoming, location, self.quota).await?;
        drop(conn);
        let mut body = pin!(body);
        let coming = Coming { incoming, key, location, announced };
        match self.take(&coming, &mut body).await {
            // From here on it is kept, whether or not its sender waits for the answer.
            Ok((spooled, content)) => {
                let (objects, pool, keyring) = (self.clone(), pool.clone(), keyring.clone());
                let kept = tokio::task::spawn_local(async move {
                    let kept = objects.keep(&pool, &keyring, &coming, spooled, content).await;
                    if kept.is_err() {
                        withdraw(&mut *pool.get().await?, &coming).await?;
                    }
                    kept
                });
                kept.await.map_err(|_| anyhow::anyhow!("a file was not taken in to its end"))?
            }
            Err(refused) => {
                // Who sends it reads the answer only once all of it is sent.
                drain(body).await;
                withdraw(&mut *pool.get().await?, &coming).await?;
                Err(refused)
            }
        }
    }

    /// Reads the body into the spool.
    async fn take(
        &self,
        coming: &Coming,
        body: &mut (impl Stream<Item = Result<Bytes>> + Unpin),
    ) -> Result<(Spooled, Content)> {
        let mut spooled = self.vault.spool().await?;
        let mut inspector = Inspector::new();
        let mut sealer = coming.sealer();
        let mut digest = digest::Context::new(&digest::SHA256);
        let scan = self.scanner.as_ref().map(|scanner| scanner.begin());
        let mut bytes = 0;
        while let Some(part) = body.next().await {
            let part = part?;
            bytes += part.len() as u64;
            if bytes > MOST_BYTES {
                return Err(too_large());
            }
            inspector.push(&part).map_err(unwanted)?;
            digest.update(&part);
            let sealed = sealer.push(&part).map_err(anyhow::Error::from)?;
            spooled.write(&sealed).await?;
            if let Some(scan) = &scan {
                scan.push(part).await;
            }
        }
        let media = inspector.finish().map_err(unwanted)?;
        spooled.write(&sealer.finish().map_err(anyhow::Error::from)?).await?;
        if let Some(scan) = scan {
            match scan.finish().await {
                Verdict::Clean => {}
                Verdict::Infected => return Err(unwanted(INFECTED)),
                Verdict::Away => return Err(Error::ScannerAway),
            }
        }
        Ok((spooled, Content { media, bytes, sha256: hexadecimal(digest.finish().as_ref()) }))
    }

    /// Paints a picture anew, stores what there is to store, and says so in the row.
    async fn keep(
        &self,
        pool: &Pool,
        keyring: &Keyring,
        coming: &Coming,
        mut spooled: Spooled,
        mut content: Content,
    ) -> Result<Received> {
        if content.media.is_picture() {
            let _alone = self.painting.acquire().await.map_err(anyhow::Error::from)?;
            (spooled, content) = self.paint(coming, spooled, content.media).await?;
        }
        if coming.announced == Announced::Before {
            let mut conn = pool.get().await?;
            let kept = store::find(&mut conn, keyring, coming.incoming.client, coming.incoming.id).await?;
            let same = kept.filter(|kept| kept.sha256 == content.sha256);
            return same.map(|object| Received { object, repeated: true }).ok_or_else(other_file);
        }
        {
            let _place = self.storing.acquire().await.map_err(anyhow::Error::from)?;
            self.vault.put(coming.location, &mut spooled).await?;
        }
        drop(spooled);
        let stored = async { insert(&mut *pool.get().await?, keyring, coming, &content).await }.await;
        if stored.is_err() {
            // Where this fails too, its row is still there to tell of it.
            let _ = self.vault.remove(coming.location).await;
        }
        Ok(Received { object: stored?, repeated: false })
    }

    async fn paint(&self, coming: &Coming, mut spooled: Spooled, media: Media) -> Result<(Spooled, Content)> {
        let Coming { incoming, key, location, .. } = coming;
        let opened = pieces::open(spooled.read().await?, key.clone(), incoming.id, *location);
        let bytes = opened.try_fold(Vec::new(), async |mut all, bytes| {
            all.extend_from_slice(&bytes);
            Ok(all)
        });
        let bytes = bytes.await?;
        let painted = tokio::task::spawn_blocking(move || picture::paint(&bytes, media)).await;
        let (media, painted) =
            painted.map_err(|_| anyhow::anyhow!("painting a picture did not come to its end"))?.map_err(unwanted)?;
        let (mut spooled, mut sealer) = (self.vault.spool().await?, coming.sealer());
        for part in painted.chunks(pieces::PIECE) {
            spooled.write(&sealer.push(part).map_err(anyhow::Error::from)?).await?;
        }
        spooled.write(&sealer.finish().map_err(anyhow::Error::from)?).await?;
        let sha256 = hexadecimal(digest::digest(&digest::SHA256, &painted).as_ref());
        Ok((spooled, Content { media, bytes: painted.len() as u64, sha256 }))
    }
}

/// A file whose row is there.
struct Coming {
    incoming: Incoming,
    key: Arc<DataKey>,
    location: Uuid,
    announced: Announced,
}

impl Coming {
    fn sealer(&self) -> Sealer {
        Sealer::new(self.key.clone(), self.incoming.id, self.location)
    }
}

/// What was found of it.
struct Content {
    media: Media,
    bytes: u64,
    sha256: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Announced {
    Now,
    /// It is kept already: what comes is only compared.
    Before,
}

/// Writes down that a file is coming, within its sender's quota.
async fn announce(conn: &mut AsyncPgConnection, incoming: &Incoming, location: Uuid, quota: u64) -> Result<Announced> {
    #[derive(QueryableByName)]
    struct Known {
        #[diesel(sql_type = sql::Text)]
        state: String,
        #[diesel(sql_type = sql::Bool)]
        same: bool,
    }
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = sql::BigInt)]
        bytes: i64,
    }
    conn.transaction(async |conn| {
        // Two files of one person follow each other here: both count.
        db::statement("SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE")
            .bind::<sql::Uuid, _>(incoming.uploader)
            .execute(conn)
            .await?;
        let known: Option<Known> = db::statement(
            "SELECT state, uploader_id = $2 AND client_id = $3 AND purpose = $4 AS same FROM objects WHERE id = $1",
        )
        .bind::<sql::Uuid, _>(incoming.id)
        .bind::<sql::Uuid, _>(incoming.uploader)
        .bind::<sql::Uuid, _>(incoming.client)
        .bind::<sql::Text, _>(incoming.purpose.as_str())
        .get_result(conn)
        .await
        .optional()?;
        match known {
            Some(Known { same: false, .. }) => return Err(other_file()),
            Some(Known { state, .. }) if state == "stored" => return Ok(Announced::Before),
            // An earlier try that did not come to its end, or is under way: this one takes its place.
            Some(_) => {
                db::statement(
                    "WITH before AS (
                        INSERT INTO object_removals (location, due_at)
                        SELECT location, $3::timestamptz + interval '1 hour' FROM objects WHERE id = $1)
                    UPDATE objects SET location = $2, created_at = $3 WHERE id = $1",
                )
                .bind::<sql::Uuid, _>(incoming.id)
                .bind::<sql::Uuid, _>(location)
                .bind::<sql::Timestamptz, _>(incoming.now)
                .execute(conn)
                .await?;
                return Ok(Announced::Now);
            }
            None => {}
        }
        // What is still coming counts as the most that it can be.
        let sum: Sum = db::statement(
            "SELECT COALESCE(sum(COALESCE(bytes, $3)), 0)::bigint AS bytes FROM objects
            WHERE uploader_id = $1 AND created_at > $2::timestamptz - interval '1 day'",
        )
        .bind::<sql::Uuid, _>(incoming.uploader)
        .bind::<sql::Timestamptz, _>(incoming.now)
        .bind::<sql::BigInt, _>(MOST_BYTES as i64)
        .get_result(conn)
        .await?;
        if sum.bytes.unsigned_abs() + MOST_BYTES > quota {
            return Err(Error::TooLarge(
                "You have sent as many files as can be taken within a day. Try again tomorrow, or ask the practice."
                    .into(),
            ));
        }
        db::statement(
            "INSERT INTO objects (id, location, practice_id, client_id, uploader_id, purpose, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind::<sql::Uuid, _>(incoming.id)
        .bind::<sql::Uuid, _>(location)
        .bind::<sql::Uuid, _>(incoming.practice)
        .bind::<sql::Uuid, _>(incoming.client)
        .bind::<sql::Uuid, _>(incoming.uploader)
        .bind::<sql::Text, _>(incoming.purpose.as_str())
        .bind::<sql::Timestamptz, _>(incoming.now)
        .execute(conn)
        .await?;
        Ok(Announced::Now)
    })
    .await
}

/// Writes down that it is there.
async fn insert(conn: &mut AsyncPgConnection, keyring: &Keyring, coming: &Coming, content: &Content) -> Result<Object> {
    let incoming = &coming.incoming;
    let name = incoming.name.clone().with_ending_of(content.media);
    let details = Sealed { name: name.as_str().to_owned(), sha256: content.sha256.clone() };
    let text = serde_json::to_string(&details).map_err(anyhow::Error::from)?;
    let sealed = coming.key.seal(Place::Object { id: incoming.id }, &text).map_err(anyhow::Error::from)?;
    conn.transaction(async |conn| {
        let stored = db::statement(
            "UPDATE objects SET state = 'stored', media_type = $3, bytes = $4, key_id = $5, sealed = $6
            WHERE id = $1 AND location = $2 AND state = 'uploading'",
        )
        .bind::<sql::Uuid, _>(incoming.id)
        .bind::<sql::Uuid, _>(coming.location)
        .bind::<sql::Text, _>(content.media.as_str())
        .bind::<sql::BigInt, _>(content.bytes as i64)
        .bind::<sql::Uuid, _>(coming.key.id())
        .bind::<sql::Binary, _>(&sealed)
        .execute(conn)
        .await?;
        if stored == 0 {
            return Err(other_file());
        }
        let detail =
            json!({"purpose": incoming.purpose.as_str(), "mediaType": content.media.as_str(), "bytes": content.bytes});
        let event = Event::new(&incoming.actor, "file.stored").of_client(incoming.client).on("file", incoming.id);
        audit::record(conn, event.with(detail)).await?;
        store::find(conn, keyring, incoming.client, incoming.id).await?.ok_or(Error::NotFound)
    })
    .await
}

/// Nothing is coming after all.
async fn withdraw(conn: &mut AsyncPgConnection, coming: &Coming) -> Result<()> {
    db::statement("DELETE FROM objects WHERE id = $1 AND location = $2 AND state = 'uploading'")
        .bind::<sql::Uuid, _>(coming.incoming.id)
        .bind::<sql::Uuid, _>(coming.location)
        .execute(conn)
        .await?;
    Ok(())
}

/// Reads what is left of a body that is refused, as far as a body may go.
async fn drain(mut body: impl Stream<Item = Result<Bytes>> + Unpin) {
    let mut bytes = 0;
    while let Some(Ok(part)) = body.next().await {
        bytes += part.len() as u64;
        if bytes > MOST_BYTES {
            return;
        }
    }
}

fn other_file() -> Error {
    Error::conflict("This id is that of another file. Send yours under a new one.")
}

fn too_large() -> Error {
    Error::TooLarge("A file may have at most 25 MiB. Make it smaller, or send it in parts.".into())
}

fn unwanted(Unwanted(words): Unwanted) -> Error {
    Error::field("/file", words)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
