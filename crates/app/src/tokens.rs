//! Sessions and API tokens of a person: list, make, revoke.

use domain::{PersonName, Timestamp, TokenId, field::Faults};
use secrecy::ExposeSecret;
use serde::Deserialize;
use store::{Commit, Token, TokenKind};
use utoipa::ToSchema;

use crate::{
    App, AppError, Caller, Scope,
    auth::{Client, token_hash},
    view::TokenView,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenInput {
    /// 1–100 characters, to tell it from others.
    pub name: String,
    /// `read` if absent.
    #[serde(default)]
    pub scopes: Option<Vec<Scope>>,
    /// Never if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

impl App {
    pub async fn sessions(&self, caller: &Caller) -> Result<Vec<TokenView>, AppError> {
        self.tokens_of(caller, TokenKind::Session).await
    }

    pub async fn tokens(&self, caller: &Caller) -> Result<Vec<TokenView>, AppError> {
        self.tokens_of(caller, TokenKind::Api).await
    }

    async fn tokens_of(&self, caller: &Caller, kind: TokenKind) -> Result<Vec<TokenView>, AppError> {
        let now = self.now();
        let live = |token: &Token| {
            [token.expires_at, token.idle_expires_at].into_iter().flatten().all(|expires_at| expires_at > now)
        };
        let tokens = self.store.tokens(caller.id(), kind).await?;
        Ok(tokens.iter().filter(|token| live(token)).map(|token| token_view(token, caller)).collect())
    }

    pub async fn revoke_session(&self, caller: &Caller, id: TokenId) -> Result<(), AppError> {
        self.revoke(caller, id, TokenKind::Session, "session").await
    }

    pub async fn revoke_token(&self, caller: &Caller, id: TokenId) -> Result<(), AppError> {
        self.revoke(caller, id, TokenKind::Api, "token").await
    }

    async fn revoke(&self, caller: &Caller, id: TokenId, kind: TokenKind, what: &'static str) -> Result<(), AppError> {
        let tokens = self.store.tokens(caller.id(), kind).await?;
        if !tokens.iter().any(|token| token.id == id) {
            return Err(AppError::NotFound(what));
        }
        let mut commit = Commit::system();
        commit.revoke_token(caller.id(), id, self.now());
        commit.audit(&self.audit(Some(caller.id()), &format!("revoke_{what}"), &Client::default()));
        self.commit(commit).await.map(drop)
    }

    /// An API token may not hold a scope that its maker lacks.
    pub async fn create_token(&self, caller: &Caller, input: &TokenInput) -> Result<TokenView, AppError> {
        let mut faults = Faults::default();
        let name = faults.take("name", PersonName::parse(&input.name));
        let mut scopes = input.scopes.clone().unwrap_or_else(|| vec![Scope::Read]);
        scopes.dedup();
        if scopes.is_empty() {
            faults.add("scopes", "must name at least one of read, write, admin");
        }
        if let Some(scope) = scopes.iter().find(|scope| !caller.scopes.contains(scope)) {
            faults.add("scopes", format!("you do not have {} yourself", scope.name()));
        }
        if input.expires_at.is_some_and(|at| at <= self.now()) {
            faults.add("expires_at", "must lie in the future");
        }
        faults.check()?;
        let secret = self.new_secret("todo_t_");
        let token = Token {
            id: self.new_id(),
            user_id: caller.id(),
            kind: TokenKind::Api,
            name: name.map(PersonName::into_string).unwrap_or_default(),
            scopes: scopes.iter().map(|scope| scope.name().to_owned()).collect(),
            user_agent: None,
            address: None,
            created_at: self.now(),
            last_used_at: None,
            expires_at: input.expires_at,
            idle_expires_at: None,
        };
        let mut commit = Commit::system();
        commit.token(&token, &token_hash(secret.expose_secret()));
        commit.audit(&self.audit(Some(caller.id()), "create_token", &Client::default()));
        self.commit(commit).await?;
        Ok(TokenView { token: Some(secret.expose_secret().to_owned()), ..token_view(&token, caller) })
    }
}

fn token_view(token: &Token, caller: &Caller) -> TokenView {
    TokenView {
        id: token.id,
        name: token.name.clone(),
        scopes: Scope::ALL.into_iter().filter(|scope| token.scopes.iter().any(|name| name == scope.name())).collect(),
        user_agent: token.user_agent.clone(),
        address: token.address.clone(),
        created_at: token.created_at,
        last_used_at: token.last_used_at,
        expires_at: token.expires_at,
        current: token.id == caller.token_id,
        token: None,
    }
}
