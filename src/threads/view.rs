//! What the audit log keeps of a reading: which entries, which threads. Never a word of them.

use super::model::{Entry, Summary};
use serde_json::{Value, json};

/// Of a page of entries.
pub fn of_page(entries: &[Entry]) -> Value {
    let seq = |entry: Option<&Entry>| entry.map(|entry| entry.seq);
    json!({"entries": entries.len(), "from": seq(entries.first()), "to": seq(entries.last())})
}

/// Of a list of threads.
pub fn of_list(threads: &[Summary]) -> Value {
    json!({"threads": threads.iter().map(|thread| thread.id).collect::<Vec<_>>()})
}
