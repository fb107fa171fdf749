//! `todo serve`: all roles in one process.

use std::{process::ExitCode, sync::Arc, time::Duration};

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

use crate::{cli::Serve, config::Config, parts, server, telemetry};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const READY_WITHIN: Duration = Duration::from_secs(1);

pub async fn run(config: Config, options: &Serve) -> Result<ExitCode> {
    config.check()?;
    telemetry::start_logs(&config)?;
    let listener = server::bind(&config.listen).await?;
    let _serving = parts::claim_file(&config)?;
    let store = parts::open_store(&config).await?;
    if !options.no_migrate {
        parts::migrate(&store).await?;
    } else if !store.schema().await?.is_current() {
        bail!("the database is older than this program: run `todo migrate`, or start without --no-migrate");
    }
    let app = parts::app(store, &config, "serve");
    let address = listener.local_addr()?;
    announce(&config, &format!("http://{address}"));
    until_signalled(&config, app, listener).await?;
    Ok(ExitCode::SUCCESS)
}

fn announce(config: &Config, url: &str) {
    tracing::info!(url, version = VERSION, "ready");
    if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        let data = crate::config::masked(&config.database_url());
        anstream::println!("Todo {VERSION} is ready: {url} (API at {url}/docs), data in {data}");
    }
}

/// Serves until a signal, then stops in order: not ready, no new connections, what is under way finishes, the loops
/// finish their step and give their lease back.
pub async fn until_signalled(config: &Config, app: App, listener: tokio::net::TcpListener) -> Result<()> {
    let stop = CancellationToken::new();
    let metrics = telemetry::start_metrics(stop.clone())?;
    let workers = Workers::start(&app, Arc::new(Embedded::new(&GROUPS)), &Roles::serve());
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
    server::serve(listener, router, stop, Duration::from_secs(config.shutdown_grace)).await?;
    workers.stop().await;
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
