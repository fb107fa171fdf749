//! Ids in paths. What is no id names nothing, so it is not found, like an id that does not exist.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::problem::Problem;

pub struct Id<I>(pub I);

/// For the description of operations with an `{id}` in their path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes the path")]
pub struct IdPath {
    id: Uuid,
}

impl<I: FromStr, S: Send + Sync> FromRequestParts<S> for Id<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        text.and_then(|Path(text)| text.parse().ok()).map(Self).ok_or_else(|| Problem::not_found("id"))
    }
}
