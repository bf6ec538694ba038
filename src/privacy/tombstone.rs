//! Erasures as they are kept outside of the database: one certificate a line, only ever added to. A backup that is
//! restored brings an erased client's key back; what stands here says that it is gone all the same. Holds ids, never
//! anything of a client.

use super::certificate::{Certificate, Statement};
use crate::ids::UserId;
use anyhow::{Context, bail};
use std::{
    collections::HashMap,
    fs::{self, DirBuilder, File},
    io::{Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

const FILE: &str = "erasures.jsonl";

/// The file. One a hub; several hubs may share a folder.
pub struct Tombstones {
    path: PathBuf,
    known: Mutex<HashMap<UserId, Certificate>>,
}

impl Tombstones {
    /// Reads the file in `folder`, and makes both where they are missing.
    ///
    /// # Errors
    /// When a line was damaged: better not to start than to forget an erasure.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE);
        let known = Self::prepare(folder, &path)
            .and_then(|()| read(&path))
            .with_context(|| format!("CAREHUB_TOMBSTONES: {}", path.display()))?;
        Ok(Self { path, known: Mutex::new(known) })
    }

    fn prepare(folder: &Path, path: &Path) -> anyhow::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        File::options().create(true).append(true).mode(0o600).open(path)?.sync_all()?;
        // The name of a new file is only safe once its folder is.
        Ok(File::open(folder)?.sync_all()?)
    }

    /// Everything that is known to be erased.
    pub fn all(&self) -> Vec<Certificate> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether this client is among them.
    pub fn contains(&self, client: UserId) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&client)
    }

    /// Writes one down; it is on the disk when this returns. Blocks.
    pub fn write(&self, client: UserId, certificate: &Certificate) -> anyhow::Result<()> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.contains_key(&client) {
            return Ok(());
        }
        let mut file = File::options().read(true).append(true).open(&self.path)?;
        let mut line = serde_json::to_string(certificate)?;
        line.push('\n');
        // A line that was cut off by a crash stays alone on its line.
        if !ends_with_newline(&mut file)? {
            line.insert(0, '\n');
        }
        file.write_all(line.as_bytes())?;
        file.sync_all()?;
        known.insert(client, certificate.clone());
        Ok(())
    }
}

fn ends_with_newline(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn read(path: &Path) -> anyhow::Result<HashMap<UserId, Certificate>> {
    let text = fs::read_to_string(path)?;
    let mut known = HashMap::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let certificate = match serde_json::from_str::<Certificate>(line) {
            Ok(certificate) => certificate,
            // It is written before the erasure is committed: what was cut off never happened.
            Err(error) if error.is_eof() => {
                tracing::warn!(line = number, "an erasure that was cut off while it was written is left out");
                continue;
            }
            Err(_) => bail!("line {number} is no certificate: restore the file from its copy"),
        };
        let Statement { client, .. } = certificate
            .verify()
            .with_context(|| format!("line {number} was changed: restore the file from its copy"))?;
        known.insert(client, certificate);
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crypto::MasterKey,
        ids::{ErasureId, PracticeId},
        privacy::certificate::Cause,
    };

    fn certificate(client: UserId) -> Certificate {
        let master = MasterKey::parse(&MasterKey::generate().unwrap()).unwrap();
        let statement = Statement {
            erasure: ErasureId::new(),
            practice: PracticeId::new(),
            client,
            cause: Cause::Request,
            erased_at: chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            data_keys: Vec::new(),
            master_keys: Vec::new(),
            threads: 0,
            entries: 0,
            method: Statement::method(),
        };
        Certificate::sign(&master, &statement).unwrap()
    }

    #[test]
    fn what_was_written_is_read_again_also_after_a_line_that_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("below/tombstones");
        let (first, second) = (UserId::new(), UserId::new());
        let tombstones = Tombstones::open(&place).unwrap();
        tombstones.write(first, &certificate(first)).unwrap();
        tombstones.write(first, &certificate(first)).unwrap();
        let path = place.join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 1, "once");
        fs::write(&path, format!("{text}{}", &text[..text.len() / 2])).unwrap();
        let tombstones = Tombstones::open(&place).unwrap();
        assert_eq!(tombstones.len(), 1);
        tombstones.write(second, &certificate(second)).unwrap();
        let tombstones = Tombstones::open(&place).unwrap();
        assert!(tombstones.contains(first) && tombstones.contains(second) && tombstones.len() == 2);
    }

    #[test]
    fn a_line_that_was_changed_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let client = UserId::new();
        Tombstones::open(folder.path()).unwrap().write(client, &certificate(client)).unwrap();
        let path = folder.path().join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        for changed in [text.replace(&client.to_string(), &UserId::new().to_string()), format!("{text}nonsense\n")] {
            fs::write(&path, changed).unwrap();
            let refused = format!("{:#}", Tombstones::open(folder.path()).err().expect("refused"));
            assert!(refused.contains("restore the file"), "{refused}");
        }
    }
}
