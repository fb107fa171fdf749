use app::{
    App,
    history::HistoryView,
    recurring_tasks::RecurringTaskQuery,
    tasks::PageQuery,
    view::{PageView, RecurringTaskView},
};
use axum::{extract::State, response::Response};
use domain::RecurringTaskId;

use crate::{
    extract::{Id, IdPath, IfNoneMatch, IfNoneMatchHeader, Json, Listing, Query, Reader},
    problem::Problem,
};

/// List recurring tasks
#[utoipa::path(
    get, path = "/recurring-tasks", params(RecurringTaskQuery, PageQuery),
    responses((status = 200, description = "A page of them", body = PageView<RecurringTaskView>))
)]
pub async fn list_recurring_tasks(
    State(app): State<App>,
    Reader(caller): Reader,
    list: Listing<RecurringTaskQuery>,
) -> Result<Json<PageView<RecurringTaskView>>, Problem> {
    Ok(Json(app.recurring_tasks(&caller, &list.filter, &list.page).await?))
}

/// Get a recurring task
#[utoipa::path(
    get, path = "/recurring-tasks/{id}", params(IdPath, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The recurring task", body = RecurringTaskView),
        (status = 304, description = "Unchanged"),
    )
)]
pub async fn get_recurring_task(
    State(app): State<App>,
    Reader(caller): Reader,
    Id(id): Id<RecurringTaskId>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    Ok(known.answer(app.recurring_task(&caller, id).await?))
}

/// List what happened to a recurring task
///
/// Newest first.
#[utoipa::path(
    get, path = "/recurring-tasks/{id}/history", params(IdPath, PageQuery),
    responses((status = 200, description = "A page of events", body = PageView<HistoryView>))
)]
pub async fn get_recurring_task_history(
    State(app): State<App>,
    Reader(caller): Reader,
    Id(id): Id<RecurringTaskId>,
    page: Query<PageQuery>,
) -> Result<Json<PageView<HistoryView>>, Problem> {
    Ok(Json(app.recurring_task_history(&caller, id, &page.0).await?))
}
