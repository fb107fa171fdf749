//! What is logged and counted of each request: a span with its id, one line when it is answered, and metrics by route.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, Method};
use tracing::{Instrument, field::Empty};

use crate::state::ApiState;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST_ID: usize = 128;

/// The id of the request that is being served.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// One request that is being served; counted down when it is over, also when the client went away.
struct InFlight;

impl InFlight {
    fn new() -> Self {
        metrics::gauge!("todo_http_requests_in_flight").increment(1.0);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("todo_http_requests_in_flight").decrement(1.0);
    }
}

pub async fn observe(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let _in_flight = InFlight::new();
    let started = Instant::now();
    let id = incoming_id(&request)
        .unwrap_or_else(|| domain::clock::new_uuid(state.app.now(), &*state.app.random).to_string());
    let method = method_label(request.method());
    let route = route_label(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let (status, latency_ms) = (Empty, Empty);
    let span = tracing::info_span!("request", request_id = %id, method, route, status, latency_ms);

    let mut response = next.run(request).instrument(span.clone()).await;

    let status = response.status();
    let latency = started.elapsed();
    span.record("status", status.as_u16()).record("latency_ms", latency.as_secs_f64() * 1000.0);
    span.in_scope(|| tracing::debug!("answered"));
    metrics::histogram!("todo_http_request_duration_seconds", "method" => method, "route" => route.clone())
        .record(latency.as_secs_f64());
    let status = status.as_str().to_owned();
    metrics::counter!("todo_http_requests_total", "method" => method, "route" => route, "status" => status)
        .increment(1);
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// An id that a proxy or a client gave, if it is fit for logs.
fn incoming_id(request: &Request) -> Option<String> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let fit = (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    fit.then(|| id.to_owned())
}

/// Methods can be invented; labels must not.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// The route as it is written, with its placeholders, so that there are as many labels as routes.
fn route_label(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    matched.filter(|path| !path.contains("__private")).unwrap_or("unmatched").to_owned()
}
