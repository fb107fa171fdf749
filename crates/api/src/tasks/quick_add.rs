use app::{
    App,
    quick_add::{QuickAddInput, QuickAddView, UnderstoodView},
};
use axum::{extract::State, response::Response};
use http::StatusCode;

use crate::{
    extract::{IdempotencyHeader, Json, Keyed, Reader, Writer},
    problem::Problem,
    respond::outcome,
};

/// Add a task from a line of text
///
/// `Pay rent every month on the 1st #home @bills p1` makes a recurring task.
#[utoipa::path(
    post, path = "/tasks/quick-add", params(IdempotencyHeader), request_body = QuickAddInput,
    responses((status = 201, description = "What was made, and how the line was understood", body = QuickAddView))
)]
pub async fn quick_add(
    State(app): State<App>,
    Writer(caller): Writer,
    body: Keyed<QuickAddInput>,
) -> Result<Response, Problem> {
    outcome(StatusCode::CREATED, app.quick_add(&caller, &body.input, body.key.as_ref()).await?)
}

/// See how a line of text is understood
///
/// Makes nothing.
#[utoipa::path(
    post, path = "/tasks/quick-add/preview", request_body = QuickAddInput,
    responses((status = 200, description = "How the line is understood", body = UnderstoodView))
)]
pub async fn preview_quick_add(
    State(app): State<App>,
    Reader(caller): Reader,
    Json(input): Json<QuickAddInput>,
) -> Result<Json<UnderstoodView>, Problem> {
    Ok(Json(app.parse_quick_add(&caller, &input).await?))
}
