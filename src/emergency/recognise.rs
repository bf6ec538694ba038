//! Whether a message is an emergency: its sender says so, or the crisis phrases say so. Only what clients write is looked
//! at. And what the client is told at once, before anybody was called.

use super::{crisis::Settings, model::Cause, phrases::Finding};
use crate::{
    accounts::Role,
    ids::PracticeId,
    threads::model::{Kind, Priority},
};
use std::sync::Arc;

/// That a message is an emergency, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recognised {
    pub cause: Cause,
    /// The crisis phrase, where one was found.
    pub finding: Option<Finding>,
}

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

    /// Whether this message is an emergency.
    pub fn recognise(
        &self,
        practice: PracticeId,
        author: Role,
        kind: Kind,
        priority: Priority,
        body: &str,
    ) -> Option<Recognised> {
        if author != Role::Client || !matches!(kind, Kind::Message | Kind::Correction) {
            return None;
        }
        if priority == Priority::Emergency {
            return Some(Recognised { cause: Cause::Button, finding: None });
        }
        let finding = self.settings.look(practice, body)?;
        Some(Recognised { cause: Cause::Phrase, finding: Some(finding) })
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
        let recogniser = Recogniser::new(Arc::default());
        recogniser.recognise(PracticeId::new(), author, Kind::Message, priority, body).map(|found| found.cause)
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
