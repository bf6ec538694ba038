//! The hidden command that draws a page of a PDF: the file comes by standard input, the picture goes by standard output. It
//! reads no settings, opens no file and no connection, and takes no more memory and time than it allows itself.

use crate::{objects::MOST_BYTES, pdf::drawn};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::{
    io::{Read, Write},
    process::ExitCode,
};

/// What a file of the largest size, unpacked, can take.
const MEMORY: u64 = 1 << 30;
/// Of one core, in seconds.
const TIME: u64 = 15;

/// Draws it. Says nothing of what it reads.
pub fn run(page: usize) -> ExitCode {
    // Whoever waits for the picture takes any end but this one for: there is none.
    std::panic::set_hook(Box::new(|_| {}));
    match confine().and_then(|()| draw(page)) {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    }
}

fn confine() -> Option<()> {
    let limits = [
        (Resource::As, MEMORY),
        (Resource::Cpu, TIME),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nofile, 8),
    ];
    for (resource, most) in limits {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).ok()?;
    }
    Some(())
}

fn draw(page: usize) -> Option<()> {
    let mut file = Vec::new();
    std::io::stdin().lock().take(MOST_BYTES).read_to_end(&mut file).ok()?;
    let drawn = drawn::draw(file, page)?;
    let mut output = std::io::stdout().lock();
    output.write_all(&u32::try_from(drawn.pages).ok()?.to_be_bytes()).ok()?;
    output.write_all(&drawn.png).ok()?;
    output.flush().ok()
}
