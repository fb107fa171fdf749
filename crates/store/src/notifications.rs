//! The in-app list of what a person was told.

use domain::{
    NotificationId, TaskId, Timestamp, UserId,
    notification::{Notification, NotificationKind},
};
use uuid::Uuid;

use crate::{
    Commit, Cursor, Page, PageRequest, Store, StoreError,
    cursor::Key,
    db::{Row, params},
    stored::corrupt,
};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotificationFilter {
    pub unread: bool,
    pub kind: Option<NotificationKind>,
}

/// A digest is written by the first of those that fold into it; each later one only tells that it has grown.
const INSERT: &str = "insert into notifications (id, user_id, kind, task_id, title, due_date, late, created_at, \
    read_at, snoozed_until, created_change, changed) \
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, {counter}, {counter} {from} where {locked} \
    on conflict (id) do update set changed = excluded.changed where notifications.user_id = excluded.user_id";

const UPDATE: &str = "update notifications set read_at = $3, snoozed_until = $4, changed = {counter} {from} \
    where id = $1 and user_id = $2";

const READ_ALL: &str = "update notifications set read_at = $2, changed = {counter} {from} \
    where user_id = $1 and read_at is null";

macro_rules! columns {
    () => {
        "id, user_id, kind, task_id, title, due_date, late, created_at, read_at, snoozed_until, created_change, changed"
    };
}

pub(crate) const DIGESTED: &str = "select digest_id, task_id from deliveries \
    where {beside:user_id} = $1 and digest_id {in_uuids:2} order by moment, task_id";

fn notification(row: &Row<'_>) -> Result<Notification, StoreError> {
    let kind: String = row.get("kind")?;
    Ok(Notification {
        id: row.get("id")?,
        user_id: row.get("user_id")?,
        kind: NotificationKind::from_name(&kind).ok_or_else(|| corrupt(format!("notification kind {kind}")))?,
        task_id: row.get("task_id")?,
        task_ids: Vec::new(),
        title: row.get("title")?,
        due_date: row.get("due_date")?,
        late: row.get("late")?,
        created_at: row.get("created_at")?,
        read_at: row.get("read_at")?,
        snoozed_until: row.get("snoozed_until")?,
    })
}

impl Commit {
    pub fn notification(&mut self, notification: &Notification) {
        self.guard(
            INSERT,
            params![
                notification.id,
                notification.user_id,
                notification.kind.name(),
                notification.task_id,
                notification.title.as_str(),
                notification.due_date.as_deref(),
                notification.late,
                notification.created_at,
                notification.read_at,
                notification.snoozed_until
            ],
        );
    }

    /// Stores `read_at` and `snoozed_until` of one that is there.
    pub fn notification_state(&mut self, notification: &Notification) {
        self.guard(
            UPDATE,
            params![notification.id, notification.user_id, notification.read_at, notification.snoozed_until],
        );
    }

    /// Every unread one of the user is read at `at`.
    pub fn read_all(&mut self, user: UserId, at: Timestamp) {
        self.push(READ_ALL, params![user, at]);
    }
}

const SORT: &str = "notifications";

impl Store {
    pub async fn notification(&self, user: UserId, id: NotificationId) -> Result<Option<Notification>, StoreError> {
        const SQL: &str = concat!("select ", columns!(), " from notifications where id = $1 and user_id = $2");
        let found = self.db.all(SQL, params![id, user], notification).await?;
        Ok(self.with_digested(user, found).await?.pop())
    }

    /// Newest first.
    pub async fn notifications(
        &self,
        user: UserId,
        filter: &NotificationFilter,
        request: &PageRequest,
    ) -> Result<Page<Notification>, StoreError> {
        let mut condition = String::from(" from notifications where user_id = $1 and ($2 is null or kind = $2)");
        if filter.unread {
            condition.push_str(" and read_at is null");
        }
        let kind = filter.kind.map(NotificationKind::name);
        let count = format!("select count(*) as number{condition}");
        let total = self.db.one(count, params![user, kind], |row| row.get("number")).await?.unwrap_or(0);

        let cursor = request.parsed_cursor()?;
        let at = cursor.as_ref().map(|cursor| cursor.number_of(SORT)).transpose()?;
        let at = at.map(Timestamp::from_microsecond).transpose().map_err(|_| StoreError::BadCursor)?;
        let (at, id) = (at.unwrap_or(Timestamp::MAX), cursor.map_or(Uuid::max(), |cursor| cursor.id));
        let columns = columns!();
        let page = format!(
            "select {columns}{condition} and (created_at, id) < ($3, $4) \
             order by created_at desc, id desc limit $5 offset $6"
        );
        let params = params![user, kind, at, id, request.limit() + 1, request.offset()];
        let items = self.db.all(page, params, notification).await?;
        let items = self.with_digested(user, items).await?;
        Ok(Page::cut(items, total, request, |item| {
            Cursor::new(SORT, Key::Number(item.created_at.as_microsecond()), item.id)
        }))
    }

    pub async fn unread_count(&self, user: UserId) -> Result<i64, StoreError> {
        const SQL: &str = "select count(*) as number from notifications where user_id = $1 and read_at is null";
        Ok(self.db.one(SQL, params![user], |row| row.get("number")).await?.unwrap_or(0))
    }

    /// Those written after the given value of the user's change counter, in order, each with its own: what a live
    /// stream resumes from.
    pub async fn notifications_since(
        &self,
        user: UserId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(Notification, i64)>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            columns!(),
            " from notifications where user_id = $1 and created_change > $2 order by created_change, id limit $3"
        );
        let map = |row: &Row<'_>| Ok((notification(row)?, row.get("created_change")?));
        let found: Vec<(Notification, i64)> = self.db.all(SQL, params![user, after, i64::from(limit)], map).await?;
        let (notifications, counters): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        Ok(self.with_digested(user, notifications).await?.into_iter().zip(counters).collect())
    }

    /// Those that changed after one value of the counter and until another, in that order.
    pub(crate) async fn notifications_changed(
        &self,
        user: UserId,
        since: i64,
        until: i64,
    ) -> Result<Vec<Notification>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            columns!(),
            " from notifications where user_id = $1 and changed > $2 and changed <= $3 order by changed, id"
        );
        let found = self.db.all(SQL, params![user, since, until], notification).await?;
        self.with_digested(user, found).await
    }

    /// Fills in the tasks that digests stand for, in due order.
    async fn with_digested(
        &self,
        user: UserId,
        mut notifications: Vec<Notification>,
    ) -> Result<Vec<Notification>, StoreError> {
        let digests: Vec<Uuid> =
            notifications.iter().filter(|n| n.kind == NotificationKind::Digest).map(|n| n.id.0).collect();
        if digests.is_empty() {
            return Ok(notifications);
        }
        let map = |row: &Row<'_>| Ok((row.get("digest_id")?, row.get("task_id")?));
        let folded: Vec<(NotificationId, TaskId)> = self.db.all(DIGESTED, params![user, digests], map).await?;
        for notification in &mut notifications {
            for (digest, task) in &folded {
                if *digest == notification.id && !notification.task_ids.contains(task) {
                    notification.task_ids.push(*task);
                }
            }
        }
        Ok(notifications)
    }
}
