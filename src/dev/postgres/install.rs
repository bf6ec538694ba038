//! Getting a PostgreSQL server where there is none: says what it will do, then does it, else says what to install.
//!
//! It changes the system only by its package manager, and only as root or where `sudo` asks nobody for a password.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use super::{apt, error::ClusterError};

const ADVICE: &str = "Install it and start again:
  Debian, Ubuntu   apt-get install postgresql
  Fedora           dnf install postgresql-server
  macOS            brew install postgresql@17
Where it lies in a folder of its own, set CAREHUB_PG_BIN to the folder of `postgres` and `initdb`. To use a server that
runs already, set DATABASE_URL and start `carehub serve`.";

/// The ways to a server that this machine and these rights allow.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// The system's package, installed as root.
    AsRoot,
    /// The same through a `sudo` that needs no password.
    BySudo,
    /// The same package, unpacked into the data folder: nothing of the system changes.
    Privately,
}

/// Gets a server: `needed` is the major version that an existing cluster asks for.
pub fn install(needed: Option<u32>, private: &Path, notice: fn(&str)) -> Result<(), ClusterError> {
    let package = needed.map_or_else(|| "postgresql".to_owned(), |major| format!("postgresql-{major}"));
    let Some(way) = choose(succeeds("apt-get", "--version"), rustix::process::geteuid().is_root(), || {
        succeeds("sudo", "--non-interactive true")
    }) else {
        return Err(not_installed("this machine has no apt-get, the only package manager that carehub can drive"));
    };
    let result = match way {
        Way::AsRoot => {
            notice(&format!(
                "PostgreSQL is not installed. Installing the package {package} with apt-get; this takes a moment ..."
            ));
            apt::install(Command::new("sh"), &package)
        }
        Way::BySudo => {
            notice(&format!(
                "PostgreSQL is not installed. Installing the package {package} with sudo apt-get; this takes a moment ..."
            ));
            let mut sudo = Command::new("sudo");
            sudo.args(["--non-interactive", "sh"]);
            apt::install(sudo, &package)
        }
        Way::Privately => {
            notice(&format!(
                "PostgreSQL is not installed. Fetching the package {package} for carehub alone, into {}; this takes a moment ...",
                private.display()
            ));
            apt::fetch(&package, private)
        }
    };
    result.map_err(|reason| not_installed(&reason))
}

/// What to say when there is no server and none could be had.
pub fn not_installed(reason: &str) -> ClusterError {
    ClusterError::NotInstalled { reason: reason.to_owned(), advice: ADVICE.to_owned() }
}

fn choose(apt: bool, root: bool, sudo: impl FnOnce() -> bool) -> Option<Way> {
    match (apt, root) {
        (false, _) => None,
        (true, true) => Some(Way::AsRoot),
        (true, false) if sudo() => Some(Way::BySudo),
        (true, false) => Some(Way::Privately),
    }
}

fn succeeds(program: &str, arguments: &str) -> bool {
    Command::new(program)
        .args(arguments.split_whitespace())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_follows_the_rights() {
        assert_eq!(choose(true, true, || false), Some(Way::AsRoot));
        assert_eq!(choose(true, false, || true), Some(Way::BySudo));
        assert_eq!(choose(true, false, || false), Some(Way::Privately));
        assert_eq!(choose(false, true, || true), None);
    }

    #[test]
    fn the_last_resort_names_what_to_install() {
        let text = not_installed("the network is away").to_string();
        assert!(text.contains("the network is away") && text.contains("apt-get install postgresql"));
    }
}
