//! Projects.

use app::{
    App,
    organise::{ProjectInput, ProjectPatchInput},
    view::{PageView, ProjectView},
};
use axum::{extract::State, response::Response};
use domain::ProjectId;
use http::StatusCode;

use crate::{
    extract::{
        Id, IdPath, IdempotencyHeader, IfMatch, IfMatchHeader, IfNoneMatch, IfNoneMatchHeader, Json, Keyed, Reader,
        Writer,
    },
    problem::Problem,
    respond::{WithEtag, created},
};

/// List projects
#[utoipa::path(
    get, path = "/projects",
    responses((status = 200, description = "All of them", body = PageView<ProjectView>))
)]
pub async fn list_projects(
    State(app): State<App>,
    Reader(caller): Reader,
) -> Result<Json<PageView<ProjectView>>, Problem> {
    Ok(Json(app.projects(&caller).await?))
}

/// Create a project
#[utoipa::path(
    post, path = "/projects", params(IdempotencyHeader), request_body = ProjectInput,
    responses((status = 201, description = "Created", body = ProjectView))
)]
pub async fn create_project(
    State(app): State<App>,
    Writer(caller): Writer,
    body: Keyed<ProjectInput>,
) -> Result<Response, Problem> {
    created("/api/projects", app.create_project(&caller, &body.input, body.key.as_ref()).await?)
}

/// Get a project
#[utoipa::path(
    get, path = "/projects/{id}", params(IdPath, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The project", body = ProjectView),
        (status = 304, description = "Unchanged"),
    )
)]
pub async fn get_project(
    State(app): State<App>,
    Reader(caller): Reader,
    Id(id): Id<ProjectId>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    Ok(known.answer(app.project(&caller, id).await?))
}

/// Change a project
///
/// What is absent stays, `null` clears; PUT and PATCH do the same.
#[utoipa::path(
    method(put, patch), path = "/projects/{id}", params(IdPath, IfMatchHeader), request_body = ProjectPatchInput,
    responses((status = 200, description = "The project as it is now", body = ProjectView))
)]
pub async fn update_project(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<ProjectId>,
    IfMatch(version): IfMatch,
    Json(input): Json<ProjectPatchInput>,
) -> Result<WithEtag<ProjectView>, Problem> {
    Ok(WithEtag(app.update_project(&caller, id, &input, version).await?))
}

/// Delete a project
///
/// Its tasks go to the inbox.
#[utoipa::path(delete, path = "/projects/{id}", params(IdPath), responses((status = 204, description = "Deleted")))]
pub async fn delete_project(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<ProjectId>,
) -> Result<StatusCode, Problem> {
    app.delete_project(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
