//! Figures over a person's tasks.

use app::{
    App,
    stats::{StatsQuery, StatsView},
};
use axum::extract::State;

use crate::{
    extract::{Json, Query, Reader},
    problem::Problem,
};

/// Get statistics
#[utoipa::path(
    get, path = "/stats", params(StatsQuery),
    responses((status = 200, description = "The figures", body = StatsView))
)]
pub async fn get_stats(
    State(app): State<App>,
    Reader(caller): Reader,
    query: Query<StatsQuery>,
) -> Result<Json<StatsView>, Problem> {
    Ok(Json(app.stats(&caller, &query.0).await?))
}
