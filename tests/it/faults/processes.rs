//! Processes as the kernel shows them: their children, signals, time and open files.

use rustix::process::{Pid, Signal, kill_process};
use std::{fs, time::Duration};

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

/// Files and sockets that a process has open.
pub fn open_files(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}
