//! The last touch on every answer: errors become problem details with the request's id, and headers that keep
//! browsers careful are set.

use std::{any::Any, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{
    observe::RequestId,
    problem::{CONTENT_TYPE, Kind, Problem},
    state::ApiState,
};

/// How long a handler may take until the answer begins. A live stream begins at once, so it may last.
const LONGEST: Duration = Duration::from_secs(30);

pub async fn finish(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    let response = match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable("It took too long. A change may or may not have been made.").into_response(),
    };
    let mut response = as_problem(response, id.as_deref());
    secure(response.headers_mut(), state.options.https);
    response
}

/// Panics are logged with their request, by the panic hook and here.
#[expect(clippy::needless_pass_by_value, reason = "the shape that the layer wants")]
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic.downcast_ref::<&str>().copied();
    let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("of unknown kind");
    tracing::error!(panic = message, "a handler panicked");
    Problem::internal().into_response()
}

fn as_problem(mut response: Response, request_id: Option<&str>) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let problem = response.extensions_mut().remove::<Problem>().unwrap_or_else(|| bare(status));
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(problem.body(request_id)))
}

/// For errors that axum answers by itself.
fn bare(status: StatusCode) -> Problem {
    let kind = Kind::of_status(status);
    let detail = match kind {
        Kind::MethodNotAllowed => "This path knows other methods: see the Allow header.",
        Kind::NotFound => "There is no such page.",
        kind => kind.title(),
    };
    Problem::new(kind, detail)
}

fn secure(headers: &mut HeaderMap, https: bool) {
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "no-referrer");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if https {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    // Personal data: a cache may keep what has an ETag, and must ask each time whether it still holds.
    let cache = if headers.contains_key(header::ETAG) { "private, no-cache" } else { "no-store" };
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(cache));
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body_of(response: Response) -> serde_json::Value {
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_error_without_its_words() {
        let response = as_problem(panicked(Box::new("the secret reason")), Some("r1"));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = body_of(response).await;
        assert_eq!((&body["type"], &body["request_id"]), (&"/problems/internal".into(), &"r1".into()));
        assert!(!body.to_string().contains("secret"));
    }

    #[tokio::test]
    async fn a_bare_error_becomes_a_problem_and_keeps_its_headers() {
        let bare = (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")]).into_response();
        let response = as_problem(bare, None);
        assert_eq!(response.headers()[header::ALLOW], "GET");
        assert_eq!(response.headers()[header::CONTENT_TYPE], CONTENT_TYPE);
        assert_eq!(body_of(response).await["status"], 405);
    }

    #[test]
    fn what_is_no_error_is_left_alone() {
        let response = as_problem((StatusCode::OK, "fine").into_response(), None);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    }
}
