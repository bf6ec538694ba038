//! Servers that others keep, run by node: installed once below the build's folder, each started for a test.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
};

static INSTALLED: LazyLock<PathBuf> = LazyLock::new(|| {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/channels");
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("channels");
    std::fs::create_dir_all(&into).unwrap();
    for file in ["package.json", "push-service.mjs", "twilio.mjs"] {
        std::fs::copy(from.join(file), into.join(file)).unwrap();
    }
    let npm = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
        .current_dir(&into)
        .output()
        .expect("npm");
    assert!(npm.status.success(), "npm: {}", String::from_utf8_lossy(&npm.stderr));
    into
});

/// A server that runs. Ends when dropped.
pub struct NodeServer {
    /// Where it listens.
    pub url: String,
    child: Child,
}

impl NodeServer {
    /// Starts a script of `tests/channels`, which first says where it listens.
    pub async fn start(script: &'static str) -> Self {
        let start = move || {
            let mut child = Command::new("node")
                .arg(script)
                .current_dir(&*INSTALLED)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("node");
            let mut said = BufReader::new(child.stdout.take().unwrap());
            let mut url = String::new();
            while !url.starts_with("http://") {
                url.clear();
                assert!(said.read_line(&mut url).unwrap() > 0, "{script} did not start");
            }
            // It goes on talking, and would end if nobody listened.
            std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
            Self { url: url.trim().to_owned(), child }
        };
        tokio::task::spawn_blocking(start).await.unwrap()
    }
}

impl Drop for NodeServer {
    fn drop(&mut self) {
        // Its own children end with its standard input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
