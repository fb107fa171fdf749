//! A person's own settings.

use app::{App, me::MePatchInput, view::UserView};
use axum::{extract::State, response::Response};
use domain::preferences::Preferences;

use crate::{
    extract::{IfMatch, IfMatchHeader, IfNoneMatch, IfNoneMatchHeader, Json, Reader, Writer},
    problem::Problem,
    respond::WithEtag,
};

/// Get the account
#[utoipa::path(
    get, path = "/me", params(IfNoneMatchHeader),
    responses((status = 200, description = "The account", body = UserView), (status = 304, description = "Unchanged"))
)]
pub async fn get_me(State(app): State<App>, Reader(caller): Reader, known: IfNoneMatch) -> Result<Response, Problem> {
    Ok(known.answer(app.me(&caller).await?))
}

/// Change the account
#[utoipa::path(
    patch, path = "/me", params(IfMatchHeader), request_body = MePatchInput,
    responses((status = 200, description = "The account", body = UserView))
)]
pub async fn update_me(
    State(app): State<App>,
    Writer(caller): Writer,
    IfMatch(version): IfMatch,
    Json(input): Json<MePatchInput>,
) -> Result<WithEtag<UserView>, Problem> {
    Ok(WithEtag(app.update_me(&caller, &input, version).await?))
}

/// Get the notification preferences
#[utoipa::path(
    get, path = "/me/preferences",
    responses((status = 200, description = "Which kinds are wanted on which channel", body = Preferences))
)]
pub async fn get_preferences(State(app): State<App>, Reader(caller): Reader) -> Result<Json<Preferences>, Problem> {
    Ok(Json(app.preferences(&caller).await?))
}

/// Set the notification preferences
///
/// What is absent is back at its default.
#[utoipa::path(
    put, path = "/me/preferences", request_body = Preferences,
    responses((status = 200, description = "As they are now", body = Preferences))
)]
pub async fn set_preferences(
    State(app): State<App>,
    Writer(caller): Writer,
    Json(preferences): Json<Preferences>,
) -> Result<Json<Preferences>, Problem> {
    Ok(Json(app.set_preferences(&caller, preferences).await?))
}
