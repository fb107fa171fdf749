//! What changed, for programs that keep a copy.

use app::{App, changes::ChangesView};
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{Json, Query, Reader},
    problem::Problem,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// The `cursor` of the answer before; 0, for everything, if absent.
    since: Option<i64>,
    /// 1–1000 rows, 500 if absent. One change is never cut in two, so there may be more.
    limit: Option<u32>,
}

/// Get what changed
///
/// Exact and without gaps: each row that changed since the cursor, as it is now, and what is gone for good.
#[utoipa::path(
    get, path = "/changes", params(ChangesQuery),
    responses((status = 200, description = "The changes, and where to go on", body = ChangesView))
)]
pub async fn get_changes(
    State(app): State<App>,
    Reader(caller): Reader,
    query: Query<ChangesQuery>,
) -> Result<Json<ChangesView>, Problem> {
    Ok(Json(app.changes(&caller, query.0.since.unwrap_or(0), query.0.limit).await?))
}
