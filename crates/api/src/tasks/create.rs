use app::{App, input::TaskInput, view::TaskView};
use axum::{extract::State, response::Response};

use crate::{
    extract::{IdempotencyHeader, Keyed, Writer},
    problem::Problem,
    respond::created,
};

/// Create a task
#[utoipa::path(
    post, path = "/tasks", params(IdempotencyHeader), request_body = TaskInput,
    responses((status = 201, description = "Created", body = TaskView))
)]
pub async fn create_task(
    State(app): State<App>,
    Writer(caller): Writer,
    body: Keyed<TaskInput>,
) -> Result<Response, Problem> {
    created("/api/tasks", app.create_task(&caller, &body.input, body.key.as_ref()).await?)
}
