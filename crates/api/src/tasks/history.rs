use app::{
    App,
    history::HistoryView,
    tasks::PageQuery,
    view::{DeliveryView, PageView},
};
use axum::extract::State;
use domain::TaskId;

use crate::{
    extract::{Id, IdPath, Json, Query, Reader},
    problem::Problem,
};

/// List what happened to a task
///
/// Also of one in the trash. Newest first.
#[utoipa::path(
    get, path = "/tasks/{id}/history", params(IdPath, PageQuery),
    responses((status = 200, description = "A page of events", body = PageView<HistoryView>))
)]
pub async fn get_task_history(
    State(app): State<App>,
    Reader(caller): Reader,
    Id(id): Id<TaskId>,
    page: Query<PageQuery>,
) -> Result<Json<PageView<HistoryView>>, Problem> {
    Ok(Json(app.task_history(&caller, id, &page.0).await?))
}

/// List the deliveries of a task's notifications
#[utoipa::path(
    get, path = "/tasks/{id}/deliveries", params(IdPath, PageQuery),
    responses((status = 200, description = "A page of the ledger", body = PageView<DeliveryView>))
)]
pub async fn list_task_deliveries(
    State(app): State<App>,
    Reader(caller): Reader,
    Id(id): Id<TaskId>,
    page: Query<PageQuery>,
) -> Result<Json<PageView<DeliveryView>>, Problem> {
    Ok(Json(app.task_deliveries(&caller, id, &page.0).await?))
}
