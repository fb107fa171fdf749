//! The in-app list of what a person was told.

use app::{
    App,
    notifications::{NotificationQuery, NotificationsView, ReadAllView},
    tasks::{PageQuery, SnoozeInput},
    view::NotificationView,
};
use axum::extract::State;
use domain::NotificationId;

use crate::{
    extract::{Id, IdPath, Json, Listing, Reader, Writer},
    problem::Problem,
};

/// List notifications
///
/// Newest first, with the number of unread ones.
#[utoipa::path(
    get, path = "/notifications", params(NotificationQuery, PageQuery),
    responses((status = 200, description = "A page of them", body = NotificationsView))
)]
pub async fn list_notifications(
    State(app): State<App>,
    Reader(caller): Reader,
    list: Listing<NotificationQuery>,
) -> Result<Json<NotificationsView>, Problem> {
    Ok(Json(app.notifications(&caller, &list.filter, &list.page).await?))
}

/// Mark a notification as read
#[utoipa::path(
    patch, path = "/notifications/{id}/read", params(IdPath),
    responses((status = 200, description = "The notification as it is now", body = NotificationView))
)]
pub async fn read_notification(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<NotificationId>,
) -> Result<Json<NotificationView>, Problem> {
    Ok(Json(app.read_notification(&caller, id).await?))
}

/// Mark every notification as read
#[utoipa::path(
    patch, path = "/notifications/read-all",
    responses((status = 200, description = "How many were unread", body = ReadAllView))
)]
pub async fn read_all_notifications(
    State(app): State<App>,
    Writer(caller): Writer,
) -> Result<Json<ReadAllView>, Problem> {
    Ok(Json(app.read_all_notifications(&caller).await?))
}

/// Snooze a notification
///
/// Its task reminds again at that moment; the due date stays.
#[utoipa::path(
    patch, path = "/notifications/{id}/snooze", params(IdPath), request_body = SnoozeInput,
    responses((status = 200, description = "The notification as it is now", body = NotificationView))
)]
pub async fn snooze_notification(
    State(app): State<App>,
    Writer(caller): Writer,
    Id(id): Id<NotificationId>,
    Json(input): Json<SnoozeInput>,
) -> Result<Json<NotificationView>, Problem> {
    Ok(Json(app.snooze_notification(&caller, id, &input).await?))
}
