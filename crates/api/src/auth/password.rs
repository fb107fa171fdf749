use app::{
    App,
    auth::{ChangePasswordInput, ResetPasswordInput},
};
use axum::extract::State;
use http::StatusCode;

use crate::{
    extract::{Json, SessionOnly},
    problem::Problem,
};

/// Change the password
///
/// Every other session ends; API tokens go on.
#[utoipa::path(
    post, path = "/auth/change-password", request_body = ChangePasswordInput,
    responses((status = 204, description = "Changed"))
)]
pub async fn change_password(
    State(app): State<App>,
    SessionOnly(caller): SessionOnly,
    Json(input): Json<ChangePasswordInput>,
) -> Result<StatusCode, Problem> {
    app.change_password(&caller, input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set a new password with a one-time token
///
/// The token comes from an operator of the server. Every session ends.
#[utoipa::path(
    post, path = "/auth/reset-password", security(()), request_body = ResetPasswordInput,
    responses((status = 204, description = "Changed"))
)]
pub async fn reset_password(
    State(app): State<App>,
    Json(input): Json<ResetPasswordInput>,
) -> Result<StatusCode, Problem> {
    app.reset_password(input).await?;
    Ok(StatusCode::NO_CONTENT)
}
