//! Processes as the kernel shows them: their children, signals, time and open files.

use rustix::process::{Pid, Signal, kill_process};
use std::{collections::HashSet, fs, time::Duration};

/// Sends a signal; the process must be there.
pub fn signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

fn stat(pid: i32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold anything but ends with the last bracket.
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

/// All processes below this one.
pub fn descendants(of: i32) -> Vec<i32> {
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let children = all.filter(|pid| stat(*pid).is_some_and(|stat| stat[1].parse() == Ok(of)));
    children.flat_map(|pid| std::iter::once(pid).chain(descendants(pid))).collect()
}

/// Processor time that a process has used.
pub fn cpu_time(pid: u32) -> Duration {
    let stat = stat(pid as i32).unwrap();
    let ticks: u64 = stat[11].parse::<u64>().unwrap() + stat[12].parse::<u64>().unwrap();
    // USER_HZ is 100 on every Linux there is.
    Duration::from_millis(ticks * 10)
}

/// Connections that a process has open on its own port, as open file descriptors.
pub fn open_connections(pid: u32, port: u16) -> usize {
    let links =
        fs::read_dir(format!("/proc/{pid}/fd")).unwrap().filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let open: HashSet<String> = links.map(|link| link.to_string_lossy().into_owned()).collect();
    let table = fs::read_to_string(format!("/proc/{pid}/net/tcp")).unwrap();
    let (ours, listens) = (format!(":{port:04X}"), "0A");
    let sockets = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let connections = sockets.filter(|fields| fields[1].ends_with(&ours) && fields[3] != listens);
    connections.filter(|fields| open.contains(&format!("socket:[{}]", fields[9]))).count()
}
