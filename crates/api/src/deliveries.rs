//! The ledger of what became of every notification.

use app::{
    App,
    notifications::DeliveryQuery,
    tasks::PageQuery,
    view::{DeliveryView, PageView},
};
use axum::extract::State;

use crate::{
    extract::{Json, Listing, Reader},
    problem::Problem,
};

/// List deliveries
///
/// Newest first.
#[utoipa::path(
    get, path = "/deliveries", params(DeliveryQuery, PageQuery),
    responses((status = 200, description = "A page of the ledger", body = PageView<DeliveryView>))
)]
pub async fn list_deliveries(
    State(app): State<App>,
    Reader(caller): Reader,
    list: Listing<DeliveryQuery>,
) -> Result<Json<PageView<DeliveryView>>, Problem> {
    Ok(Json(app.deliveries(&caller, &list.filter, &list.page).await?))
}
