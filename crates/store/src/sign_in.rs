//! Failed sign-ins by account and by address, for the delay that grows with them.

use domain::Timestamp;

use crate::{Store, StoreError, db::params};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInAttempts {
    pub failures: i64,
    pub blocked_until: Option<Timestamp>,
    pub updated_at: Timestamp,
}

impl Store {
    /// `subject` is `account:…` or `address:…`.
    pub async fn sign_in_attempts(&self, subject: &str) -> Result<Option<SignInAttempts>, StoreError> {
        const SQL: &str = "select failures, blocked_until, updated_at from sign_in_attempts where subject = $1";
        self.db
            .one(SQL, params![subject], |row| {
                Ok(SignInAttempts {
                    failures: row.get("failures")?,
                    blocked_until: row.get("blocked_until")?,
                    updated_at: row.get("updated_at")?,
                })
            })
            .await
    }

    /// Counts one more failure and answers how many there are now. Many at once are all counted.
    pub async fn record_sign_in_failure(&self, subject: &str, at: Timestamp) -> Result<i64, StoreError> {
        const SQL: &str = "insert into sign_in_attempts (subject, failures, updated_at) values ($1, 1, $2) \
            on conflict (subject) do update set failures = sign_in_attempts.failures + 1, \
            updated_at = excluded.updated_at returning failures";
        Ok(self.db.write(SQL, params![subject, at], |row| row.get("failures")).await?.pop().unwrap_or(1))
    }

    /// Never makes a block shorter.
    pub async fn block_sign_in(&self, subject: &str, until: Timestamp) -> Result<(), StoreError> {
        const SQL: &str = "update sign_in_attempts set blocked_until = $2 where subject = $1 \
            and (blocked_until is null or blocked_until < $2) returning subject";
        self.db.write(SQL, params![subject, until], |row| row.get::<String>("subject")).await.map(drop)
    }

    /// After a success.
    pub async fn clear_sign_in_attempts(&self, subject: &str) -> Result<(), StoreError> {
        const SQL: &str = "delete from sign_in_attempts where subject = $1 returning subject";
        self.db.write(SQL, params![subject], |row| row.get::<String>("subject")).await.map(drop)
    }
}
