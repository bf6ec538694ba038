//! Unwrapped data keys, kept while they are in use so that an entry costs one cipher operation and no unwrapping. Keys
//! that were destroyed are taken from everybody who holds them.

use super::{
    data_key::{DataKey, Unsealable, WrappedKey},
    master::MasterKey,
};
use crate::ids::DataKeyId;
use dashmap::DashMap;
use std::sync::{Arc, PoisonError, RwLock, Weak};

/// Past this many remembered keys, those that nobody holds are forgotten.
const SWEEP_ABOVE: usize = 16_384;

/// The master keys of an installation: one wraps, the others only unwrap what was wrapped before (or will be, soon).
#[derive(Clone, Debug)]
pub struct MasterKeys {
    current: Arc<MasterKey>,
    others: Vec<Arc<MasterKey>>,
}

impl MasterKeys {
    /// With `current` for wrapping.
    pub fn new(current: MasterKey, others: impl IntoIterator<Item = MasterKey>) -> Self {
        Self { current: Arc::new(current), others: others.into_iter().map(Arc::new).collect() }
    }

    /// The one that wraps.
    pub fn current(&self) -> &Arc<MasterKey> {
        &self.current
    }

    /// All of them, the one that wraps first.
    pub fn all(&self) -> impl Iterator<Item = &Arc<MasterKey>> {
        std::iter::once(&self.current).chain(&self.others)
    }

    /// The one with this id.
    pub fn find(&self, id: &str) -> Option<&Arc<MasterKey>> {
        self.all().find(|master| master.id() == id)
    }

    /// The data key that one of them wrapped.
    pub fn unwrap(&self, wrapped: &WrappedKey) -> Result<DataKey, Unsealable> {
        self.all().find_map(|master| master.unwrap(wrapped).ok()).ok_or(Unsealable)
    }
}

impl From<MasterKey> for MasterKeys {
    fn from(current: MasterKey) -> Self {
        Self::new(current, [])
    }
}

/// The master keys and the data keys that somebody holds at the moment.
#[derive(Debug)]
pub struct Keyring {
    masters: RwLock<MasterKeys>,
    held: DashMap<DataKeyId, Weak<DataKey>>,
}

impl Keyring {
    /// A keyring with nothing unwrapped.
    pub fn new(masters: impl Into<MasterKeys>) -> Self {
        Self { masters: RwLock::new(masters.into()), held: DashMap::new() }
    }

    /// The master key that wraps new data keys.
    pub fn master(&self) -> Arc<MasterKey> {
        self.masters.read().unwrap_or_else(PoisonError::into_inner).current.clone()
    }

    /// All master keys.
    pub fn masters(&self) -> MasterKeys {
        self.masters.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes on with other master keys. What is unwrapped stays so.
    pub fn replace_masters(&self, masters: MasterKeys) {
        *self.masters.write().unwrap_or_else(PoisonError::into_inner) = masters;
    }

    /// The unwrapped key; the same one for everybody who holds it.
    pub fn unwrap(&self, wrapped: &WrappedKey) -> Result<Arc<DataKey>, Unsealable> {
        if let Some(key) = self.held.get(&wrapped.id).and_then(|held| held.upgrade()) {
            return Ok(key);
        }
        let key = Arc::new(self.masters.read().unwrap_or_else(PoisonError::into_inner).unwrap(wrapped)?);
        if self.held.len() > SWEEP_ABOVE {
            self.held.retain(|_, held| held.strong_count() > 0);
        }
        self.held.insert(wrapped.id, Arc::downgrade(&key));
        Ok(key)
    }

    /// The keys that somebody holds.
    pub fn held(&self) -> Vec<DataKeyId> {
        self.held.iter().filter(|held| held.strong_count() > 0).map(|held| *held.key()).collect()
    }

    /// Takes a destroyed key from everybody who holds it.
    pub fn destroy(&self, id: DataKeyId) {
        if let Some(key) = self.held.remove(&id).and_then(|(_, held)| held.upgrade()) {
            key.destroy();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{crypto::Place, ids::ThreadId};

    fn master() -> MasterKey {
        MasterKey::parse(&MasterKey::generate().unwrap()).unwrap()
    }

    #[test]
    fn what_any_of_the_master_keys_wrapped_is_unwrapped() {
        let (old, new) = (master(), master());
        let (before, after) = (old.new_data_key().unwrap(), new.new_data_key().unwrap());
        let keyring = Keyring::new(old);
        assert!(keyring.unwrap(&before).is_ok() && keyring.unwrap(&after).is_err());
        let old = keyring.masters().current().clone();
        keyring.replace_masters(MasterKeys { current: Arc::new(new), others: vec![old] });
        assert!(keyring.unwrap(&before).is_ok() && keyring.unwrap(&after).is_ok());
    }

    #[test]
    fn a_destroyed_key_is_of_no_use_to_those_who_hold_it() {
        let keyring = Keyring::new(master());
        let wrapped = keyring.master().new_data_key().unwrap();
        let held = keyring.unwrap(&wrapped).unwrap();
        let place = Place::Subject { thread: ThreadId::new() };
        let sealed = held.seal(place, "words").unwrap();
        assert_eq!(keyring.held(), [wrapped.id]);
        keyring.destroy(wrapped.id);
        assert!(held.open(place, &sealed).is_err() && held.seal(place, "more").is_err());
        assert!(keyring.held().is_empty());
        let gone = WrappedKey { id: wrapped.id, wrapped: Vec::new() };
        assert!(keyring.unwrap(&gone).is_err());
    }
}
