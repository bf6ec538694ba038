//! Latencies in an HdrHistogram: every value counts, none is averaged away. Owns their range and
//! precision.

use crate::clock::Nanos;
use hdrhistogram::Histogram;
use serde::Serialize;
use std::sync::{Mutex, PoisonError};

const LOWEST: u64 = 1_000;
const HIGHEST: u64 = 120_000_000_000;
/// Three significant figures: 0.1 % of the value.
const FIGURES: u8 = 3;

/// Many latencies of one kind, shared by all connections. On one thread the lock is never waited for.
#[derive(Debug)]
pub struct Latency(Mutex<Histogram<u64>>);

/// In milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Percentiles {
    pub count: u64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Default for Latency {
    fn default() -> Self {
        Self(Mutex::new(
            Histogram::new_with_bounds(LOWEST, HIGHEST, FIGURES).expect("the bounds are constants that fit"),
        ))
    }
}

impl Latency {
    /// One more.
    pub fn record(&self, nanos: Nanos) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(nanos.max(LOWEST));
    }

    /// What they amount to.
    pub fn percentiles(&self) -> Percentiles {
        let histogram = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |quantile: f64| histogram.value_at_quantile(quantile) as f64 / 1e6;
        if histogram.is_empty() {
            return Percentiles::default();
        }
        Percentiles {
            count: histogram.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: histogram.max() as f64 / 1e6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_values() {
        let latency = Latency::default();
        (1..=1000).for_each(|millis| latency.record(millis * 1_000_000));
        let got = latency.percentiles();
        assert_eq!(got.count, 1000);
        for (value, wanted) in
            [(got.p50, 500.0), (got.p90, 900.0), (got.p99, 990.0), (got.p999, 999.0), (got.max, 1000.0)]
        {
            assert!((value - wanted).abs() / wanted < 0.002, "{value} is not {wanted}");
        }
    }

    #[test]
    fn a_value_above_the_range_is_kept_as_the_highest() {
        let latency = Latency::default();
        latency.record(HIGHEST * 2);
        assert_eq!(latency.percentiles().count, 1);
        assert!(latency.percentiles().max > 100_000.0);
    }
}
