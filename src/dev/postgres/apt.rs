//! Debian's package tools: installing PostgreSQL for the system, or unpacking it into a folder of our own.
//!
//! Failures are the last lines of what the tools said; the caller adds what to do about it.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// The same steps that a person would run by hand.
const INSTALL: &str = include_str!("../../../scripts/install-packages");

/// Installs `package` for the whole system; `shell` is a shell that runs as root.
pub fn install(mut shell: Command, package: &str) -> Result<(), String> {
    run("installing with apt-get", shell.args(["-c", INSTALL, "install-packages", package])).map(drop)
}

/// Unpacks `package` and the libraries it lacks into `target`, whole or not at all. Needs no rights.
pub fn fetch(package: &str, target: &Path) -> Result<(), String> {
    let draft = target.with_extension("new");
    let fetched = remove(&draft).and_then(|()| fetch_into(package, &draft));
    if fetched.is_ok() {
        remove(target)?;
        fs::rename(&draft, target).map_err(|error| format!("{}: {error}", target.display()))?;
    }
    // Half of a download is of no use to anybody, and it holds nothing of the user's.
    remove(&draft)?;
    fetched
}

fn fetch_into(package: &str, draft: &Path) -> Result<(), String> {
    let apt = draft.join("apt");
    let packages = apt.join("packages");
    for folder in [&packages, &apt.join("lists/partial"), &apt.join("cache/archives/partial")] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .current_dir(&packages)
            .args(["-q", "-o", "Debug::NoLocking=true", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=2"])
            .arg("-o")
            .arg(format!("Dir::State::Lists={}", apt.join("lists").display()))
            .arg("-o")
            .arg(format!("Dir::Cache={}", apt.join("cache").display()))
            .args(arguments);
        run("apt-get", &mut command)
    };
    // Our own lists: the system's may be missing or too old, and we may not write them.
    apt_get(&["update"])?;
    let plan = apt_get(&["--simulate", "--no-install-recommends", "install", package])?;
    let wanted = wanted_packages(&plan);
    if wanted.is_empty() {
        return Err(format!("apt-get names nothing to fetch for {package}"));
    }
    let mut download = vec!["download"];
    download.extend(wanted);
    apt_get(&download)?;
    for entry in fs::read_dir(&packages).map_err(|error| error.to_string())? {
        let archive = entry.map_err(|error| error.to_string())?.path();
        run("dpkg", Command::new("dpkg").arg("-x").arg(&archive).arg(draft))?;
    }
    remove(&apt)
}

/// Of the packages that an installation would bring: the server, its clients, and the libraries that they load.
/// Left out are the compiler for queries, which is large and stays off, and what only Debian's own scripts need.
fn wanted_packages(plan: &str) -> Vec<&str> {
    let versioned = |name: &str, before: &str| {
        name.strip_prefix(before).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let library = |name: &str| {
        let needless = ["libllvm", "libz3", "libedit"].iter().any(|start| name.starts_with(start));
        name.starts_with("lib") && !name.ends_with("-perl") && !needless
    };
    plan.lines()
        .filter_map(|line| line.strip_prefix("Inst ")?.split_whitespace().next())
        .filter(|name| versioned(name, "postgresql-") || versioned(name, "postgresql-client-") || library(name))
        .collect()
}

fn remove(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("{}: {error}", folder.display())),
        _ => Ok(()),
    }
}

/// What the command printed, or the end of its complaint.
fn run(what: &str, command: &mut Command) -> Result<String, String> {
    let output =
        command.stdin(Stdio::null()).env("LC_ALL", "C").output().map_err(|error| format!("{what}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = complaint.lines().filter(|line| !line.trim().is_empty()).collect();
    let end = lines[lines.len().saturating_sub(4)..].join("\n");
    Err(format!("{what} failed ({}):\n{end}", output.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_loads_is_fetched() {
        let plan = "NOTE: This is only a simulation!\n\
            Inst libjson-perl (4.10000-1 Debian:12.11/oldstable [all])\n\
            Inst postgresql-client-common (248 Debian:12.11/oldstable [all])\n\
            Inst libpq5 (15.14-0+deb12u1 Debian [amd64])\n\
            Inst postgresql-client-15 (15.14-0+deb12u1 Debian [amd64])\n\
            Inst libllvm14 (1:14.0.6-12 Debian [amd64]) []\n\
            Inst postgresql-15 (15.14-0+deb12u1 Debian [amd64])\n\
            Inst postgresql (15+248 Debian [all])\n\
            Conf libpq5 (15.14-0+deb12u1 Debian [amd64])\n";
        assert_eq!(wanted_packages(plan), ["libpq5", "postgresql-client-15", "postgresql-15"]);
    }

    #[test]
    fn a_failure_carries_the_end_of_what_was_said() {
        let error = run("sh", Command::new("sh").args(["-c", "echo one >&2; echo two >&2; exit 3"])).unwrap_err();
        assert!(error.contains("two") && error.contains('3'), "{error}");
    }
}
