//! The audit log: sign-ins and what administrators did.

use domain::{Timestamp, UserId};
use uuid::Uuid;

use crate::{
    Commit, Store, StoreError,
    db::params,
    stored::{Json, from_json, to_json},
};

#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    pub id: Uuid,
    pub user_id: Option<UserId>,
    /// Such as `sign-in` or `user.disable`.
    pub action: String,
    pub address: Option<String>,
    pub detail: serde_json::Value,
    pub created_at: Timestamp,
}

const INSERT: &str = "insert into audit_log (id, user_id, action, address, detail, created_at) \
    select $1, $2, $3, $4, $5, $6 {from} where {locked}";

impl Commit {
    pub fn audit(&mut self, entry: &AuditEntry) {
        self.push(
            INSERT,
            params![
                entry.id,
                entry.user_id,
                entry.action.as_str(),
                entry.address.as_deref(),
                Json(to_json(&entry.detail)),
                entry.created_at
            ],
        );
    }
}

impl Store {
    /// Newest first; of one user or of everybody.
    pub async fn audit_log(&self, user: Option<UserId>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        const SQL: &str = "select id, user_id, action, address, detail, created_at from audit_log \
            where $1 is null or user_id = $1 order by created_at desc, id desc limit $2";
        self.db
            .all(SQL, params![user, i64::from(limit)], |row| {
                Ok(AuditEntry {
                    id: row.get("id")?,
                    user_id: row.get("user_id")?,
                    action: row.get("action")?,
                    address: row.get("address")?,
                    detail: from_json("detail", &row.get::<String>("detail")?)?,
                    created_at: row.get("created_at")?,
                })
            })
            .await
    }
}
