//! Sessions and API tokens. Only the hash of a token is kept; looking one up is on every request's path.

use domain::{Timestamp, TokenId, UserId, user::User};

use crate::{
    Commit, Store, StoreError,
    db::{Row, params},
    stored::corrupt,
    users::{user, user_columns},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    Session,
    Api,
    /// Allows one new password, nothing else.
    Reset,
}

impl TokenKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Api => "api",
            Self::Reset => "reset",
        }
    }

    fn from_name(name: &str) -> Result<Self, StoreError> {
        match name {
            "session" => Ok(Self::Session),
            "api" => Ok(Self::Api),
            "reset" => Ok(Self::Reset),
            other => Err(corrupt(format!("token kind {other}"))),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    pub user_id: UserId,
    pub kind: TokenKind,
    pub name: String,
    /// Such as `read` and `write`.
    pub scopes: Vec<String>,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub idle_expires_at: Option<Timestamp>,
}

macro_rules! columns {
    ($prefix:literal) => {
        concat!(
            $prefix,
            "id, ",
            $prefix,
            "user_id, ",
            $prefix,
            "kind, ",
            $prefix,
            "name, ",
            $prefix,
            "scopes, ",
            $prefix,
            "user_agent, ",
            $prefix,
            "address, ",
            $prefix,
            "created_at, ",
            $prefix,
            "last_used_at, ",
            $prefix,
            "expires_at, ",
            $prefix,
            "idle_expires_at"
        )
    };
}

pub(crate) const BY_HASH: &str = concat!(
    "select ",
    columns!("t."),
    ", ",
    user_columns!("u."),
    " from access_tokens t join users u on u.id = t.user_id where t.token_hash = $1 and t.revoked_at is null"
);

fn token(row: &Row<'_>) -> Result<Token, StoreError> {
    let scopes: String = row.get("scopes")?;
    Ok(Token {
        id: row.get("id")?,
        user_id: row.get("user_id")?,
        kind: TokenKind::from_name(&row.get::<String>("kind")?)?,
        name: row.get("name")?,
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        user_agent: row.get("user_agent")?,
        address: row.get("address")?,
        created_at: row.get("created_at")?,
        last_used_at: row.get("last_used_at")?,
        expires_at: row.get("expires_at")?,
        idle_expires_at: row.get("idle_expires_at")?,
    })
}

const INSERT: &str = "insert into access_tokens (id, user_id, kind, name, token_hash, scopes, user_agent, address, \
    created_at, last_used_at, expires_at, idle_expires_at) \
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 {from} where {locked}";

const REVOKE: &str = "update access_tokens set revoked_at = $3 {from} \
    where id = $1 and user_id = $2 and revoked_at is null and {locked}";

const REVOKE_ALL: &str = "update access_tokens set revoked_at = $4 {from} \
    where user_id = $1 and kind = $2 and ($3 is null or id <> $3) and revoked_at is null and {locked}";

impl Commit {
    pub fn token(&mut self, token: &Token, token_hash: &[u8]) {
        self.guard(
            INSERT,
            params![
                token.id,
                token.user_id,
                token.kind.name(),
                token.name.as_str(),
                token_hash.to_vec(),
                token.scopes.join(" "),
                token.user_agent.as_deref(),
                token.address.as_deref(),
                token.created_at,
                token.last_used_at,
                token.expires_at,
                token.idle_expires_at
            ],
        );
    }

    /// A conflict if it is not the user's, or revoked already.
    pub fn revoke_token(&mut self, user: UserId, id: TokenId, at: Timestamp) {
        self.guard(REVOKE, params![id, user, at]);
    }

    /// All of one kind, save one.
    pub fn revoke_tokens(&mut self, user: UserId, kind: TokenKind, except: Option<TokenId>, at: Timestamp) {
        self.push(REVOKE_ALL, params![user, kind.name(), except, at]);
    }
}

impl Store {
    /// A token that is not revoked, with its user. Whether it has expired or the user is disabled is the caller's to
    /// check.
    pub async fn token_by_hash(&self, hash: &[u8]) -> Result<Option<(Token, User)>, StoreError> {
        self.db.one(BY_HASH, params![hash.to_vec()], |row| Ok((token(row)?, user(row)?))).await
    }

    /// Those not revoked, newest first; expired ones included.
    pub async fn tokens(&self, user: UserId, kind: TokenKind) -> Result<Vec<Token>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            columns!(""),
            " from access_tokens where user_id = $1 and kind = $2 and revoked_at is null \
             order by created_at desc, id desc"
        );
        self.db.all(SQL, params![user, kind.name()], token).await
    }

    /// Notes a use. Callers do so now and then, not with every request.
    pub async fn touch_token(
        &self,
        id: TokenId,
        last_used: Timestamp,
        idle_expires: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "update access_tokens set last_used_at = $2, idle_expires_at = $3 where id = $1 \
            and revoked_at is null returning id";
        self.db.write(SQL, params![id, last_used, idle_expires], |row| row.get::<TokenId>("id")).await.map(drop)
    }
}
