//! A history as a file: one JSON object a line, so that a failing run can be kept, looked at with
//! ordinary tools and judged again.

use super::{Dump, Event, Header, History};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum LineOut<'a> {
    Header(&'a Header),
    Event(&'a Event),
    Dump(&'a Dump),
    /// Closes the file: one that was cut off must not pass for whole.
    End {
        events: usize,
        dumps: usize,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum LineIn {
    Header(Header),
    Event(Event),
    Dump(Dump),
    End { events: usize, dumps: usize },
}

/// Writes a history.
pub fn write(path: &Path, history: &History) -> Result<()> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut out = BufWriter::new(file);
    let mut line = |line: LineOut<'_>| -> Result<()> {
        serde_json::to_writer(&mut out, &line)?;
        Ok(out.write_all(b"\n")?)
    };
    line(LineOut::Header(&history.header))?;
    history.events.iter().try_for_each(|event| line(LineOut::Event(event)))?;
    history.dumps.iter().try_for_each(|dump| line(LineOut::Dump(dump)))?;
    line(LineOut::End { events: history.events.len(), dumps: history.dumps.len() })?;
    Ok(out.flush()?)
}

/// Reads a history that was written whole.
pub fn read(path: &Path) -> Result<History> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut history = History::default();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = serde_json::from_str(&line?).with_context(|| format!("{} line {}", path.display(), number + 1))?;
        match line {
            LineIn::Header(header) => history.header = header,
            LineIn::Event(event) => history.events.push(event),
            LineIn::Dump(dump) => history.dumps.push(dump),
            LineIn::End { events, dumps } if (events, dumps) == (history.events.len(), history.dumps.len()) => {
                return Ok(history);
            }
            LineIn::End { .. } => break,
        }
    }
    bail!("{} is not whole", path.display())
}
