use app::{
    App,
    tasks::{PageQuery, TaskQuery},
    view::{PageView, TaskView},
};
use axum::{extract::State, response::Response};
use domain::TaskId;

use crate::{
    extract::{Id, IdPath, IfNoneMatch, IfNoneMatchHeader, Json, Listing, Reader},
    problem::Problem,
};

/// List tasks
#[utoipa::path(
    get, path = "/tasks", params(TaskQuery, PageQuery),
    responses((status = 200, description = "A page of them", body = PageView<TaskView>))
)]
pub async fn list_tasks(
    State(app): State<App>,
    Reader(caller): Reader,
    list: Listing<TaskQuery>,
) -> Result<Json<PageView<TaskView>>, Problem> {
    Ok(Json(app.tasks(&caller, &list.filter, &list.page).await?))
}

/// Get a task
#[utoipa::path(
    get, path = "/tasks/{id}", params(IdPath, IfNoneMatchHeader),
    responses((status = 200, description = "The task", body = TaskView), (status = 304, description = "Unchanged"))
)]
pub async fn get_task(
    State(app): State<App>,
    Reader(caller): Reader,
    Id(id): Id<TaskId>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    Ok(known.answer(app.task(&caller, id).await?))
}
