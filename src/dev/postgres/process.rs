//! How a program of PostgreSQL is started: as the right user, with an environment of our own, and tied to our life.

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::Signal;

use super::{account::Account, find::ServerBinaries};
use crate::dev::lifeline::end_with_us;

/// What every program of the server needs to know.
#[derive(Clone, Debug)]
pub struct Programs {
    pub binaries: ServerBinaries,
    pub account: Option<Account>,
}

impl Programs {
    /// A command that is sent `at_our_end` when the **thread** that spawns it ends: spawn from one that outlives it.
    pub fn command(&self, program: &str, working_folder: &Path, at_our_end: Signal) -> Command {
        let mut command = Command::new(self.binaries.folder.join(program));
        command
            .current_dir(working_folder)
            .env_clear()
            // English messages, which we read; no time zone but UTC.
            .envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", "C"), ("TZ", "UTC")])
            .stdin(Stdio::null());
        if let Ok(libraries) = std::env::join_paths(&self.binaries.libraries)
            && !libraries.is_empty()
        {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        if let Some(account) = &self.account {
            // The standard library also drops the supplementary groups.
            command.uid(account.uid).gid(account.gid);
        }
        end_with_us(&mut command, at_our_end);
        command
    }
}
