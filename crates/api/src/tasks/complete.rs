use app::{App, view::TaskView};
use axum::extract::State;
use domain::TaskId;

use crate::{
    extract::{Id, IdPath, IfMatch, IfMatchHeader, Writer},
    problem::Problem,
    respond::WithEtag,
};

/// Complete a task
///
/// Its open subtasks are completed with it. Completing twice changes nothing.
#[utoipa::path(
    patch, path = "/tasks/{id}/complete", params(IdPath, IfMatchHeader),
    responses((status = 200, description = "The task as it is now", body = TaskView))
)]
pub async fn complete_task(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<TaskId>,
    IfMatch(version): IfMatch,
) -> Result<WithEtag<TaskView>, Problem> {
    Ok(WithEtag(app.complete_task(&caller, id, version).await?))
}

/// Reopen a task
#[utoipa::path(
    patch, path = "/tasks/{id}/reopen", params(IdPath, IfMatchHeader),
    responses((status = 200, description = "The task as it is now", body = TaskView))
)]
pub async fn reopen_task(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<TaskId>,
    IfMatch(version): IfMatch,
) -> Result<WithEtag<TaskView>, Problem> {
    Ok(WithEtag(app.reopen_task(&caller, id, version).await?))
}
