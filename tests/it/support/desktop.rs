//! A desktop's notification service on a message bus of its own: what Chromium shows there can be read, and pressed as a
//! person would press it.

use super::{eventually, python};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

const JEEPNEY: &str = "0.9.0";

/// It runs until dropped.
pub struct Desktop {
    /// Where its bus is, as programs on the desktop are told by `DBUS_SESSION_BUS_ADDRESS`.
    pub bus: String,
    shown: Arc<Mutex<Vec<Value>>>,
    input: Option<ChildStdin>,
    child: Child,
}

impl Desktop {
    pub async fn start() -> Self {
        tokio::task::spawn_blocking(Self::spawn).await.unwrap()
    }

    fn spawn() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/channels/notifications.py");
        let mut child = Command::new(python::program("jeepney", JEEPNEY, "python"))
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let bus = lines.next().and_then(Result::ok).expect("dbus-daemon: ./scripts/test installs it");
        let shown = Arc::<Mutex<Vec<Value>>>::default();
        let into = shown.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                into.lock().unwrap().extend(serde_json::from_str::<Value>(&line));
            }
        });
        Self { bus, shown, input: child.stdin.take(), child }
    }

    /// The `n`th notification (the first is 1): `title`, `body`, `id`.
    pub async fn nth(&self, n: usize) -> Value {
        eventually("a notification", Duration::from_secs(20), async || self.shown.lock().unwrap().get(n - 1).cloned())
            .await
    }

    /// Presses one.
    pub fn press(&mut self, notification: &Value) {
        writeln!(self.input.as_mut().unwrap(), "press {}", notification["id"]).unwrap();
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // The bus ends with the service's standard input.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
