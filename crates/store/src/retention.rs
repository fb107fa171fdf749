//! Forgetting: what has served its time goes, in bounded batches, so that no purge holds up anybody's commit.
//!
//! What users can see goes through commits of theirs, which tell of it; the rest is simply deleted.

use std::collections::BTreeMap;

use domain::{NotificationId, TaskId, Timestamp, UserId};

use crate::{Commit, CommitError, DeletedKind, Store, StoreError, db::params};

/// How much a purge removed; as many as its limit means that there may be more.
pub type Purged = usize;

const TASK: &str = "delete from tasks {using} where id = $1 and user_id = $2 and version = $3 \
    and deleted_at is not null and {locked}";
const TASK_TAGS: &str = "delete from task_tags {using} where task_id = $1 and {locked}";
const NOTIFICATION: &str = "delete from notifications {using} where id = $1 and user_id = $2 and {locked}";

impl Commit {
    /// A trashed task goes for good; its history stays. Guarded by owner and version.
    pub fn purge_task(&mut self, user: UserId, id: TaskId, version: i64) {
        self.counts.gone(id);
        self.guard(TASK, params![id, user, version]);
        self.push(TASK_TAGS, params![id]);
        self.change_timers(user, id.0, &domain::Timers::Replace(Vec::new()), false);
        self.deleted(user, DeletedKind::Task, id.0);
    }
}

impl Store {
    /// Tasks trashed before `before`. A task that changes meanwhile is left for the next time.
    pub async fn purge_trash(&self, before: Timestamp, limit: u32) -> Result<Purged, StoreError> {
        const SQL: &str = "select id, user_id, version from tasks where deleted_at < $1 order by deleted_at limit $2";
        let map = |row: &crate::db::Row<'_>| Ok((row.get("user_id")?, (row.get("id")?, row.get("version")?)));
        let found: Vec<(UserId, (TaskId, i64))> = self.db.all(SQL, params![before, i64::from(limit)], map).await?;
        let mut purged = 0;
        for (user, tasks) in by_user(found) {
            let mut commit = Commit::of(user);
            for (id, version) in &tasks {
                commit.purge_task(user, *id, *version);
            }
            purged += self.purged(commit, tasks.len()).await?;
        }
        Ok(purged)
    }

    /// In-app items written before `before`, read or not. The ledger keeps its rows.
    pub async fn purge_notifications(&self, before: Timestamp, limit: u32) -> Result<Purged, StoreError> {
        const SQL: &str = "select id, user_id from notifications where created_at < $1 order by created_at limit $2";
        let map = |row: &crate::db::Row<'_>| Ok((row.get("user_id")?, row.get("id")?));
        let found: Vec<(UserId, NotificationId)> = self.db.all(SQL, params![before, i64::from(limit)], map).await?;
        let mut purged = 0;
        for (user, notifications) in by_user(found) {
            let mut commit = Commit::of(user);
            for id in &notifications {
                commit.push(NOTIFICATION, params![*id, user]);
                commit.deleted(user, DeletedKind::Notification, id.0);
            }
            purged += self.purged(commit, notifications.len()).await?;
        }
        Ok(purged)
    }

    async fn purged(&self, commit: Commit, size: usize) -> Result<Purged, StoreError> {
        match self.commit(commit).await {
            Ok(_) => Ok(size),
            Err(CommitError::Conflict | CommitError::Duplicate(_)) => Ok(0),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// What consumers recorded before `before`; must lie farther back than anything can still be delivered again.
    pub async fn purge_inbox(&self, before: Timestamp, limit: u32) -> Result<Purged, StoreError> {
        const SQL: &str = "delete from inbox where (consumer, event_id) in (select consumer, event_id from inbox \
            where created_at < $1 order by created_at limit $2) returning created_at as at";
        self.purge(SQL, before, limit).await
    }

    pub async fn purge_idempotency(&self, before: Timestamp, limit: u32) -> Result<Purged, StoreError> {
        const SQL: &str = "delete from idempotency_keys where (user_id, key) in (select user_id, key \
            from idempotency_keys where created_at < $1 order by created_at limit $2) returning created_at as at";
        self.purge(SQL, before, limit).await
    }

    /// Tokens that expired or were revoked before `before`.
    pub async fn purge_tokens(&self, before: Timestamp, limit: u32) -> Result<Purged, StoreError> {
        const SQL: &str = "delete from access_tokens where id in (select id from access_tokens \
            where revoked_at < $1 or expires_at < $1 or idle_expires_at < $1 limit $2) returning created_at as at";
        self.purge(SQL, before, limit).await
    }

    /// Counts of failed sign-ins that nobody added to since `before`.
    pub async fn purge_sign_in_attempts(&self, before: Timestamp, limit: u32) -> Result<Purged, StoreError> {
        const SQL: &str = "delete from sign_in_attempts where subject in (select subject from sign_in_attempts \
            where updated_at < $1 limit $2) returning updated_at as at";
        self.purge(SQL, before, limit).await
    }

    pub async fn purge_audit_log(&self, before: Timestamp, limit: u32) -> Result<Purged, StoreError> {
        const SQL: &str = "delete from audit_log where id in (select id from audit_log \
            where created_at < $1 order by created_at limit $2) returning created_at as at";
        self.purge(SQL, before, limit).await
    }

    async fn purge(&self, sql: &'static str, before: Timestamp, limit: u32) -> Result<Purged, StoreError> {
        let gone = self.db.write(sql, params![before, i64::from(limit)], |row| row.get::<Timestamp>("at")).await?;
        Ok(gone.len())
    }
}

fn by_user<T>(rows: Vec<(UserId, T)>) -> BTreeMap<UserId, Vec<T>> {
    let mut users: BTreeMap<UserId, Vec<T>> = BTreeMap::new();
    for (user, row) in rows {
        users.entry(user).or_default().push(row);
    }
    users
}
