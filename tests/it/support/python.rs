//! Programs written in Python that tests use: each in an environment of its own below the build's folder, made once
//! with `pip` and kept for the next run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

static MAKING: Mutex<()> = Mutex::new(());

/// Where `program` of this package is, at this version.
pub fn program(package: &str, version: &str, program: &str) -> PathBuf {
    let _one = MAKING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{package}-{version}"));
    let made = folder.join("bin").join(program);
    if !made.exists() {
        // What an interrupted run left is of no use.
        let _ = fs::remove_dir_all(&folder);
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        let wanted = format!("{package}=={version}");
        run(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check", &wanted]));
    }
    made
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; ./scripts/test installs it"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
