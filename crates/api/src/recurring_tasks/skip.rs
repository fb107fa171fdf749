use app::{App, recurring_tasks::SkipInput, view::RecurringTaskView};
use axum::extract::State;
use domain::RecurringTaskId;

use crate::{
    extract::{Id, IdPath, IfMatch, IfMatchHeader, OptionalJson, Writer},
    problem::Problem,
    respond::WithEtag,
};

/// Skip an occurrence
///
/// The next one, if no slot is named.
#[utoipa::path(
    patch, path = "/recurring-tasks/{id}/skip", params(IdPath, IfMatchHeader), request_body = Option<SkipInput>,
    responses((status = 200, description = "The recurring task as it is now", body = RecurringTaskView))
)]
pub async fn skip_occurrence(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<RecurringTaskId>,
    IfMatch(version): IfMatch,
    OptionalJson(input): OptionalJson<SkipInput>,
) -> Result<WithEtag<RecurringTaskView>, Problem> {
    Ok(WithEtag(app.skip_occurrence(&caller, id, &input, version).await?))
}
