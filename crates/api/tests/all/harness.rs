//! The API on a SQLite database of its own, called without a network.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use api::{ApiOptions, ApiState};
use app::{App, Registration};
use axum::{Router, body::Body, extract::ConnectInfo};
use domain::{Clock, Random, Timestamp, UserId};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use store::{Store, StoreOptions};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Only ever reached by a test that fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

struct TestClock(Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Different bytes each time, the same in each run.
struct TestRandom(AtomicU64);

impl Random for TestRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut number = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
    }
}

pub struct TestApi {
    pub app: App,
    pub shutdown: CancellationToken,
    router: Router,
    clock: Arc<TestClock>,
    _folder: tempfile::TempDir,
}

/// Stops the hub, which holds the database.
impl Drop for TestApi {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_str().unwrap()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }

    /// Checks that it is a problem of that kind, with all that a problem has.
    #[track_caller]
    pub fn expect_problem(self, status: u16, slug: &str) -> Value {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let body = answer.json();
        assert_eq!(body["type"], format!("/problems/{slug}"));
        assert_eq!(body["status"], status);
        assert_eq!(body["request_id"], answer.header("x-request-id"));
        body
    }
}

/// A request that is being put together.
pub struct Call<'a> {
    api: &'a TestApi,
    request: http::request::Builder,
    body: Body,
}

impl Call<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.body = Body::from(body.to_string());
        self.header("content-type", "application/json")
    }

    pub fn body(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    pub async fn open(self) -> axum::response::Response {
        let address: SocketAddr = "203.0.113.9:4711".parse().unwrap();
        let request: Request<Body> = self.request.extension(ConnectInfo(address)).body(self.body).unwrap();
        self.api.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(self) -> Answer {
        let response = self.open().await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }
}

impl TestApi {
    pub async fn new() -> Self {
        Self::with(ApiOptions::default()).await
    }

    pub async fn with(options: ApiOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(StoreOptions::sqlite(folder.path().join("todo.db"))).await.unwrap();
        store.migrate().await.unwrap();
        let clock = Arc::new(TestClock(Mutex::new("2026-01-15T09:00:00Z".parse().unwrap())));
        let random = Arc::new(TestRandom(AtomicU64::new(1)));
        let app = App::new(store, clock.clone(), random, "test", Registration::Open);
        let shutdown = CancellationToken::new();
        let router = api::router(ApiState::new(app.clone(), options, shutdown.clone()));
        Self { app, shutdown, router, clock, _folder: folder }
    }

    pub fn set_time(&self, at: &str) {
        *self.clock.0.lock().unwrap() = at.parse().unwrap();
    }

    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        Call { api: self, request: Request::builder().method(method).uri(path), body: Body::empty() }
    }

    /// A registered person's token and id.
    pub async fn register(&self, name: &str) -> (String, UserId) {
        let body = serde_json::json!({
            "email": format!("{name}@example.com"), "password": "correct horse", "name": name,
        });
        let answer = self.call("POST", "/api/auth/register").json(&body).send().await.expect(201).json();
        let id = answer["user"]["id"].as_str().unwrap().parse().unwrap();
        (answer["access_token"].as_str().unwrap().to_owned(), id)
    }
}
