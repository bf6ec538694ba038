//! PostgreSQL's log: written to a file that stays bounded, with its end kept in memory for error messages.
//!
//! PostgreSQL writes into a pipe that is always emptied, so a full disk stops the log and never the server, and the
//! server's last words are known even when they could not be written.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// One file of the log; there is one older beside it.
const FILE_LIMIT: u64 = 4 << 20;
/// What is kept for an error message.
const RECENT_LIMIT: usize = 4 << 10;
/// How long the end of the log is waited for after the server ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The log of one run of the server.
#[derive(Debug)]
pub struct ServerLog {
    recent: Arc<Mutex<VecDeque<u8>>>,
    writer: JoinHandle<()>,
}

impl ServerLog {
    /// Empties `pipe` into the file at `path` until its last writer is gone.
    pub fn follow(mut pipe: impl Read + Send + 'static, path: PathBuf) -> std::io::Result<Self> {
        let recent = Arc::new(Mutex::new(VecDeque::with_capacity(RECENT_LIMIT)));
        let shared = Arc::clone(&recent);
        let writer = thread::Builder::new().name("postgres-log".into()).spawn(move || {
            let mut file = BoundedFile::open(path);
            let mut buffer = [0; 8 << 10];
            while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                let text = &buffer[..length];
                file.append(text);
                keep_recent(&mut shared.lock().unwrap_or_else(PoisonError::into_inner), text);
            }
        })?;
        Ok(Self { recent, writer })
    }

    /// The end of the log of a server that has ended.
    pub fn last_words(&self) -> String {
        let patience = Instant::now() + LAST_WORDS;
        while !self.writer.is_finished() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(5));
        }
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(recent.make_contiguous()).trim_end().to_owned()
    }
}

fn keep_recent(recent: &mut VecDeque<u8>, text: &[u8]) {
    recent.extend(text);
    let surplus = recent.len().saturating_sub(RECENT_LIMIT);
    recent.drain(..surplus);
}

/// A file that is moved aside when it has grown to its limit. What cannot be written is dropped.
struct BoundedFile {
    path: PathBuf,
    file: Option<File>,
    length: u64,
}

impl BoundedFile {
    fn open(path: PathBuf) -> Self {
        let file = File::options().append(true).create(true).mode(0o600).open(&path).ok();
        let length = file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |data| data.len());
        Self { path, file, length }
    }

    fn append(&mut self, text: &[u8]) {
        if self.length + text.len() as u64 > FILE_LIMIT {
            self.file = None;
            let _ = fs::rename(&self.path, older(&self.path));
            *self = Self::open(std::mem::take(&mut self.path));
        }
        if let Some(file) = &mut self.file
            && file.write_all(text).is_ok()
        {
            self.length += text.len() as u64;
        }
    }
}

fn older(path: &Path) -> PathBuf {
    path.with_extension("log.1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_stays_bounded_and_its_end_is_known() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("postgres.log");
        let text: Vec<u8> = (0..3 * FILE_LIMIT).map(|i| b'a' + (i % 26) as u8).chain(*b"the end\n").collect();
        let log = ServerLog::follow(std::io::Cursor::new(text), path.clone()).unwrap();
        assert!(log.last_words().ends_with("the end"));
        assert!(log.last_words().len() <= RECENT_LIMIT);
        for file in [&path, &older(&path)] {
            let length = fs::metadata(file).unwrap().len();
            assert!((1..=FILE_LIMIT).contains(&length), "{} has {length}", file.display());
        }
    }

    #[test]
    fn a_log_that_cannot_be_written_still_has_last_words() {
        let nowhere = PathBuf::from("/nonexistent/postgres.log");
        let log = ServerLog::follow(std::io::Cursor::new(*b"FATAL: no\n"), nowhere).unwrap();
        assert_eq!(log.last_words(), "FATAL: no");
    }
}
