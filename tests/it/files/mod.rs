//! Files that people hand in: what is kept of them, where, and who gets them.

mod attachments;
mod content;
mod documents;
mod links;
mod memory;
pub mod names;
pub mod preview;
mod scanner;
mod signing;
mod store;

use crate::support::practice::{Caller, Practice};
use carehub::accounts::Role;

/// The smallest file that is taken for a PDF, with these words in it.
pub fn pdf(words: &str) -> Vec<u8> {
    format!("%PDF-1.7\n% {words}\n%%EOF\n").into_bytes()
}

/// A client, and a clinician who cares for them.
pub async fn pair(practice: &Practice) -> (Caller, Caller) {
    let (ada, maya) = (practice.person("Ada", Role::Client).await, practice.person("Maya", Role::Clinician).await);
    practice.cares(&maya, &ada).await;
    (ada, maya)
}

/// All bytes that lie in the folder of files of a hub, sealed or not.
pub fn kept(practice: &Practice) -> Vec<Vec<u8>> {
    fn read(folder: &std::path::Path, found: &mut Vec<Vec<u8>>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => read(&path, found),
                path => found.extend(std::fs::read(path)),
            }
        }
    }
    let mut found = Vec::new();
    read(&practice.hub.outside.path().join("objects"), &mut found);
    found
}
