//! Answers already given under an `Idempotency-Key`, stored in the same commit as what they tell of.

use domain::{Timestamp, UserId};

use crate::{Commit, Store, StoreError, db::params};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    pub user_id: UserId,
    pub key: String,
    /// Of the request: another one under the same key is a mistake.
    pub fingerprint: String,
    pub status: u16,
    /// The answer's body.
    pub body: String,
    pub created_at: Timestamp,
}

const INSERT: &str = "insert into idempotency_keys (user_id, key, fingerprint, status, body, created_at) \
    select $1, $2, $3, $4, $5, $6 {from} where {locked}";

impl Commit {
    /// [`Duplicate::IdempotencyKey`](crate::Duplicate::IdempotencyKey) if the key was used before.
    pub fn idempotency(&mut self, record: &IdempotencyRecord) {
        self.push(
            INSERT,
            params![
                record.user_id,
                record.key.as_str(),
                record.fingerprint.as_str(),
                i64::from(record.status),
                record.body.as_str(),
                record.created_at
            ],
        );
    }
}

impl Store {
    pub async fn idempotency(&self, user: UserId, key: &str) -> Result<Option<IdempotencyRecord>, StoreError> {
        const SQL: &str = "select user_id, key, fingerprint, status, body, created_at from idempotency_keys \
            where user_id = $1 and key = $2";
        self.db
            .one(SQL, params![user, key], |row| {
                Ok(IdempotencyRecord {
                    user_id: row.get("user_id")?,
                    key: row.get("key")?,
                    fingerprint: row.get("fingerprint")?,
                    status: row.get("status")?,
                    body: row.get("body")?,
                    created_at: row.get("created_at")?,
                })
            })
            .await
    }
}
