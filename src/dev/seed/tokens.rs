//! Access tokens that last a working day, and the file that lists them: a JSON line for each thread.
//!
//! Whoever has the file is all of these people for a day, so only its owner may read it.

use std::{
    fs,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::ids::{ThreadId, UserId};

/// How long the tokens and their sign-in sessions are good.
pub const LIFETIME: TimeDelta = TimeDelta::hours(12);

/// Somebody who may connect.
pub struct Holder {
    pub id: UserId,
    pub token: SecretString,
}

/// One line of the file.
pub enum Line {
    Pair { thread: ThreadId, client: Holder, clinician: Holder },
    Group { thread: ThreadId, participants: Vec<Holder> },
}

#[derive(Serialize)]
struct HolderJson<'a> {
    id: UserId,
    token: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum LineJson<'a> {
    Pair { thread: ThreadId, client: HolderJson<'a>, clinician: HolderJson<'a> },
    Group { thread: ThreadId, participants: Vec<HolderJson<'a>> },
}

impl<'a> From<&'a Holder> for HolderJson<'a> {
    fn from(holder: &'a Holder) -> Self {
        Self { id: holder.id, token: holder.token.expose_secret() }
    }
}

impl<'a> From<&'a Line> for LineJson<'a> {
    fn from(line: &'a Line) -> Self {
        match line {
            Line::Pair { thread, client, clinician } => {
                Self::Pair { thread: *thread, client: client.into(), clinician: clinician.into() }
            }
            Line::Group { thread, participants } => {
                Self::Group { thread: *thread, participants: participants.iter().map(Into::into).collect() }
            }
        }
    }
}

/// A tokens file on its way: opened before the seeding, so that a path that cannot be written costs nothing, and put in
/// place after it.
pub struct TokensFile {
    path: PathBuf,
    draft: PathBuf,
    writer: BufWriter<fs::File>,
}

impl TokensFile {
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut draft = path.as_os_str().to_owned();
        draft.push(".new");
        let draft = PathBuf::from(draft);
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = fs::File::options().write(true).create_new(true).mode(0o600).open(&draft)?;
        Ok(Self { path: path.to_owned(), draft, writer: BufWriter::new(file) })
    }

    /// Writes the lines; the file does not have its name yet.
    pub fn write(&mut self, lines: &[Line]) -> io::Result<()> {
        for line in lines {
            serde_json::to_writer(&mut self.writer, &LineJson::from(line))?;
            self.writer.write_all(b"\n")?;
        }
        self.writer.flush()
    }

    /// Gives the file its name.
    pub fn publish(self) -> io::Result<()> {
        fs::rename(&self.draft, &self.path)
    }
}

impl Drop for TokensFile {
    fn drop(&mut self) {
        // There is nothing left to remove once it was published.
        let _ = fs::remove_file(&self.draft);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_line_for_each_thread_readable_by_its_owner_alone() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("tokens.jsonl");
        let holder = |token: &str| Holder { id: UserId::new(), token: token.into() };
        let lines = [
            Line::Pair { thread: ThreadId::new(), client: holder("one"), clinician: holder("two") },
            Line::Group { thread: ThreadId::new(), participants: vec![holder("three"), holder("four")] },
        ];
        let mut file = TokensFile::create(&path).unwrap();
        file.write(&lines).unwrap();
        assert!(!path.exists(), "not before the people exist");
        file.publish().unwrap();

        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&path).unwrap();
        let read: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read[0]["clinician"]["token"], "two");
        assert_eq!(read[1]["participants"][1]["token"], "four");
    }
}
