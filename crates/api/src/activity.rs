//! Everything that happened in an account.

use app::{App, history::HistoryView, tasks::PageQuery, view::PageView};
use axum::extract::State;

use crate::{
    extract::{Json, Query, Reader},
    problem::Problem,
};

/// List activity
///
/// Who changed what, when and through which door. Newest first.
#[utoipa::path(
    get, path = "/activity", params(PageQuery),
    responses((status = 200, description = "A page of events", body = PageView<HistoryView>))
)]
pub async fn list_activity(
    State(app): State<App>,
    Reader(caller): Reader,
    page: Query<PageQuery>,
) -> Result<Json<PageView<HistoryView>>, Problem> {
    Ok(Json(app.activity(&caller, &page.0).await?))
}
