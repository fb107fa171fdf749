use app::{App, recurring_tasks::PauseInput, view::RecurringTaskView};
use axum::extract::State;
use domain::RecurringTaskId;

use crate::{
    extract::{Id, IdPath, IfMatch, IfMatchHeader, OptionalJson, Writer},
    problem::Problem,
    respond::WithEtag,
};

/// Pause a recurring task
///
/// Until a moment, or until it is resumed. Slots that pass meanwhile are not made up for.
#[utoipa::path(
    patch, path = "/recurring-tasks/{id}/pause", params(IdPath, IfMatchHeader), request_body = Option<PauseInput>,
    responses((status = 200, description = "The recurring task as it is now", body = RecurringTaskView))
)]
pub async fn pause_recurring_task(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<RecurringTaskId>,
    IfMatch(version): IfMatch,
    OptionalJson(input): OptionalJson<PauseInput>,
) -> Result<WithEtag<RecurringTaskView>, Problem> {
    Ok(WithEtag(app.pause_recurring_task(&caller, id, &input, version).await?))
}

/// Resume a recurring task
#[utoipa::path(
    patch, path = "/recurring-tasks/{id}/resume", params(IdPath, IfMatchHeader),
    responses((status = 200, description = "The recurring task as it is now", body = RecurringTaskView))
)]
pub async fn resume_recurring_task(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<RecurringTaskId>,
    IfMatch(version): IfMatch,
) -> Result<WithEtag<RecurringTaskView>, Problem> {
    Ok(WithEtag(app.resume_recurring_task(&caller, id, version).await?))
}
