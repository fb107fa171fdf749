//! Logs and metrics.

use std::{io::IsTerminal, time::Duration};

use anyhow::{Context, Result};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Seconds, from a fast read to what nobody should wait for.
const BUCKETS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0];

/// Whether a person reads along.
pub fn is_human(config: &Config) -> bool {
    match config.log_format {
        LogFormat::Json => false,
        LogFormat::Human => true,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    }
}

pub fn start_logs(config: &Config) -> Result<()> {
    // The database's own notices are for those who ask for them; what is said later about a target goes.
    let filter =
        EnvFilter::try_new(format!("sqlx=warn,{}", config.log)).with_context(|| format!("--log {:?}", config.log))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if is_human(config) {
        builder.with_target(false).compact().try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
    started.map_err(|error| anyhow::anyhow!("logs: {error}"))
}

pub fn start_metrics(stop: CancellationToken) -> Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .context("metrics")?;
    describe();
    metrics::gauge!("todo_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let upkeep = handle.clone();
    tokio::spawn(async move {
        // Histograms would grow between scrapes.
        let mut tick = tokio::time::interval(Duration::from_secs(5));
        loop {
            tokio::select! {
                _ = tick.tick() => upkeep.run_upkeep(),
                () = stop.cancelled() => return,
            }
        }
    });
    Ok(handle)
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("todo_http_requests_total", "Requests answered.");
    describe_histogram!("todo_http_request_duration_seconds", Unit::Seconds, "Time to answer a request.");
    describe_gauge!("todo_http_requests_in_flight", "Requests under way.");
    describe_counter!("todo_commit_conflicts_total", "Decisions made again because somebody else was first.");
    describe_gauge!("todo_outbox_depth", "Events that wait to be published.");
    describe_gauge!("todo_outbox_oldest_age_seconds", Unit::Seconds, "Age of the oldest of them.");
    describe_gauge!("todo_relay_leader", "1 where this process publishes.");
    describe_counter!("todo_relay_takeovers_total", "Times this process became the one that publishes.");
    describe_counter!("todo_events_published_total", "Events handed to the bus.");
    describe_counter!("todo_events_consumed_total", "Events handled, by consumer and outcome.");
    describe_histogram!("todo_event_latency_seconds", Unit::Seconds, "From the change to the consumer's effect.");
    describe_counter!("todo_dead_letters_total", "Events parked because they failed again and again.");
    describe_counter!("todo_timers_fired_total", "Moments that came, by kind.");
    describe_histogram!("todo_reminder_lateness_seconds", Unit::Seconds, "From a moment to its event.");
    describe_counter!("todo_notifications_total", "Notifications, by kind and channel.");
    describe_counter!("todo_retention_removed_total", "Old rows removed.");
    describe_counter!("todo_loop_failures_total", "Steps of a loop that failed and were tried again.");
    describe_gauge!("todo_build_info", "1, with the version.");
}
