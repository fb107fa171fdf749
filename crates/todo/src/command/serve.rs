//! `todo serve`: all roles in one process.

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Result, bail};
use api::{ApiOptions, ApiState, Limits};
use app::App;
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use bus::Embedded;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use worker::{GROUPS, Roles, Workers};

use crate::{
    config::{Config, Migrate},
    parts, server, telemetry,
};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const READY_WITHIN: Duration = Duration::from_secs(1);

pub async fn run(config: Config) -> Result<ExitCode> {
    config.check()?;
    telemetry::start_logs(&config)?;
    let listener = server::bind(&config.listen).await?;
    let _serving = parts::claim_file(&config)?;
    let store = parts::open_store(&config).await?;
    match config.migrate {
        Migrate::Auto => parts::migrate(&store, &config).await?,
        Migrate::Off if parts::schema(&store, &config).await?.is_current() => {}
        Migrate::Off => bail!("the database is older than this program: run `todo migrate`, or use --migrate auto"),
    }
    let app = parts::app(store, &config, "serve");
    announce(&config, &local_url(listener.local_addr()?));
    until_signalled(&config, app, listener).await?;
    Ok(ExitCode::SUCCESS)
}

/// For a person a line with what to open; for everything else a record.
fn announce(config: &Config, url: &str) {
    if telemetry::is_human(config) {
        let shown = config.public_url.as_deref().unwrap_or(url).trim_end_matches('/');
        let data = crate::config::masked(&config.database_url());
        anstream::println!("Todo {VERSION} is ready: {shown} (docs at {shown}/docs), data in {data}");
    } else {
        tracing::info!(url, version = VERSION, "ready");
    }
}

/// Where a browser on this machine finds it: nobody can open 0.0.0.0.
pub fn local_url(address: SocketAddr) -> String {
    match address.ip().is_unspecified() {
        true => format!("http://localhost:{}", address.port()),
        false => format!("http://{address}"),
    }
}

/// Serves until a signal, then stops in order: not ready, no new connections, what is under way finishes, the loops
/// finish their step and give their lease back.
pub async fn until_signalled(config: &Config, app: App, listener: tokio::net::TcpListener) -> Result<()> {
    let stop = CancellationToken::new();
    let metrics = telemetry::start_metrics(stop.clone())?;
    let roles = Roles { trash_days: Some(config.trash_days), ..Roles::serve() };
    let workers = Workers::start(&app, Arc::new(Embedded::new(&GROUPS)), &roles);
    let options = ApiOptions {
        rate_limits: config.rate_limits.is_on().then(Limits::default),
        trust_forwarded_for: config.trust_proxy.is_on(),
        https: config.public_url.as_deref().is_some_and(|url| url.starts_with("https://")),
    };
    let probes = Probes { app: app.clone(), metrics, stop: stop.clone() };
    let router = probes.router().merge(web::router(VERSION)).merge(api::router(ApiState::new(
        app.clone(),
        options,
        stop.clone(),
    )));
    let signalled = stop.clone();
    tokio::spawn(async move {
        if let Err(error) = server::signalled().await {
            tracing::error!(%error, "signals cannot be heard");
        }
        tracing::info!("stopping");
        signalled.cancel();
    });
    let grace = Duration::from_secs(config.shutdown_grace);
    server::serve(listener, router, stop, grace).await?;
    if timeout(grace, workers.stop()).await.is_err() {
        // What they were doing is not committed, and will be done again.
        tracing::warn!("loops under way were cut after the grace period");
    }
    app.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// What operators and orchestrators ask.
#[derive(Clone)]
struct Probes {
    app: App,
    metrics: PrometheusHandle,
    stop: CancellationToken,
}

impl Probes {
    fn router(self) -> Router {
        Router::new()
            .route("/healthz", get(|| async { Json(json!({"status": "alive", "version": VERSION})) }))
            .route("/readyz", get(ready))
            .route("/metrics", get(|State(probes): State<Self>| async move { probes.metrics.render() }))
            .with_state(self)
    }
}

/// Ready: the database answers, its schema is current, and nobody asked this process to stop.
async fn ready(State(probes): State<Probes>) -> Response {
    let not_ready = |why: &str| {
        let body = Json(json!({"status": "not ready", "reason": why}));
        (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
    };
    if probes.stop.is_cancelled() {
        return not_ready("stopping");
    }
    match timeout(READY_WITHIN, probes.app.store.schema()).await {
        Ok(Ok(schema)) if schema.is_current() => Json(json!({"status": "ready"})).into_response(),
        Ok(Ok(_)) => not_ready("the database needs `todo migrate`"),
        Ok(Err(error)) => not_ready(&error.to_string()),
        Err(_) => not_ready("the database does not answer"),
    }
}
