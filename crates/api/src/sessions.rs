//! Where a person is signed in.

use app::{
    App,
    view::{PageView, TokenView},
};
use axum::extract::State;
use domain::TokenId;
use http::StatusCode;

use crate::{
    extract::{Id, IdPath, Json, Reader, SessionOnly},
    problem::Problem,
    respond::whole,
};

/// List sessions
#[utoipa::path(
    get, path = "/me/sessions",
    responses((status = 200, description = "All of them", body = PageView<TokenView>))
)]
pub async fn list_sessions(
    State(app): State<App>,
    Reader(caller): Reader,
) -> Result<Json<PageView<TokenView>>, Problem> {
    Ok(Json(whole(app.sessions(&caller).await?)))
}

/// End a session
#[utoipa::path(delete, path = "/me/sessions/{id}", params(IdPath), responses((status = 204, description = "Ended")))]
pub async fn revoke_session(
    State(app): State<App>,
    SessionOnly(caller): SessionOnly,
    Id(id): Id<TokenId>,
) -> Result<StatusCode, Problem> {
    app.revoke_session(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
