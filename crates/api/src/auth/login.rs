use app::{App, auth::LoginInput, view::SignedIn};
use axum::extract::State;
use http::StatusCode;

use crate::{
    extract::{Authenticated, Client, Json},
    problem::Problem,
};

/// Sign in
#[utoipa::path(
    post, path = "/auth/login", security(()), request_body = LoginInput,
    responses(
        (status = 200, description = "Signed in", body = SignedIn),
    )
)]
pub async fn login(
    State(app): State<App>,
    Client(client): Client,
    Json(input): Json<LoginInput>,
) -> Result<Json<SignedIn>, Problem> {
    Ok(Json(app.login(input, &client).await?))
}

/// Sign out
///
/// The token that this request came with is void from now on.
#[utoipa::path(post, path = "/auth/logout", responses((status = 204, description = "Signed out")))]
pub async fn logout(State(app): State<App>, Authenticated(caller): Authenticated) -> Result<StatusCode, Problem> {
    app.logout(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
