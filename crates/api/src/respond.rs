//! How answers look: created things with their place and version, versioned things with their ETag.

use app::{
    idempotency::Outcome,
    reminders::RemindersView,
    view::{PageView, ProjectView, RecurringTaskView, TaskView, UserView},
};
use axum::response::{IntoResponse, Response};
use domain::DueState;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::{extract::Json, problem::Problem};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Something that changes from version to version: the version is its ETag.
pub trait Versioned: Serialize {
    fn version(&self) -> i64;

    /// Whether the same version always reads the same. If not, `If-None-Match` is answered in full.
    fn reads_the_same(&self) -> bool {
        true
    }
}

impl Versioned for TaskView {
    fn version(&self) -> i64 {
        self.task.version
    }

    /// `due_state` moves with the time alone, and only onwards: none and upcoming are where it starts.
    fn reads_the_same(&self) -> bool {
        matches!(self.due_state, DueState::None | DueState::Upcoming)
    }
}

impl Versioned for RecurringTaskView {
    fn version(&self) -> i64 {
        self.recurring_task.version
    }
}

impl Versioned for ProjectView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Versioned for UserView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// The version is its task's.
impl Versioned for RemindersView {
    fn version(&self) -> i64 {
        self.version
    }

    /// What lies ahead depends on the time.
    fn reads_the_same(&self) -> bool {
        false
    }
}

pub fn etag(version: i64) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{version}\"")).ok()
}

/// A versioned body with its ETag.
pub struct WithEtag<T>(pub T);

impl<T: Versioned> IntoResponse for WithEtag<T> {
    fn into_response(self) -> Response {
        let tag = etag(self.0.version());
        let mut response = Json(self.0).into_response();
        if let Some(tag) = tag {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// What an answer may name itself by.
#[derive(Deserialize)]
struct Named {
    id: Option<String>,
    version: Option<i64>,
}

/// A body that was made now or, under an idempotency key, before: the same bytes both times.
pub fn outcome<T: Serialize>(status: StatusCode, outcome: Outcome<T>) -> Result<Response, Problem> {
    let (body, replayed) = match outcome {
        Outcome::Done(view) => (to_json(&view)?, false),
        Outcome::Replayed(body) => (body, true),
    };
    Ok(stored(status, body, replayed))
}

/// 201 with the place of what was created, `collection` + its id, and its version if it has one.
pub fn created<T: Serialize>(collection: &str, outcome: Outcome<T>) -> Result<Response, Problem> {
    let (body, replayed) = match outcome {
        Outcome::Done(view) => (to_json(&view)?, false),
        Outcome::Replayed(body) => (body, true),
    };
    // Read back from the body, because a replayed one is all there is.
    let named: Option<Named> = serde_json::from_str(&body).ok();
    let mut response = stored(StatusCode::CREATED, body, replayed);
    let headers = response.headers_mut();
    if let Some(id) = named.as_ref().and_then(|named| named.id.as_deref())
        && let Ok(location) = HeaderValue::try_from(format!("{collection}/{id}"))
    {
        headers.insert(header::LOCATION, location);
    }
    if let Some(tag) = named.and_then(|named| named.version).and_then(etag) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

fn stored(status: StatusCode, body: String, replayed: bool) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

fn to_json<T: Serialize>(value: &T) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "an answer cannot be serialised");
        Problem::internal()
    })
}

/// A list that is short enough to come as one page.
pub fn whole<T>(items: Vec<T>) -> PageView<T> {
    let total = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let page_size = u32::try_from(items.len()).unwrap_or(u32::MAX);
    PageView { items, total, page: 1, page_size, next_cursor: None }
}
