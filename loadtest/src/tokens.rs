//! The tokens file that `carehub seed` writes: who may talk in which thread. Owns its format.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::Path;
use uuid::Uuid;

/// One person who can sign in.
#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    pub id: Uuid,
    pub token: String,
    #[serde(skip)]
    pub role: Role,
}

/// What kind of user a person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    Client,
    /// Anyone of the practice.
    #[default]
    Staff,
}

/// One thread and everybody in it. Of a pair, the client comes first.
#[derive(Clone, Debug)]
pub struct Room {
    pub thread: Uuid,
    pub people: Vec<Person>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Pair { thread: Uuid, client: Person, clinician: Person },
    Group { thread: Uuid, participants: Vec<Person> },
}

/// Reads all rooms of a tokens file.
pub fn read(path: &Path) -> Result<Vec<Room>> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("cannot read {}; make it with `carehub seed --pairs N --tokens FILE`", path.display())
    })?;
    let mut rooms = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        rooms.push(room(line).with_context(|| format!("{} line {}", path.display(), number + 1))?);
    }
    if rooms.is_empty() {
        bail!("{} names no thread", path.display());
    }
    Ok(rooms)
}

fn room(line: &str) -> Result<Room> {
    Ok(match serde_json::from_str(line)? {
        Line::Pair { thread, mut client, clinician } => {
            client.role = Role::Client;
            Room { thread, people: vec![client, clinician] }
        }
        Line::Group { thread, participants } => Room { thread, people: participants },
    })
}

/// The first `count` pairs of a tokens file.
pub fn pairs(path: &Path, count: usize) -> Result<Vec<Room>> {
    let mut rooms = read(path)?;
    rooms.retain(|room| room.people.len() == 2);
    if rooms.len() < count {
        bail!("{} has {} pairs, {count} are asked for; seed more", path.display(), rooms.len());
    }
    rooms.truncate(count);
    Ok(rooms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_line_are_read() {
        let pair = room(r#"{"thread":"018f0000-0000-7000-8000-000000000001","client":{"id":"018f0000-0000-7000-8000-000000000002","token":"a"},"clinician":{"id":"018f0000-0000-7000-8000-000000000003","token":"b"}}"#).unwrap();
        assert_eq!((pair.people.len(), pair.people[0].role, pair.people[1].role), (2, Role::Client, Role::Staff));
        let group = room(r#"{"thread":"018f0000-0000-7000-8000-000000000001","participants":[{"id":"018f0000-0000-7000-8000-000000000002","token":"a"}]}"#).unwrap();
        assert_eq!(group.people.len(), 1);
        assert!(room(r#"{"thread":"x"}"#).is_err());
    }
}
