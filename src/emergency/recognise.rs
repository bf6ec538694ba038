//! Whether a message is an emergency: its sender says so, or the crisis phrases say so. Only what clients write is looked
//! at. And what the client is told at once, before anybody was called.

use super::{crisis::Settings, model::Cause};
use crate::{
    accounts::Role,
    ids::PracticeId,
    threads::model::{Kind, Priority},
};
use std::sync::Arc;

/// Recognises emergencies, by what each practice has set. Cheap to clone.
#[derive(Clone)]
pub struct Recogniser {
    settings: Arc<Settings>,
}

impl Recogniser {
    /// By these settings.
    pub fn new(settings: Arc<Settings>) -> Self {
        Self { settings }
    }

    /// Why this message is an emergency, if it is one.
    pub fn cause(
        &self,
        practice: PracticeId,
        author: Role,
        kind: Kind,
        priority: Priority,
        body: &str,
    ) -> Option<Cause> {
        if author != Role::Client || !matches!(kind, Kind::Message | Kind::Correction) {
            return None;
        }
        if priority == Priority::Emergency {
            return Some(Cause::Button);
        }
        self.settings.look(practice, body).map(|_| Cause::Phrase)
    }

    /// The crisis resources, in words for the client.
    pub fn resources(&self, practice: PracticeId, language: &str) -> String {
        self.settings.notice(practice, language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(author: Role, priority: Priority, body: &str) -> Option<Cause> {
        Recogniser::new(Arc::default()).cause(PracticeId::new(), author, Kind::Message, priority, body)
    }

    #[test]
    fn the_button_never_depends_on_words_and_words_need_no_button() {
        assert_eq!(cause(Role::Client, Priority::Emergency, "x"), Some(Cause::Button));
        assert_eq!(cause(Role::Client, Priority::Normal, "I want to kill myself"), Some(Cause::Phrase));
        assert_eq!(cause(Role::Client, Priority::Urgent, "Can we meet on Friday?"), None);
    }

    #[test]
    fn what_staff_write_raises_nothing() {
        assert_eq!(cause(Role::Clinician, Priority::Emergency, "I want to kill myself"), None);
    }
}
