//! Errors as RFC 9457 problem details: a stable `type`, what went wrong in words, and the fields at fault.
//!
//! A handler answers a [`Problem`]; the request id is added on the way out (see [`crate::finish`]), where errors that
//! axum itself answers become problems too. What went wrong inside is logged, never told.

use app::{AppError, StoreError};
use axum::response::{IntoResponse, Response};
use domain::{FieldError, Invalid};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

pub const CONTENT_TYPE: &str = "application/problem+json";

/// Every kind of problem there is. The slug is the last part of `type` and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Malformed,
    Unauthenticated,
    WrongCredentials,
    InsufficientScope,
    SessionRequired,
    CrossSite,
    RegistrationClosed,
    NotFound,
    MethodNotAllowed,
    Conflict,
    AlreadyExists,
    InFlight,
    Stale,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    IdempotencyMismatch,
    RateLimited,
    Internal,
    Unavailable,
}

impl Kind {
    pub const ALL: &'static [Self] = &[
        Self::Malformed,
        Self::Unauthenticated,
        Self::WrongCredentials,
        Self::InsufficientScope,
        Self::SessionRequired,
        Self::CrossSite,
        Self::RegistrationClosed,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::AlreadyExists,
        Self::InFlight,
        Self::Stale,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::IdempotencyMismatch,
        Self::RateLimited,
        Self::Internal,
        Self::Unavailable,
    ];

    const fn facts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::Malformed => ("malformed", StatusCode::BAD_REQUEST, "The request cannot be read"),
            Self::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED, "Sign in first"),
            Self::WrongCredentials => ("wrong-credentials", StatusCode::UNAUTHORIZED, "Wrong address or password"),
            Self::InsufficientScope => ("insufficient-scope", StatusCode::FORBIDDEN, "The token may not do that"),
            Self::SessionRequired => ("session-required", StatusCode::FORBIDDEN, "Only a session may do that"),
            Self::CrossSite => ("cross-site", StatusCode::FORBIDDEN, "The request comes from another site"),
            Self::RegistrationClosed => ("registration-closed", StatusCode::FORBIDDEN, "No registrations here"),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed => ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "The state does not allow it"),
            Self::AlreadyExists => ("already-exists", StatusCode::CONFLICT, "It exists already"),
            Self::InFlight => ("in-flight", StatusCode::CONFLICT, "The first request is still under way"),
            Self::Stale => ("stale", StatusCode::PRECONDITION_FAILED, "Changed meanwhile"),
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::UnsupportedMediaType => {
                ("unsupported-media-type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be JSON")
            }
            Self::Invalid => ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "Some fields cannot be accepted"),
            Self::IdempotencyMismatch => {
                ("idempotency-mismatch", StatusCode::UNPROCESSABLE_ENTITY, "The key was used for another request")
            }
            Self::RateLimited => ("rate-limited", StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here"),
            Self::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Not available for the moment"),
        }
    }

    pub const fn slug(self) -> &'static str {
        self.facts().0
    }

    pub const fn status(self) -> StatusCode {
        self.facts().1
    }

    pub const fn title(self) -> &'static str {
        self.facts().2
    }

    /// The kind of an error that carries nothing but its status.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthenticated,
            StatusCode::FORBIDDEN => Self::InsufficientScope,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::TOO_MANY_REQUESTS => Self::RateLimited,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_server_error() => Self::Internal,
            _ => Self::Malformed,
        }
    }
}

/// A problem as it goes over the wire.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView<'a> {
    /// `/problems/<slug>`: stable, for programs to tell problems apart.
    #[schema(example = "/problems/invalid")]
    r#type: String,
    title: &'static str,
    status: u16,
    /// This case in words.
    detail: &'a str,
    /// The fields at fault; empty unless fields are.
    errors: &'a [FieldError],
    /// Tell it when you report the problem.
    request_id: Option<&'a str>,
}

/// What a request is refused with.
#[derive(Debug, Clone)]
pub struct Problem {
    pub kind: Kind,
    pub detail: String,
    pub errors: Vec<FieldError>,
    /// Seconds.
    pub retry_after: Option<u64>,
    /// A token was given, and it is not valid.
    pub invalid_token: bool,
}

impl Problem {
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), retry_after: None, invalid_token: false }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("There is no such {what}."))
    }

    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = Invalid(errors.clone()).to_string();
        Self { errors, ..Self::new(Kind::Invalid, detail) }
    }

    pub fn unavailable(detail: &str) -> Self {
        Self { retry_after: Some(1), ..Self::new(Kind::Unavailable, detail) }
    }

    pub fn internal() -> Self {
        Self::new(Kind::Internal, "It was logged under the request id. Nothing is known to be lost.")
    }

    pub fn body(&self, request_id: Option<&str>) -> String {
        let view = ProblemView {
            r#type: format!("/problems/{}", self.kind.slug()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            errors: &self.errors,
            request_id,
        };
        serde_json::to_string(&view).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.kind.status(), self.body(None)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind.status() == StatusCode::UNAUTHORIZED {
            let challenge = if self.invalid_token {
                r#"Bearer realm="todo", error="invalid_token""#
            } else {
                r#"Bearer realm="todo""#
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// A capital first and a full stop last: errors read as the middle of a sentence.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", chars.as_str())
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let detail = sentence(&error.to_string());
        match error {
            AppError::Invalid(invalid) => Self::fields(invalid.0),
            AppError::NotFound(what) => Self::not_found(what),
            AppError::Stale { .. } => Self::new(Kind::Stale, detail),
            AppError::State(_) => Self::new(Kind::Conflict, detail),
            AppError::EmailTaken | AppError::NameTaken(_) => Self::new(Kind::AlreadyExists, detail),
            AppError::RegistrationClosed => Self::new(Kind::RegistrationClosed, detail),
            AppError::WrongCredentials => Self::new(Kind::WrongCredentials, detail),
            AppError::SlowDown(seconds) => Self { retry_after: Some(seconds), ..Self::new(Kind::RateLimited, detail) },
            AppError::Scope(_) => Self::new(Kind::InsufficientScope, detail),
            AppError::IdempotencyMismatch => Self::new(Kind::IdempotencyMismatch, detail),
            AppError::IdempotencyInFlight => Self { retry_after: Some(1), ..Self::new(Kind::InFlight, detail) },
            AppError::Busy | AppError::Conflict => Self::unavailable("Too many changes at once: try again."),
            AppError::Store(error) => error.into(),
            AppError::Duplicate(_) | AppError::Internal(_) => {
                tracing::error!(%error, "request failed");
                Self::internal()
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => {
                tracing::warn!(%error, "database not available");
                Self::unavailable("The database is not available: try again.")
            }
            StoreError::BadCursor => Self::fields(vec![FieldError::new("cursor", error.to_string())]),
            StoreError::Corrupt(_) | StoreError::Unsupported(_) | StoreError::Database(_) => {
                tracing::error!(%error, "request failed");
                Self::internal()
            }
        }
    }
}

/// The fallback for paths that nobody serves.
pub async fn problem_not_found() -> Problem {
    Problem::not_found("page")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status_of(error: AppError) -> u16 {
        Problem::from(error).kind.status().as_u16()
    }

    #[test]
    fn use_case_errors_become_the_promised_statuses() {
        assert_eq!(status_of(AppError::field("title", "is missing")), 422);
        assert_eq!(status_of(AppError::NotFound("task")), 404);
        assert_eq!(status_of(AppError::Stale { current: 3 }), 412);
        assert_eq!(status_of(AppError::EmailTaken), 409);
        assert_eq!(status_of(AppError::WrongCredentials), 401);
        assert_eq!(status_of(AppError::Scope("write")), 403);
        assert_eq!(status_of(AppError::IdempotencyMismatch), 422);
        assert_eq!(status_of(AppError::IdempotencyInFlight), 409);
        assert_eq!(status_of(AppError::SlowDown(8)), 429);
    }

    #[test]
    fn contention_and_a_missing_database_ask_to_try_again() {
        for error in [AppError::Busy, AppError::Conflict, AppError::Store(StoreError::Unavailable("gone".into()))] {
            let response = Problem::from(error).into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        }
    }

    #[test]
    fn internals_stay_inside() {
        let problem = Problem::from(AppError::Internal("secret detail".into()));
        assert_eq!(problem.kind, Kind::Internal);
        assert!(!problem.body(None).contains("secret"));
        let problem = Problem::from(StoreError::Database("no such table: tasks".into()));
        assert!(!problem.body(None).contains("tasks"));
    }

    #[test]
    fn a_problem_names_its_type_its_fields_and_its_request() {
        let problem = Problem::fields(vec![FieldError::new("title", "is missing")]);
        let body: serde_json::Value = serde_json::from_str(&problem.body(Some("r1"))).unwrap();
        assert_eq!(body["type"], "/problems/invalid");
        assert_eq!(body["status"], 422);
        assert_eq!(body["errors"][0]["field"], "title");
        assert_eq!(body["request_id"], "r1");
    }

    #[test]
    fn a_missing_sign_in_is_challenged() {
        let response = Problem::new(Kind::Unauthenticated, "").into_response();
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], r#"Bearer realm="todo""#);
    }

    #[test]
    fn no_two_kinds_share_a_slug() {
        let mut slugs: Vec<_> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), Kind::ALL.len());
    }
}
