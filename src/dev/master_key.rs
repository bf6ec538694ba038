//! The demo's own master key, made once and kept in the data folder. It never replaces one that is there.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
};

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};

use super::folder::DataFolder;
use crate::crypto::MasterKey;

/// The key of the folder; a new one where there is none yet. Call it with the folder's lock held.
pub fn load_or_make(folder: &DataFolder) -> anyhow::Result<SecretString> {
    match load(folder)? {
        Some(key) => Ok(key),
        None => {
            make(folder).with_context(|| format!("cannot keep the master key in {}", folder.master_key().display()))
        }
    }
}

/// The key of the folder, where there is one.
pub fn load(folder: &DataFolder) -> anyhow::Result<Option<SecretString>> {
    let path = folder.master_key();
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read the master key in {}", path.display())),
    }
}

fn make(folder: &DataFolder) -> anyhow::Result<SecretString> {
    let key = MasterKey::generate()?;
    let path = folder.master_key();
    // Whole or not at all: what it seals could never be opened again with half of it.
    let draft = path.with_extension("key.new");
    let mut file = fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(file, "{}", key.expose_secret())?;
    file.sync_all()?;
    fs::rename(&draft, &path)?;
    fs::File::open(folder.path())?.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_stays() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::at(place.path()).unwrap();
        assert!(load(&folder).unwrap().is_none());
        let made = MasterKey::parse(&load_or_make(&folder).unwrap()).unwrap();
        let again = MasterKey::parse(&load_or_make(&folder).unwrap()).unwrap();
        assert_eq!(made.id(), again.id());
    }
}
