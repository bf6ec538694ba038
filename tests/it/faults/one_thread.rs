//! One thread of a process, stopped or ended for real while all others go on: by the interface of debuggers.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
};

/// Stopped for as long as this lives.
pub struct Frozen(Child);

impl Drop for Frozen {
    fn drop(&mut self) {
        // It lets go when its input ends.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// The threads of this name.
pub fn threads(pid: u32, name: &str) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    let named =
        tasks.filter(|task| fs::read_to_string(task.path().join("comm")).is_ok_and(|found| found.trim_end() == name));
    named.filter_map(|task| task.file_name().to_str()?.parse().ok()).collect()
}

/// Stops the one thread of this name. None where this machine lets nobody do that.
pub fn freeze(pid: u32, name: &str) -> Option<Frozen> {
    act("freeze", only(pid, name)).map(Frozen)
}

/// Ends it: it is gone, and nothing in the process was told. None where this machine lets nobody do that.
pub fn end(pid: u32, name: &str) -> Option<()> {
    act("end", only(pid, name))?.wait().unwrap();
    assert!(threads(pid, name).is_empty(), "{name} lives on");
    Some(())
}

fn only(pid: u32, name: &str) -> u32 {
    let found = threads(pid, name);
    assert_eq!(found.len(), 1, "threads named {name}");
    found[0]
}

fn act(what: &str, thread: u32) -> Option<Child> {
    if what == "end" && !cfg!(target_arch = "x86_64") {
        return None;
    }
    for _ in 0..50 {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/thread.py");
        let mut child = Command::new("python3")
            .args([script, what, &thread.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        if said == "done\n" {
            return Some(child);
        }
        let mut error = String::new();
        child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        child.wait().unwrap();
        match error.trim_end() {
            "busy" => {}
            "ptrace: Operation not permitted" => return None,
            other => panic!("{other}"),
        }
    }
    panic!("the thread never waits");
}
