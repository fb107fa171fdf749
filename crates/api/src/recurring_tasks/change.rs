use app::{
    App,
    recurring_tasks::{EditScope, RecurringTaskPatchInput},
    view::RecurringTaskView,
};
use axum::extract::State;
use domain::RecurringTaskId;
use http::StatusCode;

use crate::{
    extract::{Id, IdPath, IfMatch, IfMatchHeader, Json, Query, Writer},
    problem::Problem,
    respond::WithEtag,
};

/// Change a recurring task
///
/// All occurrences, this one, or this and future ones. What is absent stays, `null` clears; PUT and PATCH do the same.
#[utoipa::path(
    method(put, patch), path = "/recurring-tasks/{id}", params(IdPath, EditScope, IfMatchHeader),
    request_body = RecurringTaskPatchInput,
    responses((status = 200, description = "The recurring task as it is now", body = RecurringTaskView))
)]
pub async fn update_recurring_task(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<RecurringTaskId>,
    edit: Query<EditScope>,
    IfMatch(version): IfMatch,
    Json(input): Json<RecurringTaskPatchInput>,
) -> Result<WithEtag<RecurringTaskView>, Problem> {
    Ok(WithEtag(app.update_recurring_task(&caller, id, &input, &edit.0, version).await?))
}

/// Delete a recurring task
///
/// The tasks that it made stay.
#[utoipa::path(
    delete, path = "/recurring-tasks/{id}", params(IdPath, IfMatchHeader),
    responses((status = 204, description = "Deleted"))
)]
pub async fn delete_recurring_task(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<RecurringTaskId>,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, Problem> {
    app.delete_recurring_task(&caller, id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}
