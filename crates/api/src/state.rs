//! What the handlers share.

use std::sync::Arc;

use app::App;
use axum::extract::FromRef;
use tokio_util::sync::CancellationToken;

use crate::{
    events::Hub,
    limits::{Limiters, Limits},
};

#[derive(Debug, Clone, Default)]
pub struct ApiOptions {
    /// `None` switches rate limits off.
    pub rate_limits: Option<Limits>,
    /// One proxy stands before this server and appends the client's address to `X-Forwarded-For`. Wrongly switched on,
    /// clients choose their own address.
    pub trust_forwarded_for: bool,
    /// People reach this server over HTTPS: answers carry `Strict-Transport-Security`.
    pub https: bool,
}

/// Cheap to clone; every clone shares the hub and the limits.
#[derive(Clone)]
pub struct ApiState {
    pub app: App,
    pub(crate) options: ApiOptions,
    pub(crate) hub: Hub,
    pub(crate) limiters: Option<Arc<Limiters>>,
    pub(crate) shutdown: CancellationToken,
}

impl ApiState {
    /// Starts the hub of live updates, so it must be called within a Tokio runtime. `shutdown` ends the hub and every
    /// live stream.
    pub fn new(app: App, options: ApiOptions, shutdown: CancellationToken) -> Self {
        let hub = Hub::start(app.clone(), shutdown.clone());
        let limiters = options.rate_limits.map(|limits| Arc::new(Limiters::new(limits)));
        Self { app, options, hub, limiters, shutdown }
    }
}

impl FromRef<ApiState> for App {
    fn from_ref(state: &ApiState) -> Self {
        state.app.clone()
    }
}
