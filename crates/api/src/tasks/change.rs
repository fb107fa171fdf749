use app::{App, input::TaskPatchInput, tasks::SnoozeInput, view::TaskView};
use axum::extract::State;
use domain::TaskId;

use crate::{
    extract::{Id, IdPath, IfMatch, IfMatchHeader, Json, Writer},
    problem::Problem,
    respond::WithEtag,
};

/// Change a task
///
/// What is absent stays, `null` clears; PUT and PATCH do the same.
#[utoipa::path(
    method(put, patch), path = "/tasks/{id}", params(IdPath, IfMatchHeader), request_body = TaskPatchInput,
    responses((status = 200, description = "The task as it is now", body = TaskView))
)]
pub async fn update_task(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<TaskId>,
    IfMatch(version): IfMatch,
    Json(input): Json<TaskPatchInput>,
) -> Result<WithEtag<TaskView>, Problem> {
    Ok(WithEtag(app.update_task(&caller, id, &input, version).await?))
}

/// Snooze a task
///
/// Moves its reminder, never its due date.
#[utoipa::path(
    patch, path = "/tasks/{id}/snooze", params(IdPath, IfMatchHeader), request_body = SnoozeInput,
    responses((status = 200, description = "The task as it is now", body = TaskView))
)]
pub async fn snooze_task(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<TaskId>,
    IfMatch(version): IfMatch,
    Json(input): Json<SnoozeInput>,
) -> Result<WithEtag<TaskView>, Problem> {
    Ok(WithEtag(app.snooze_task(&caller, id, &input, version).await?))
}
