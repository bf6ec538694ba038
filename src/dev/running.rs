//! What a running demo says about itself, so that `seed`, `user` and the others find its database and its page.
//!
//! A file left by a demo that died is never believed: the folder's lock decides.

use std::{fs, io, io::Write, os::unix::fs::OpenOptionsExt, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::folder::DataFolder;

/// A demo that runs now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunningDemo {
    pub pid: u32,
    pub database_url: String,
    pub page_url: String,
}

/// The announcement of this process; it goes away when this is dropped.
#[derive(Debug)]
pub struct Announcement {
    path: PathBuf,
}

impl RunningDemo {
    /// Writes the announcement, readable for its owner alone, whole or not at all.
    pub fn announce(&self, folder: &DataFolder) -> io::Result<Announcement> {
        let path = folder.running();
        let draft = path.with_extension("json.new");
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = fs::File::options().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        fs::rename(&draft, &path)?;
        Ok(Announcement { path })
    }

    /// The demo that runs on `folder` now, if one does.
    pub fn find(folder: &DataFolder) -> io::Result<Option<Self>> {
        let Some(holder) = folder.holder()? else {
            return Ok(None);
        };
        match fs::read(folder.running()) {
            Ok(bytes) => Ok(serde_json::from_slice::<Self>(&bytes).ok().filter(|demo| demo.pid.to_string() == holder)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // One that stays behind is recognised as stale, so a failure here harms nobody.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_demo_is_found_while_it_runs_and_not_after() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::at(place.path()).unwrap();
        let demo = RunningDemo {
            pid: std::process::id(),
            database_url: "host=/socket user=carehub dbname=carehub".into(),
            page_url: "http://127.0.0.1:8080/".into(),
        };

        let lock = folder.lock().unwrap();
        let announcement = demo.announce(&folder).unwrap();
        assert_eq!(RunningDemo::find(&folder).unwrap(), Some(demo.clone()));
        let mode = fs::metadata(folder.running()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        drop(announcement);
        assert_eq!(RunningDemo::find(&folder).unwrap(), None);

        let killed = demo.announce(&folder).unwrap();
        drop(lock);
        assert_eq!(RunningDemo::find(&folder).unwrap(), None, "stale: nobody holds the folder");
        drop(killed);
    }

    #[test]
    fn the_announcement_of_another_process_is_not_taken_for_the_holders() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::at(place.path()).unwrap();
        let _lock = folder.lock().unwrap();
        let old = RunningDemo { pid: 1, database_url: String::new(), page_url: String::new() };
        let _announcement = old.announce(&folder).unwrap();
        assert_eq!(RunningDemo::find(&folder).unwrap(), None);
    }
}
