//! Backups as an operator makes them: `pg_dump` and `pg_restore`.

use super::Database;
use carehub::dev::postgres::find_servers;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn program(name: &str) -> PathBuf {
    let chosen = std::env::var_os("CAREHUB_PG_BIN").map(PathBuf::from);
    let servers = find_servers(chosen.as_deref(), Path::new("/nowhere")).unwrap();
    servers.first().expect("PostgreSQL's programs").folder.join(name)
}

fn run(name: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program(name)).args(arguments).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

impl Database {
    /// Everything in it as SQL.
    pub fn dump(&self) -> String {
        String::from_utf8(run("pg_dump", &["--dbname", &self.url]).stdout).unwrap()
    }

    /// Writes a backup.
    pub fn back_up(&self, file: &Path) {
        run("pg_dump", &["--format", "custom", "--file", file.to_str().unwrap(), "--dbname", &self.url]);
    }

    /// Brings a backup back, into this empty database.
    pub fn restore(&self, file: &Path) {
        run("pg_restore", &["--exit-on-error", "--dbname", &self.url, file.to_str().unwrap()]);
    }
}
