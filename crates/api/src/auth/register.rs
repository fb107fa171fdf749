use app::{App, auth::RegisterInput, view::SignedIn};
use axum::extract::State;
use http::StatusCode;

use crate::{
    extract::{Client, Json},
    problem::Problem,
};

/// Register
///
/// Makes an account and signs it in. The first account of a server is its administrator.
#[utoipa::path(
    post, path = "/auth/register", security(()), request_body = RegisterInput,
    responses(
        (status = 201, description = "Registered and signed in", body = SignedIn),
    )
)]
pub async fn register(
    State(app): State<App>,
    Client(client): Client,
    Json(input): Json<RegisterInput>,
) -> Result<(StatusCode, Json<SignedIn>), Problem> {
    Ok((StatusCode::CREATED, Json(app.register(input, &client).await?)))
}
