//! The result of a run: a table for people, JSON for programs. Owns both shapes.

use super::Percentiles;
use super::process::Used;
use anyhow::{Context, Result};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Everything a command has found out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub scenario: String,
    pub seed: u64,
    pub rows: Vec<Row>,
    /// What was wrong. Empty means passed.
    pub failures: Vec<String>,
    /// Whether the history was checked, and over how many events.
    pub checked_events: Option<usize>,
}

/// One line of the table.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    pub name: String,
    /// Named figures, in the order of their names.
    pub figures: BTreeMap<&'static str, f64>,
    /// Named latencies in milliseconds.
    pub latencies: BTreeMap<&'static str, Percentiles>,
}

impl Row {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    pub fn figure(mut self, name: &'static str, value: f64) -> Self {
        self.figures.insert(name, value);
        self
    }

    pub fn latency(mut self, name: &'static str, percentiles: Percentiles) -> Self {
        if percentiles.count > 0 {
            self.latencies.insert(name, percentiles);
        }
        self
    }

    /// Processor milliseconds per thousand of whatever was counted.
    pub fn processor(mut self, used: Used, count: f64) -> Self {
        let per_thousand = |milliseconds: f64| milliseconds * 1000.0 / count.max(1.0);
        self.figures.insert("generator CPU ms/1000", per_thousand(used.generator));
        if let Some(hub) = used.hub {
            self.figures.insert("hub CPU ms/1000", per_thousand(hub));
        }
        if let Some(postgres) = used.postgres {
            self.figures.insert("PostgreSQL CPU ms/1000", per_thousand(postgres));
        }
        self
    }
}

impl Report {
    pub fn new(scenario: &str, seed: u64) -> Self {
        Self { scenario: scenario.to_owned(), seed, rows: Vec::new(), failures: Vec::new(), checked_events: None }
    }

    /// Writes the table to standard output and the JSON where it is wanted.
    pub fn show(&self, json: Option<&Path>) -> Result<()> {
        print!("{}", self.table());
        if let Some(path) = json {
            let text = serde_json::to_string_pretty(self)?;
            std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    fn table(&self) -> String {
        let mut out = format!("\n{} (seed {})\n", self.scenario, self.seed);
        for row in &self.rows {
            out += &format!("\n{}\n", row.name);
            for (name, value) in &row.figures {
                out += &format!("  {name:<28} {:>14}\n", number(*value));
            }
            if !row.latencies.is_empty() {
                out += &format!(
                    "  {:<28} {:>9} {:>9} {:>9} {:>9} {:>9} {:>10}\n",
                    "ms", "p50", "p90", "p99", "p99.9", "max", "count"
                );
            }
            for (name, p) in &row.latencies {
                out += &format!(
                    "  {name:<28} {:>9.3} {:>9.3} {:>9.3} {:>9.3} {:>9.3} {:>10}\n",
                    p.p50, p.p90, p.p99, p.p999, p.max, p.count
                );
            }
        }
        if let Some(events) = self.checked_events {
            out += &format!("\nhistory of {events} events checked\n");
        }
        match self.failures.len() {
            0 => out += "\nPASS\n",
            count => {
                out += &format!("\nFAIL: {count}\n");
                // The first few tell the story; the rest is in the history.
                self.failures.iter().take(20).for_each(|failure| out += &format!("  {failure}\n"));
            }
        }
        out
    }
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 || value.abs() >= 1000.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
