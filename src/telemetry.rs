//! Logs and metrics. What is logged never holds PHI: no names, addresses, bodies, subjects, query strings or tokens;
//! ids are fine.

use crate::config::Config;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{io::IsTerminal, sync::OnceLock};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{EnvFilter, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts logging to standard error. A second call changes nothing.
pub fn start(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    // Whatever is asked for: below this, libraries quote what passes through them, such as paths, e-mails and parameters.
    let cap = Targets::new().with_default(LevelFilter::INFO).with_target("carehub", LevelFilter::TRACE);
    let registry = tracing_subscriber::registry().with(filter).with(cap);
    // A second subscriber in one process is refused: the first stays.
    let _ = if config.log_json {
        registry.with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr)).try_init()
    } else {
        let colours = std::io::stderr().is_terminal();
        registry
            .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(colours))
            .try_init()
    };
    if METRICS.get().is_none()
        && let Ok(handle) = PrometheusBuilder::new().install_recorder()
    {
        let _ = METRICS.set(handle);
    }
}

/// The metrics in Prometheus' text format.
pub fn metrics() -> String {
    METRICS.get().map(PrometheusHandle::render).unwrap_or_default()
}
