//! Live updates as server-sent events.
//!
//! A stream tells that something changed (`change`, with the cursor to read up to) and brings new notifications whole
//! (`notification`). It carries no other data: what changed is read from `/api/changes`.

mod hub;
mod stream;

use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{KeepAlive, Sse},
    },
};
use http::{HeaderMap, HeaderName, HeaderValue};
use utoipa::IntoParams;

use crate::{extract::Bearer, problem::Problem, state::ApiState};

pub use hub::Hub;
use stream::Follower;

/// How often an idle stream shows that it is alive; proxies cut silent connections after about a minute.
const KEEP_ALIVE: std::time::Duration = std::time::Duration::from_secs(15);

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header")]
pub struct LastEventIdHeader {
    /// The `id` of the last event that arrived: what was missed since is sent at once.
    #[param(rename = "Last-Event-ID", required = false)]
    last_event_id: String,
}

/// Follow live updates
///
/// `event: change` with `{"cursor": number}` when anything changed, `event: notification` with the notification. Each
/// has the cursor as its `id`; a stream that resumes ends its catching up with a `change`.
#[utoipa::path(
    get, path = "/events", params(LastEventIdHeader),
    responses((status = 200, description = "A stream without end", body = String, content_type = "text/event-stream"))
)]
pub async fn follow_events(
    State(state): State<ApiState>,
    Bearer(known): Bearer,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Subscribed before the counter is read, so that nothing falls between the two.
    let counters = state.hub.subscribe(known.caller.id());
    let now = state.app.cursor(known.caller.id()).await?;
    let follower = Follower::new(state, known, counters, now, last_event_id(&headers));
    let mut response =
        Sse::new(follower.into_stream()).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // Or nginx holds the events back.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// What is no cursor of ours is as good as none.
fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    let id = headers.get("last-event-id")?.to_str().ok()?.trim().parse().ok()?;
    (id >= 0).then_some(id)
}
