//! Tags.

use app::{
    App,
    organise::TagInput,
    view::{PageView, TagView},
};
use axum::{extract::State, response::Response};
use http::StatusCode;
use utoipa::IntoParams;

use crate::{
    extract::{Id, IdempotencyHeader, Json, Keyed, Reader, Writer},
    problem::Problem,
    respond::outcome,
};

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes the path")]
pub struct NamePath {
    name: String,
}

/// List tags
#[utoipa::path(
    get, path = "/tags",
    responses((status = 200, description = "All of them", body = PageView<TagView>))
)]
pub async fn list_tags(State(app): State<App>, Reader(caller): Reader) -> Result<Json<PageView<TagView>>, Problem> {
    Ok(Json(app.tags(&caller).await?))
}

/// Create a tag
///
/// One that exists is answered as it is.
#[utoipa::path(
    post, path = "/tags", params(IdempotencyHeader), request_body = TagInput,
    responses((status = 201, description = "It is there", body = TagView))
)]
pub async fn create_tag(
    State(app): State<App>,
    Writer(caller): Writer,
    body: Keyed<TagInput>,
) -> Result<Response, Problem> {
    outcome(StatusCode::CREATED, app.create_tag(&caller, &body.input, body.key.as_ref()).await?)
}

/// Delete a tag
///
/// It comes off every task that carries it.
#[utoipa::path(delete, path = "/tags/{name}", params(NamePath), responses((status = 204, description = "Deleted")))]
pub async fn delete_tag(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(name): Id<String>,
) -> Result<StatusCode, Problem> {
    app.delete_tag(&caller, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
