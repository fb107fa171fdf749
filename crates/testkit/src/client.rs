//! A person at the API: requests that read like what they are, answers that say what they should be.

#![allow(clippy::needless_pass_by_value, reason = "a body is written in the call")]

use std::{future::IntoFuture, net::SocketAddr, ops::Index, pin::Pin};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request},
    response::Response,
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::TestApp;

/// The same for everybody; long enough to be accepted.
pub const PASSWORD: &str = "correct horse battery staple";

/// Somebody with an account, or (without a token) somebody without.
#[derive(Clone)]
pub struct User {
    pub app: TestApp,
    pub id: String,
    pub email: String,
    pub token: Option<String>,
}

impl User {
    pub(crate) async fn register(app: &TestApp, name: &str) -> Self {
        let email = format!("{name}@example.org");
        let body = json!({"email": email, "password": PASSWORD, "name": name});
        let answer = Self::nobody(app).post("/api/auth/register", body).await.expect(201);
        let id = answer["user"]["id"].as_str().unwrap().to_owned();
        Self { app: app.clone(), id, email, token: Some(answer["access_token"].as_str().unwrap().to_owned()) }
    }

    /// Without a token.
    pub fn nobody(app: &TestApp) -> Self {
        Self { app: app.clone(), id: String::new(), email: String::new(), token: None }
    }

    /// The same person with a token that does not run out, for tests of weeks and months: a session that lies idle
    /// ends.
    pub async fn lasting(&self) -> Self {
        let body = json!({"name": "lasting", "scopes": ["read", "write"]});
        let made = self.post("/api/me/tokens", body).await.expect(201);
        self.with_token(made["token"].as_str().unwrap())
    }

    /// The same person with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn call(&self, method: &str, path: &str) -> Call {
        let call = Call {
            app: self.app.clone(),
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        match &self.token {
            Some(token) => call.header("authorization", &format!("Bearer {token}")),
            None => call,
        }
    }

    pub fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    pub fn delete(&self, path: &str) -> Call {
        self.call("DELETE", path)
    }

    pub fn post(&self, path: &str, body: Value) -> Call {
        self.call("POST", path).json(&body)
    }

    pub fn put(&self, path: &str, body: Value) -> Call {
        self.call("PUT", path).json(&body)
    }

    /// `null` for no body.
    pub fn patch(&self, path: &str, body: Value) -> Call {
        let call = self.call("PATCH", path);
        if body.is_null() { call } else { call.json(&body) }
    }

    /// A task by its title, due at an instant or never.
    pub async fn task(&self, title: &str, due_date: Option<&str>) -> Answer {
        self.post("/api/tasks", json!({"title": title, "due_date": due_date})).await.expect(201)
    }

    /// Kind and title of every notification, oldest first.
    pub async fn told(&self) -> Vec<(String, String)> {
        let answer = self.get("/api/notifications?page_size=100").await.expect(200);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let items = answer["items"].as_array().unwrap().iter().rev();
        items.map(|item| (text(&item["kind"]), text(&item["title"]))).collect()
    }

    /// All items of a list, by its cursor.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut next = format!("{path}{joint}page_size=100");
        loop {
            let page = self.get(&next).await.expect(200);
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(cursor) = page["next_cursor"].as_str() else { return items };
            next = format!("{path}{joint}page_size=100&cursor={cursor}");
        }
    }
}

/// A request that is being put together; awaiting it sends it.
#[derive(Clone)]
pub struct Call {
    app: TestApp,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn if_match(self, version: i64) -> Self {
        self.header("if-match", &format!("\"{version}\""))
    }

    /// The answer with its body still to come.
    pub async fn open(self) -> Response {
        let address: SocketAddr = "203.0.113.9:4711".parse().unwrap();
        let mut request =
            Request::builder().method(self.method.as_str()).uri(&self.path).extension(ConnectInfo(address));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(self.body)).unwrap();
        self.app.router.clone().oneshot(request).await.unwrap()
    }

    async fn send(self) -> Answer {
        let request = format!("{} {}", self.method, self.path);
        let response = self.open().await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { request, status, headers, text, body }
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub request: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// Null if it is no JSON.
    pub body: Value,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.request, self.text);
        self
    }

    /// A problem of that kind, with all that a problem has.
    #[track_caller]
    pub fn expect_problem(self, status: u16, slug: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.request);
        assert_eq!(answer["type"], format!("/problems/{slug}"), "{}: {}", answer.request, answer.text);
        assert_eq!(answer["status"], status);
        assert_eq!(answer["request_id"], answer.header("x-request-id"));
        assert!(answer["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}", answer.text);
        answer
    }

    /// 422 that names this field.
    #[track_caller]
    pub fn expect_fault(self, field: &str) -> Self {
        let answer = self.expect_problem(422, "invalid");
        let named: Vec<&str> = answer.fields();
        assert!(named.contains(&field), "{}: {field} is not among {named:?}: {}", answer.request, answer.text);
        answer
    }

    /// The fields that a problem names.
    pub fn fields(&self) -> Vec<&str> {
        self["errors"].as_array().into_iter().flatten().filter_map(|error| error["field"].as_str()).collect()
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.unwrap_or_else(|| panic!("{}: no {name}", self.request)).to_str().unwrap()
    }

    #[track_caller]
    pub fn id(&self) -> &str {
        self["id"].as_str().unwrap()
    }

    #[track_caller]
    pub fn version(&self) -> i64 {
        self["version"].as_i64().unwrap()
    }

    /// The titles of a list.
    pub fn titles(&self) -> Vec<&str> {
        self["items"].as_array().into_iter().flatten().filter_map(|item| item["title"].as_str()).collect()
    }
}

impl Index<&str> for Answer {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        &self.body[name]
    }
}
