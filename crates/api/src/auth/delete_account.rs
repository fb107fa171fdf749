use app::{App, auth::DeleteAccountInput};
use axum::extract::State;
use http::StatusCode;

use crate::{
    extract::{Json, SessionOnly},
    problem::Problem,
};

/// Delete the account
///
/// Everything in it goes, for good.
#[utoipa::path(
    post, path = "/auth/delete-account", request_body = DeleteAccountInput,
    responses((status = 204, description = "Deleted"))
)]
pub async fn delete_account(
    State(app): State<App>,
    SessionOnly(caller): SessionOnly,
    Json(input): Json<DeleteAccountInput>,
) -> Result<StatusCode, Problem> {
    app.delete_account(&caller, input).await?;
    Ok(StatusCode::NO_CONTENT)
}
