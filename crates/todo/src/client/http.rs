//! Requests to the API, with its errors in words.

use std::{fmt::Display, time::Duration};

use reqwest::{Method, Response, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::error::{ClientError, Problem};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// Of `Retry-After`: a server that asks for more gets it in pieces.
const LONGEST_PAUSE: u64 = 30;
/// How often a request is sent again when the server asks for it.
const PATIENCE: u32 = 3;

pub struct Api {
    http: reqwest::Client,
    server: Url,
    token: Option<SecretString>,
    patience: u32,
}

/// A request before it is sent. A body of null is none.
pub struct Request<'a> {
    method: Method,
    path: String,
    query: Vec<(&'a str, String)>,
    body: Option<Value>,
    /// `Idempotency-Key`: sent again, it has no further effect.
    key: Option<String>,
    if_match: Option<i64>,
}

impl<'a> Request<'a> {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), query: Vec::new(), body: None, key: None, if_match: None }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body).filter(|body| !body.is_null()), ..Self::new(Method::POST, path) }
    }

    pub fn patch(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body).filter(|body| !body.is_null()), ..Self::new(Method::PATCH, path) }
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    pub fn query(mut self, name: &'a str, value: impl Display) -> Self {
        self.query.push((name, format!("{value}")));
        self
    }

    pub fn query_if(self, name: &'a str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    pub fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    pub fn key(self, key: String) -> Self {
        Self { key: Some(key), ..self }
    }

    pub fn if_match(self, version: i64) -> Self {
        Self { if_match: Some(version), ..self }
    }

    /// Whether a second one does no harm.
    fn repeatable(&self) -> bool {
        self.method != Method::POST || self.key.is_some()
    }
}

impl Api {
    pub fn new(server: Url, token: Option<SecretString>) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("todo/", env!("CARGO_PKG_VERSION"), " (terminal)"))
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            // A token goes to the server that was named, and to no other.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| ClientError::Refused(format!("HTTP: {error}")))?;
        Ok(Self { http, server, token, patience: PATIENCE })
    }

    /// Goes on for as long as the server asks to try again.
    pub fn patient(self) -> Self {
        Self { patience: u32::MAX, ..self }
    }

    pub fn server(&self) -> &str {
        self.server.as_str().trim_end_matches('/')
    }

    /// The answer as it came; null where there is none.
    pub async fn send(&self, request: Request<'_>) -> Result<Value, ClientError> {
        let mut tries = 0;
        loop {
            let outcome = self.once(&request).await;
            let pause = match &outcome {
                Err(Failure::Later { seconds, .. }) if request.repeatable() => (*seconds).clamp(1, LONGEST_PAUSE),
                Err(Failure::Broken(_)) if request.repeatable() && tries == 0 => 0,
                _ => return outcome.map_err(Failure::into_error),
            };
            if tries >= self.patience {
                return outcome.map_err(Failure::into_error);
            }
            tries += 1;
            tokio::time::sleep(Duration::from_secs(pause)).await;
        }
    }

    pub async fn fetch<T: DeserializeOwned>(&self, request: Request<'_>) -> Result<T, ClientError> {
        read(&self.send(request).await?)
    }

    async fn once(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let unreachable =
            |error: reqwest::Error| ClientError::Unreachable { server: self.server().to_owned(), why: reason(&error) };
        let mut url = self.server.clone();
        url.set_path(&format!("{}/{}", self.server.path().trim_end_matches('/'), request.path));
        let mut builder = self.http.request(request.method.clone(), url).query(&request.query);
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token.expose_secret());
        }
        if let Some(body) = &request.body {
            builder = builder.json(body);
        }
        if let Some(key) = &request.key {
            builder = builder.header("Idempotency-Key", key);
        }
        if let Some(version) = request.if_match {
            builder = builder.header(header::IF_MATCH, format!("\"{version}\""));
        }
        let response = match builder.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() || error.is_timeout() => return Err(Failure::Final(unreachable(error))),
            Err(error) => return Err(Failure::Broken(unreachable(error))),
        };
        let status = response.status();
        if !status.is_success() {
            return Err(self.refusal(response).await);
        }
        let bytes = response.bytes().await.map_err(|error| Failure::Broken(unreachable(error)))?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        let other = || ClientError::Refused(format!("{} does not answer as a Todo server does", self.server()));
        serde_json::from_slice(&bytes).map_err(|_| Failure::Final(other()))
    }

    async fn refusal(&self, response: Response) -> Failure {
        let status = response.status();
        let wait = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let moved = response.headers().get(header::LOCATION).and_then(|value| Some(value.to_str().ok()?.to_owned()));
        let bytes = response.bytes().await.unwrap_or_default();
        let problem: Problem = serde_json::from_slice(&bytes).unwrap_or_default();
        if status.is_redirection() {
            let to = moved.unwrap_or_else(|| "elsewhere".into());
            return Failure::Final(ClientError::Refused(format!("{} points to {to}: use that", self.server())));
        }
        if status == StatusCode::UNAUTHORIZED && !problem.r#type.ends_with("wrong-credentials") {
            return Failure::Final(ClientError::NotSignedIn(self.server().to_owned()));
        }
        let error = ClientError::Refused(problem.in_words(status.as_u16()));
        match status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Failure::Later { seconds: wait.unwrap_or(1), error }
            }
            _ => Failure::Final(error),
        }
    }
}

enum Failure {
    Final(ClientError),
    /// The connection went away in the middle: a server that restarts, or an idle connection that was closed.
    Broken(ClientError),
    /// The server asks to come again.
    Later {
        seconds: u64,
        error: ClientError,
    },
}

impl Failure {
    fn into_error(self) -> ClientError {
        match self {
            Self::Final(error) | Self::Broken(error) | Self::Later { error, .. } => error,
        }
    }
}

pub fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, ClientError> {
    T::deserialize(answer)
        .map_err(|error| ClientError::Refused(format!("the server's answer is not understood: {error}")))
}

/// The innermost cause: the outer ones only say that sending failed.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
