use app::{App, recurring_tasks::RecurringTaskInput, view::RecurringTaskView};
use axum::{extract::State, response::Response};

use crate::{
    extract::{IdempotencyHeader, Keyed, Writer},
    problem::Problem,
    respond::created,
};

/// Create a recurring task
#[utoipa::path(
    post, path = "/recurring-tasks", params(IdempotencyHeader), request_body = RecurringTaskInput,
    responses((status = 201, description = "Created", body = RecurringTaskView))
)]
pub async fn create_recurring_task(
    State(app): State<App>,
    Writer(caller): Writer,
    body: Keyed<RecurringTaskInput>,
) -> Result<Response, Problem> {
    created("/api/recurring-tasks", app.create_recurring_task(&caller, &body.input, body.key.as_ref()).await?)
}
