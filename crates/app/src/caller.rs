//! Who asks: a person with a session or a program with that person's token.

use domain::{TokenId, UserId, event::Actor, task::Context, user::User};

use crate::{App, AppError};

/// What a token may do. A session may do everything its person may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Read,
    Write,
    Admin,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Caller {
    pub user: User,
    pub token_id: TokenId,
    pub is_session: bool,
    pub scopes: Vec<Scope>,
}

impl Caller {
    pub fn id(&self) -> UserId {
        self.user.id
    }

    pub fn require(&self, scope: Scope) -> Result<(), AppError> {
        if self.scopes.contains(&scope) { Ok(()) } else { Err(AppError::Scope(scope.name())) }
    }

    pub fn actor(&self) -> Actor {
        let (user_id, token_id) = (self.user.id, self.token_id);
        if self.is_session { Actor::User { user_id, token_id } } else { Actor::ApiToken { user_id, token_id } }
    }

    pub(crate) fn context(&self, app: &App) -> Context {
        Context { at: app.now(), actor: self.actor(), all_day: self.user.all_day_time }
    }
}
