//! Who asks, as found by [`crate::identify`], and what they may: one extractor for each permission.

use std::sync::Arc;

use app::{AppError, Caller, Scope};
use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::problem::{Kind, Problem};

/// What the request's credentials came to.
#[derive(Debug, Clone)]
pub enum Identity {
    /// There were none.
    Anonymous,
    /// A token that is unknown, expired or revoked.
    Invalid,
    Known(Arc<Known>),
}

#[derive(Debug)]
pub struct Known {
    pub caller: Caller,
    /// Kept for long streams, which ask again whether it still holds.
    pub token: String,
}

/// Anybody who is signed in, whatever the scopes.
pub struct Authenticated(pub Caller);

/// May read.
pub struct Reader(pub Caller);

/// May change things.
pub struct Writer(pub Caller);

/// A person in a session of their own: what an API token must not do, so that one that leaks cannot take over the
/// account.
pub struct SessionOnly(pub Caller);

/// May read, with the token itself.
pub struct Bearer(pub Arc<Known>);

fn known(parts: &Parts) -> Result<&Arc<Known>, Problem> {
    match parts.extensions.get::<Identity>() {
        Some(Identity::Known(known)) => Ok(known),
        Some(Identity::Invalid) => Err(Problem {
            invalid_token: true,
            ..Problem::new(Kind::Unauthenticated, "The token is unknown, expired or revoked: sign in again.")
        }),
        Some(Identity::Anonymous) | None => {
            Err(Problem::new(Kind::Unauthenticated, "Send a token: Authorization: Bearer <token>."))
        }
    }
}

fn with_scope(parts: &Parts, scope: Scope) -> Result<&Arc<Known>, Problem> {
    let known = known(parts)?;
    known.caller.require(scope).map_err(|error: AppError| Problem::from(error))?;
    Ok(known)
}

impl<S: Send + Sync> FromRequestParts<S> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        known(parts).map(|known| Self(known.caller.clone()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        with_scope(parts, Scope::Read).map(|known| Self(known.caller.clone()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        with_scope(parts, Scope::Write).map(|known| Self(known.caller.clone()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SessionOnly {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let known = known(parts)?;
        if known.caller.is_session {
            Ok(Self(known.caller.clone()))
        } else {
            Err(Problem::new(Kind::SessionRequired, "An API token may not do that: sign in with the password."))
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        with_scope(parts, Scope::Read).map(|known| Self(known.clone()))
    }
}
