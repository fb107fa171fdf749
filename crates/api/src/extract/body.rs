//! JSON bodies: at most 256 KiB, unknown fields refused, faults named by field.

use app::idempotency::IdempotencyKey;
use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, OriginalUri, Request},
    response::{IntoResponse, Response},
};
use domain::FieldError;
use http::{HeaderMap, header, request::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use super::words;
use crate::problem::{Kind, Problem};

const MAX_BODY: usize = 256 * 1024;
const MAX_KEY: usize = 200;

/// A JSON body, in or out.
pub struct Json<T>(pub T);

/// A JSON body that may be left out; then every field has its default.
pub struct OptionalJson<T>(pub T);

/// A JSON body with the `Idempotency-Key` that it came under.
pub struct Keyed<T> {
    pub input: T,
    pub key: Option<IdempotencyKey>,
}

/// For the description of operations that take a [`Keyed`] body.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header")]
pub struct IdempotencyHeader {
    /// 1–200 visible ASCII characters, unique for each intended effect, kept for 24 hours. Sent again with the same
    /// body, the request has no further effect and is answered as before.
    #[param(rename = "Idempotency-Key", required = false)]
    idempotency_key: String,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body).await?;
        require_json(&parts.headers)?;
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        require_json(&parts.headers)?;
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Keyed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let key = idempotency_key(&parts.headers)?;
        let bytes = read(&parts.headers, body).await?;
        require_json(&parts.headers)?;
        let input = parse(&bytes)?;
        let key = key.map(|key| IdempotencyKey { key, fingerprint: fingerprint(&parts, &bytes) });
        Ok(Self { input, key })
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The whole body. A declared length over the limit is refused before a byte of it is read.
async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(Kind::TooLarge, format!("A body may have at most {MAX_BODY} bytes."));
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > MAX_BODY) {
        return Err(too_large());
    }
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Problem::new(Kind::Malformed, "The body could not be read to its end.")),
    }
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(is_json) {
        Ok(())
    } else {
        Err(Problem::new(Kind::UnsupportedMediaType, "Send the body with Content-Type: application/json."))
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Serde would take a list for a struct, field by field.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(Problem::fields(vec![FieldError::new("body", "must be an object, not a list")]));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let inner = error.inner();
        if inner.is_data() {
            Problem::fields(vec![words::fault(error.path(), &inner.to_string(), "body")])
        } else if is_well_formed(bytes) {
            // What serde_json says of a number, or a list, where it looks for one of several words.
            Problem::fields(vec![words::fault(error.path(), "must be a string", "body")])
        } else {
            malformed(inner)
        }
    })?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn is_well_formed(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(Kind::Malformed, format!("The body is not valid JSON: {error}."))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(Some(key.to_owned()))
        }
        _ => Err(Problem::new(
            Kind::Malformed,
            format!("Idempotency-Key must be 1 to {MAX_KEY} visible ASCII characters."),
        )),
    }
}

/// What makes two requests the same: method, path and body, byte for byte.
fn fingerprint(parts: &Parts, body: &[u8]) -> String {
    // Inside a nested router the plain URI lacks its prefix.
    let path = parts.extensions.get::<OriginalUri>().map_or(parts.uri.path(), |uri| uri.path());
    let mut digest = Sha256::new();
    // Neither a method nor a path holds a line feed, so the parts cannot run into each other.
    for part in [parts.method.as_str().as_bytes(), b"\n", path.as_bytes(), b"\n", body] {
        digest.update(part);
    }
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Sample {
        title: String,
        #[serde(default)]
        priority: Option<i64>,
        #[serde(default)]
        reminders: Vec<Reminder>,
        #[serde(default)]
        at: Option<domain::Timestamp>,
        #[serde(default)]
        id: Option<domain::TaskId>,
        #[serde(default)]
        scope: Option<app::Scope>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Reminder {
        minutes_before: u32,
    }

    fn fault(body: &str) -> FieldError {
        let problem = parse::<Sample>(body.as_bytes()).unwrap_err();
        assert_eq!(problem.kind, Kind::Invalid, "{body}");
        problem.errors.into_iter().next().unwrap()
    }

    #[test]
    fn faults_name_the_field_in_plain_words() {
        let cases = [
            (r#"{"title": 5}"#, "title", "must be a string, not a number"),
            (r#"{}"#, "title", "is missing"),
            (r#"{"title": "a", "colour": 1}"#, "colour", "is not a known field"),
            (r#"{"title": "a", "priority": "high"}"#, "priority", "must be a whole number, not a string"),
            (r#"{"title": "a", "priority": 1.5}"#, "priority", "must be a whole number, not 1.5"),
            (r#"{"title": "a", "title": "b"}"#, "title", "is given twice"),
            (r#"{"title": "a", "reminders": {}}"#, "reminders", "must be a list, not an object"),
            (r#"{"title": "a", "reminders": [{"minutes_before": -1}]}"#, "reminders[0].minutes_before", ""),
            (r#"{"title": "a", "reminders": [{"minutes": 1}]}"#, "reminders[0].minutes", "is not a known field"),
            (r#"{"title": "a", "reminders": [{}]}"#, "reminders[0].minutes_before", "is missing"),
            (r#"{"title": "a", "id": "x"}"#, "id", "must be an id (a UUID)"),
            (r#"{"title": "a", "at": "x"}"#, "at", "must be an instant such as 2026-01-15T09:00:00Z"),
            (r#"{"title": "a", "scope": "all"}"#, "scope", "must be one of read, write, admin"),
            (r#"["Milk"]"#, "body", "must be an object, not a list"),
            (r#""text""#, "body", "must be an object, not a string"),
        ];
        for (body, field, message) in cases {
            let fault = fault(body);
            assert_eq!(fault.field, field, "{body}");
            assert!(message.is_empty() || fault.message == message, "{body}: {}", fault.message);
        }
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for body in ["", "{", r#"{"title": "a"} x"#, "{'title': 1}", "\u{0}"] {
            assert_eq!(parse::<Sample>(body.as_bytes()).unwrap_err().kind, Kind::Malformed, "{body}");
        }
        let deep = "[".repeat(100_000);
        let body = format!(r#"{{"title": "a", "colour": {deep}"#);
        assert!(parse::<Sample>(body.as_bytes()).is_err());
    }

    #[test]
    fn content_types() {
        for good in
            ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"]
        {
            assert!(is_json(good), "{good}");
        }
        for bad in ["", "text/plain", "application/x-www-form-urlencoded", "text/json", "json"] {
            assert!(!is_json(bad), "{bad}");
        }
    }

    fn keyed(key: &str) -> Result<Option<String>, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", HeaderValue::from_bytes(key.as_bytes()).unwrap());
        idempotency_key(&headers)
    }

    #[test]
    fn idempotency_keys_are_visible_ascii() {
        assert_eq!(idempotency_key(&HeaderMap::new()).unwrap(), None);
        assert_eq!(keyed("01J-x").unwrap().as_deref(), Some("01J-x"));
        assert!(keyed(&"k".repeat(200)).is_ok());
        for bad in ["", "a b", "schlüssel", &"k".repeat(201)] {
            assert_eq!(keyed(bad).unwrap_err().kind, Kind::Malformed, "{bad}");
        }
    }

    fn print_of(method: &str, path: &str, body: &[u8]) -> String {
        let (parts, ()) = http::Request::builder().method(method).uri(path).body(()).unwrap().into_parts();
        fingerprint(&parts, body)
    }

    #[test]
    fn a_fingerprint_tells_method_path_and_body_apart() {
        let one = print_of("POST", "/api/tasks", b"{}");
        assert_eq!(one, print_of("POST", "/api/tasks", b"{}"));
        assert_eq!(one.len(), 64);
        for other in [
            print_of("PUT", "/api/tasks", b"{}"),
            print_of("POST", "/api/projects", b"{}"),
            print_of("POST", "/api/tasks", b"{} "),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_fingerprint_takes_the_whole_path_inside_a_nested_router() {
        let (mut parts, ()) = http::Request::builder().method("POST").uri("/tasks").body(()).unwrap().into_parts();
        parts.extensions.insert(OriginalUri("/api/tasks".parse().unwrap()));
        assert_eq!(fingerprint(&parts, b"{}"), print_of("POST", "/api/tasks", b"{}"));
    }
}
