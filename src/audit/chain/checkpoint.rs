//! What is kept outside of the database: one signed line for each block, in a folder to which the hub only ever adds.
//! Without it, whoever cuts off the newest blocks and their rows would leave a chain that is whole.

use super::{block::Block, signer::Signer};
use anyhow::Context;
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub at: DateTime<Utc>,
    pub epoch: Uuid,
    pub position: i64,
    /// The block's, in base64.
    pub hash: String,
    pub key: Uuid,
    /// Over all of the above, in base64.
    pub signature: String,
}

impl Checkpoint {
    /// Of a block.
    pub fn of(block: &Block, signer: &Signer) -> Self {
        let mut checkpoint = Self {
            at: block.sealed_at,
            epoch: block.epoch,
            position: block.position,
            hash: BASE64_STANDARD.encode(&block.hash),
            key: signer.id(),
            signature: String::new(),
        };
        checkpoint.signature = BASE64_STANDARD.encode(signer.sign(&checkpoint.signed_bytes()));
        checkpoint
    }

    /// What the signature is over.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let Self { at, epoch, position, hash, key, .. } = self;
        format!("carehub audit checkpoint 1\n{}\n{epoch}\n{position}\n{hash}\n{key}", at.timestamp_micros())
            .into_bytes()
    }

    /// Whether it tells of this block.
    pub fn is_of(&self, block: &Block) -> bool {
        self.position == block.position && self.hash == BASE64_STANDARD.encode(&block.hash)
    }
}

/// Where they are kept, a file a day.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// At this path, made where it is missing.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("cannot make the folder of audit checkpoints, {}", path.display()))?;
        Ok(Self(path.to_owned()))
    }

    /// Adds a line, and sees it to the disk.
    pub fn append(&self, checkpoint: &Checkpoint) -> io::Result<()> {
        let path = self.0.join(format!("{}.jsonl", checkpoint.at.format("%Y-%m-%d")));
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        let mut line = serde_json::to_vec(checkpoint)?;
        line.push(b'\n');
        // One write, so that two nodes with one folder do not write into each other's lines.
        file.write_all(&line)?;
        file.sync_data()
    }
}

/// All checkpoints of a folder, and the lines that are none: `file:line`.
pub fn read(path: &Path) -> anyhow::Result<(Vec<Checkpoint>, Vec<String>)> {
    let folder =
        fs::read_dir(path).with_context(|| format!("cannot read the audit checkpoints in {}", path.display()))?;
    let mut files = folder.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let (mut checkpoints, mut unreadable) = (Vec::new(), Vec::new());
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            match serde_json::from_str(line) {
                Ok(checkpoint) => checkpoints.push(checkpoint),
                // The last one was being written when the hub or the machine ended; the next start noted it again.
                Err(_) if !line.ends_with('\n') => {}
                Err(_) => unreadable.push(format!("{}:{}", file.display(), number + 1)),
            }
        }
    }
    Ok((checkpoints, unreadable))
}
