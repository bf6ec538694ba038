//! Sealing in pieces: 64 KiB each, every one with its number and whether it is the last (the STREAM construction, with
//! the number authenticated beside a random nonce). Pieces that are missing, doubled, swapped, cut off at the end, or of
//! another file do not open.

use crate::{
    crypto::{DataKey, Place, Unsealable},
    error::{Error, Result},
    ids::ObjectId,
};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream::BoxStream};
use std::sync::Arc;
use uuid::Uuid;

/// Bytes of a piece.
pub const PIECE: usize = 64 * 1024;
/// Nonce and tag.
const OVERHEAD: usize = 12 + 16;
const SEALED_PIECE: usize = PIECE + OVERHEAD;

/// Seals a file as it comes.
pub struct Sealer {
    key: Arc<DataKey>,
    object: ObjectId,
    location: Uuid,
    number: u32,
    waiting: BytesMut,
}

impl Sealer {
    pub fn new(key: Arc<DataKey>, object: ObjectId, location: Uuid) -> Self {
        Self { key, object, location, number: 0, waiting: BytesMut::with_capacity(PIECE) }
    }

    /// Takes some of it in, and gives what is sealed so far. The last piece is kept back: it is sealed as the last.
    pub fn push(&mut self, mut bytes: &[u8]) -> std::result::Result<Vec<u8>, Unsealable> {
        let mut sealed = Vec::new();
        while !bytes.is_empty() {
            if self.waiting.len() == PIECE {
                sealed.extend(self.seal(false)?);
            }
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            bytes = later;
        }
        Ok(sealed)
    }

    /// The last piece, which is empty only where all is.
    pub fn finish(mut self) -> std::result::Result<Vec<u8>, Unsealable> {
        self.seal(true)
    }

    fn seal(&mut self, last: bool) -> std::result::Result<Vec<u8>, Unsealable> {
        let place = Place::Chunk { object: self.object, location: self.location, number: self.number, last };
        let sealed = self.key.seal_bytes(place, &self.waiting)?;
        self.number = self.number.checked_add(1).ok_or(Unsealable)?;
        self.waiting.clear();
        Ok(sealed)
    }
}

struct Opening {
    sealed: BoxStream<'static, Result<Bytes>>,
    key: Arc<DataKey>,
    object: ObjectId,
    location: Uuid,
    number: u32,
    waiting: BytesMut,
    ended: bool,
}

/// Opens a file as it is read.
pub fn open(
    sealed: impl Stream<Item = Result<Bytes>> + Send + 'static,
    key: Arc<DataKey>,
    object: ObjectId,
    location: Uuid,
) -> impl Stream<Item = Result<Bytes>> {
    let opening =
        Opening { sealed: sealed.boxed(), key, object, location, number: 0, waiting: BytesMut::new(), ended: false };
    futures_util::stream::unfold(Some(opening), |opening| async {
        let mut opening = opening?;
        match opening.next().await {
            Ok(Some(bytes)) => Some((Ok(bytes), Some(opening))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    })
}

impl Opening {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        // One byte more than a piece tells that it is not the last.
        while !self.ended && self.waiting.len() <= SEALED_PIECE {
            match self.sealed.next().await {
                Some(bytes) => self.waiting.extend_from_slice(&bytes?),
                None => self.ended = true,
            }
        }
        if self.waiting.is_empty() {
            // A file that was cut off between two pieces, or is not there at all, ends without a last one.
            return if self.number == u32::MAX { Ok(None) } else { Err(broken()) };
        }
        let last = self.waiting.len() <= SEALED_PIECE;
        let sealed = self.waiting.split_to(self.waiting.len().min(SEALED_PIECE));
        let place = Place::Chunk { object: self.object, location: self.location, number: self.number, last };
        let bytes = self.key.open_bytes(place, &sealed).map_err(|_| broken())?;
        self.number = if last { u32::MAX } else { self.number + 1 };
        Ok(Some(bytes.into()))
    }
}

fn broken() -> Error {
    Error::Internal(anyhow::anyhow!("the content of a file does not open"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Keyring, MasterKey};
    use futures_util::TryStreamExt;

    fn key() -> Arc<DataKey> {
        let keyring = Keyring::new(MasterKey::parse(&MasterKey::generate().unwrap()).unwrap());
        let wrapped = keyring.master().new_data_key().unwrap();
        keyring.unwrap(&wrapped).unwrap()
    }

    fn seal(key: &Arc<DataKey>, object: ObjectId, location: Uuid, bytes: &[u8]) -> Vec<u8> {
        let mut sealer = Sealer::new(key.clone(), object, location);
        let mut sealed = Vec::new();
        for part in bytes.chunks(10_007) {
            sealed.extend(sealer.push(part).unwrap());
        }
        sealed.extend(sealer.finish().unwrap());
        sealed
    }

    async fn read(key: &Arc<DataKey>, object: ObjectId, location: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
        let parts: Vec<_> = sealed.chunks(7_001).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
        let opened = open(futures_util::stream::iter(parts), key.clone(), object, location);
        opened
            .try_fold(Vec::new(), async |mut all, bytes| {
                all.extend(bytes);
                Ok(all)
            })
            .await
    }

    #[tokio::test]
    async fn a_file_opens_as_it_was_sealed_whatever_its_length() {
        let (key, object, location) = (key(), ObjectId::new(), Uuid::now_v7());
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 200_000] {
            let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let sealed = seal(&key, object, location, &bytes);
            assert_eq!(read(&key, object, location, &sealed).await.unwrap(), bytes, "{length}");
        }
    }

    #[tokio::test]
    async fn pieces_that_are_altered_missing_swapped_cut_off_or_anothers_do_not_open() {
        let (key, object, location) = (key(), ObjectId::new(), Uuid::now_v7());
        let sealed = seal(&key, object, location, &vec![7; 3 * PIECE]);
        let pieces: Vec<&[u8]> = sealed.chunks(SEALED_PIECE).collect();
        assert_eq!(pieces.len(), 3);
        let mut altered = sealed.clone();
        altered[100_000] ^= 1;
        for (name, wrong) in [
            ("altered", altered),
            ("cut off between pieces", pieces[..2].concat()),
            ("cut off within one", sealed[..sealed.len() - 5].to_vec()),
            ("the first is missing", pieces[1..].concat()),
            ("swapped", [pieces[1], pieces[0], pieces[2]].concat()),
            ("gone", Vec::new()),
            ("doubled", [pieces[0], pieces[0], pieces[1], pieces[2]].concat()),
            ("something follows", [sealed.as_slice(), &[0; 40]].concat()),
        ] {
            assert!(read(&key, object, location, &wrong).await.is_err(), "{name}");
        }
        assert!(read(&key, ObjectId::new(), location, &sealed).await.is_err(), "of another row");
        assert!(read(&key, object, Uuid::now_v7(), &sealed).await.is_err(), "of another place");
        assert!(read(&self::key(), object, location, &sealed).await.is_err(), "by another key");
    }
}
