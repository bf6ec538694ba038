//! Unwrapped data keys, kept while they are in use so that an entry costs one cipher operation and no unwrapping.

use super::{
    data_key::{DataKey, Unsealable, WrappedKey},
    master::MasterKey,
};
use crate::ids::DataKeyId;
use dashmap::DashMap;
use std::sync::{Arc, Weak};

/// Past this many remembered keys, those that nobody holds are forgotten.
const SWEEP_ABOVE: usize = 16_384;

/// The master key and the data keys that somebody holds at the moment.
#[derive(Debug)]
pub struct Keyring {
    master: MasterKey,
    held: DashMap<DataKeyId, Weak<DataKey>>,
}

impl Keyring {
    /// A keyring with nothing unwrapped.
    pub fn new(master: MasterKey) -> Self {
        Self { master, held: DashMap::new() }
    }

    /// The master key.
    pub fn master(&self) -> &MasterKey {
        &self.master
    }

    /// The unwrapped key; the same one for everybody who holds it.
    pub fn unwrap(&self, wrapped: &WrappedKey) -> Result<Arc<DataKey>, Unsealable> {
        if let Some(key) = self.held.get(&wrapped.id).and_then(|held| held.upgrade()) {
            return Ok(key);
        }
        let key = Arc::new(self.master.unwrap(wrapped)?);
        if self.held.len() > SWEEP_ABOVE {
            self.held.retain(|_, held| held.strong_count() > 0);
        }
        self.held.insert(wrapped.id, Arc::downgrade(&key));
        Ok(key)
    }
}
