use app::{App, view::TaskView};
use axum::extract::State;
use domain::TaskId;
use http::StatusCode;

use crate::{
    extract::{Id, IdPath, IfMatch, IfMatchHeader, Writer},
    problem::Problem,
    respond::WithEtag,
};

/// Delete a task
///
/// It goes to the trash with its subtasks, and is gone for good after 30 days.
#[utoipa::path(
    delete, path = "/tasks/{id}", params(IdPath, IfMatchHeader),
    responses((status = 204, description = "In the trash"))
)]
pub async fn trash_task(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<TaskId>,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, Problem> {
    app.trash_task(&caller, id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Restore a task from the trash
#[utoipa::path(
    patch, path = "/tasks/{id}/restore", params(IdPath, IfMatchHeader),
    responses((status = 200, description = "The task as it is now", body = TaskView))
)]
pub async fn restore_task(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<TaskId>,
    IfMatch(version): IfMatch,
) -> Result<WithEtag<TaskView>, Problem> {
    Ok(WithEtag(app.restore_task(&caller, id, version).await?))
}
