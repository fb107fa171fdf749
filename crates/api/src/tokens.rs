//! Tokens for programs.

use app::{
    App,
    tokens::TokenInput,
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

/// List API tokens
#[utoipa::path(
    get, path = "/me/tokens",
    responses((status = 200, description = "All of them, without the secrets", body = PageView<TokenView>))
)]
pub async fn list_tokens(State(app): State<App>, Reader(caller): Reader) -> Result<Json<PageView<TokenView>>, Problem> {
    Ok(Json(whole(app.tokens(&caller).await?)))
}

/// Create an API token
///
/// Its `token` is shown this once.
#[utoipa::path(
    post, path = "/me/tokens", request_body = TokenInput,
    responses((status = 201, description = "The token with its secret", body = TokenView))
)]
pub async fn create_token(
    State(app): State<App>,
    SessionOnly(caller): SessionOnly,
    Json(input): Json<TokenInput>,
) -> Result<(StatusCode, Json<TokenView>), Problem> {
    Ok((StatusCode::CREATED, Json(app.create_token(&caller, &input).await?)))
}

/// Revoke an API token
#[utoipa::path(delete, path = "/me/tokens/{id}", params(IdPath), responses((status = 204, description = "Revoked")))]
pub async fn revoke_token(
    State(app): State<App>,
    SessionOnly(caller): SessionOnly,
    Id(id): Id<TokenId>,
) -> Result<StatusCode, Problem> {
    app.revoke_token(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
