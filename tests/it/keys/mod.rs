//! Master keys, data keys, signing keys: given, replaced while hubs run, refused.

mod given;
mod kms;
mod rotation;
mod signing;

use crate::support::{Database, hub::MASTER_KEY};
use carehub::crypto::MasterKey;
use secrecy::{ExposeSecret, SecretString};
use std::process::{Command, Stdio};

/// A master key of the test's own.
pub fn fresh_key() -> String {
    MasterKey::generate().unwrap().expose_secret().to_owned()
}

/// Its id.
pub fn id(key: &str) -> String {
    MasterKey::parse(&SecretString::from(key)).unwrap().id().to_owned()
}

/// `carehub` on this database, with these settings over those of the test hubs.
pub fn command(database: &Database, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carehub"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("DATABASE_URL", &database.url)
        .env("CAREHUB_MASTER_KEY", MASTER_KEY)
        .env("CAREHUB_PORT", "0")
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs it to its end: whether it succeeded, and what it said.
pub async fn carehub(database: &Database, arguments: &[&str], settings: &[(&str, &str)]) -> (bool, String) {
    let mut command = command(database, arguments, settings);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
    (output.status.success(), said)
}
