//! One request as a careful program makes it: tried again under the same key until it is answered, at another server
//! when one is gone, or let go of with its outcome unknown.

use std::{sync::Arc, time::Duration};

use reqwest::{Method, StatusCode};
use serde_json::Value;

/// How long a request may take. Only a server that hangs takes so long, so it is an error of the server.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// Between tries while no server answers.
const PAUSE: Duration = Duration::from_millis(15);

#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    pub path: String,
    pub body: Option<Value>,
    /// `Idempotency-Key`.
    pub key: Option<String>,
    pub if_match: Option<i64>,
}

impl Request {
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, key: None, if_match: None }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    pub fn key(self, key: String) -> Self {
        Self { key: Some(key), ..self }
    }
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    /// An earlier try of it may have taken effect: it ended without an answer.
    pub repeated: bool,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The addresses of the servers; any may be asked for anything.
#[derive(Debug, Clone)]
pub struct Client {
    pub http: reqwest::Client,
    pub servers: Arc<[String]>,
    pub token: Option<String>,
}

impl Client {
    pub fn new(servers: Arc<[String]>) -> reqwest::Result<Self> {
        // An error means that somebody has installed one before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(TIME_LIMIT).no_proxy().build()?;
        Ok(Self { http, servers, token: None })
    }

    pub fn with_token(&self, token: String) -> Self {
        Self { token: Some(token), ..self.clone() }
    }

    /// One try at one server.
    async fn once(&self, server: usize, request: &Request) -> reqwest::Result<(StatusCode, Value)> {
        let url = format!("{}{}", self.servers[server % self.servers.len()], request.path);
        let mut builder = self.http.request(request.method.clone(), url);
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        if let Some(key) = &request.key {
            builder = builder.header("idempotency-key", key);
        }
        if let Some(version) = request.if_match {
            builder = builder.header("if-match", format!("\"{version}\""));
        }
        if let Some(body) = &request.body {
            builder = builder.json(body);
        }
        let response = builder.send().await?;
        let status = response.status();
        let text = response.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// Tries until there is an answer. With `patient` false it gives up (`None`) as soon as a try ended in a way that
    /// leaves open whether it took effect.
    pub async fn send(&self, mut server: usize, request: &Request, patient: bool) -> Option<Answer> {
        let mut repeated = false;
        loop {
            match self.once(server, request).await {
                Ok((status, body)) if !says_later(status, &body) => {
                    return Some(Answer { status: status.as_u16(), body, repeated });
                }
                Ok(_) => repeated = true,
                // Nobody listened: nothing was sent.
                Err(error) if error.is_connect() => {}
                Err(_) => repeated = true,
            }
            if repeated && !patient {
                return None;
            }
            server += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Reads, for as long as it takes.
    pub async fn get(&self, path: &str) -> Answer {
        loop {
            if let Some(answer) = self.send(0, &Request::get(path), true).await {
                return answer;
            }
        }
    }
}

/// Answers that promise nothing: the database is away, too many requests, the first request with this key is still
/// being worked on.
fn says_later(status: StatusCode, body: &Value) -> bool {
    match status {
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::CONFLICT => body["type"] == "/problems/in-flight",
        _ => false,
    }
}
