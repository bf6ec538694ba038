//! Ties a program that we start to our own life.

use rustix::process::Signal;
use std::{os::unix::process::CommandExt, process::Command};

/// Has the program sent this signal when the **thread** that spawns it ends: spawn from one that outlives it.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub fn end_with_us(command: &mut Command, signal: Signal) {
    let us = rustix::process::getpid();
    let before_exec = move || {
        rustix::process::set_parent_process_death_signal(Some(signal))?;
        // We may have died between the fork and the line above, and then no signal comes.
        if rustix::process::getppid() != Some(us) {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        Ok(())
    };
    // SAFETY: the closure makes two system calls, allocates nothing and takes no lock, as the child of a process with
    // several threads must.
    unsafe {
        command.pre_exec(before_exec);
    }
}

/// Nothing.
#[cfg(not(target_os = "linux"))]
pub fn end_with_us(_command: &mut Command, _signal: Signal) {
    // Only Linux can tie a child to its parent; elsewhere what was left behind is recognised at the next start.
}
