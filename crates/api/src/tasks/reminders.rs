use app::{
    App,
    reminders::{RemindersInput, RemindersView},
};
use axum::extract::State;
use domain::TaskId;

use crate::{
    extract::{Id, IdPath, IfMatch, IfMatchHeader, Json, Reader, Writer},
    problem::Problem,
    respond::WithEtag,
};

/// Get a task's reminders
#[utoipa::path(
    get, path = "/tasks/{id}/reminders", params(IdPath),
    responses((status = 200, description = "Its list, and what lies ahead", body = RemindersView))
)]
pub async fn get_reminders(
    State(app): State<App>,
    Reader(caller): Reader,
    Id(id): Id<TaskId>,
) -> Result<WithEtag<RemindersView>, Problem> {
    Ok(WithEtag(app.reminders(&caller, id).await?))
}

/// Set a task's reminders
///
/// `null` goes back to the default: 24 hours before due, and at due. `[]` is none.
#[utoipa::path(
    put, path = "/tasks/{id}/reminders", params(IdPath, IfMatchHeader), request_body = RemindersInput,
    responses((status = 200, description = "Its list, and what lies ahead", body = RemindersView))
)]
pub async fn set_reminders(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<TaskId>,
    IfMatch(version): IfMatch,
    Json(input): Json<RemindersInput>,
) -> Result<WithEtag<RemindersView>, Problem> {
    Ok(WithEtag(app.set_reminders(&caller, id, &input, version).await?))
}
