//! What is measured: latencies, counts, processor time, memory, and how it is shown. Must stay
//! cheap: it runs on the cores it measures.

mod counters;
mod latency;
mod process;
mod report;

pub use counters::{Counters, progress};
pub use latency::{Latency, Percentiles};
pub use process::{Processes, Used, forget_peak, peak_kib, resident_kib};
pub use report::{Report, Row};
