//! What practices have set, in memory: mailboxes look at every message of a client and must not wait for the store. At
//! most as old as the last look of the watch; a practice that is not known yet has what the program brings along.

use super::{
    own::OwnPhrase,
    store::{self, Versioned},
};
use crate::{
    emergency::{
        phrases::{Detector, Finding},
        resources::{self, Resource, Resources},
    },
    error::Result,
    ids::PracticeId,
};
use dashmap::DashMap;
use diesel_async::AsyncPgConnection;

/// The detector and the resources of every practice.
pub struct Settings {
    built_in: Detector,
    detectors: DashMap<PracticeId, (i32, Detector)>,
    resources: DashMap<PracticeId, (i32, Resources)>,
}

impl Default for Settings {
    /// With what the program brings along.
    fn default() -> Self {
        Self { built_in: Detector::built_in(), detectors: DashMap::new(), resources: DashMap::new() }
    }
}

impl Settings {
    /// Looks whether a text tells of danger.
    pub fn look(&self, practice: PracticeId, text: &str) -> Option<Finding> {
        match self.detectors.get(&practice) {
            Some(own) => own.1.look(text),
            None => self.built_in.look(text),
        }
    }

    /// The crisis resources, in words for a client.
    pub fn notice(&self, practice: PracticeId, language: &str) -> String {
        match self.resources.get(&practice) {
            Some(own) => resources::notice(&own.1, language),
            None => resources::notice(&Resources::default(), language),
        }
    }

    /// The crisis resources themselves.
    pub fn named(&self, practice: PracticeId, language: &str) -> Vec<Resource> {
        match self.resources.get(&practice) {
            Some(own) => own.1.of(language),
            None => Resources::default().of(language),
        }
    }

    /// Reads what practices have set. What cannot be read stays as it was.
    ///
    /// # Errors
    /// When the store is away, or something in it is broken.
    pub async fn follow(&self, conn: &mut AsyncPgConnection) -> Result<()> {
        let (phrases, resources) = store::all(conn).await?;
        phrases.into_iter().for_each(|(practice, phrases)| self.take_phrases(practice, &phrases));
        resources.into_iter().for_each(|(practice, resources)| self.take_resources(practice, resources));
        Ok(())
    }

    /// Takes the phrases of a practice, unless newer ones are known.
    pub fn take_phrases(&self, practice: PracticeId, phrases: &Versioned<Vec<OwnPhrase>>) {
        if self.detectors.get(&practice).is_some_and(|known| known.0 >= phrases.version) {
            return;
        }
        let own: Vec<_> = phrases.value.iter().map(|phrase| (phrase.id.to_string(), phrase.words.clone())).collect();
        match Detector::with_own(phrases.version, &own) {
            Ok(detector) => drop(self.detectors.insert(practice, (phrases.version, detector))),
            // Checked before it was stored; the lists of the program go on, and those that were known.
            Err(_) => {
                tracing::error!(%practice, version = phrases.version, "a practice's crisis phrases cannot be used")
            }
        }
    }

    /// Takes the resources of a practice, unless newer ones are known.
    pub fn take_resources(&self, practice: PracticeId, resources: Versioned<Resources>) {
        if self.resources.get(&practice).is_none_or(|known| known.0 < resources.version) {
            self.resources.insert(practice, (resources.version, resources.value));
        }
    }
}
