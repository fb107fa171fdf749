use app::{
    App,
    bulk::{BulkInput, BulkView},
};
use axum::{extract::State, response::Response};
use http::StatusCode;

use crate::{
    extract::{IdempotencyHeader, Keyed, Writer},
    problem::Problem,
    respond::outcome,
};

/// Do the same to many tasks
///
/// Each succeeds or fails by itself; the answer tells which.
#[utoipa::path(
    post, path = "/tasks/bulk", params(IdempotencyHeader), request_body = BulkInput,
    responses((status = 200, description = "What became of each", body = BulkView))
)]
pub async fn bulk_tasks(
    State(app): State<App>,
    Writer(caller): Writer,
    body: Keyed<BulkInput>,
) -> Result<Response, Problem> {
    outcome(StatusCode::OK, app.bulk(&caller, &body.input, body.key.as_ref()).await?)
}
