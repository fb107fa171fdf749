//! Tags: names that a user's tasks carry, remembered when no task carries them any more.

use domain::{Tag, Timestamp, UserId};

use crate::{Commit, Store, StoreError, db::params};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagCount {
    pub name: Tag,
    /// Open tasks that carry it.
    pub open: i64,
}

const KNOW: &str = "insert into tags (user_id, name, created_at, changed) select $1, $2, $3, {counter} {from} \
    where {locked} on conflict do nothing";

const FORGET: &str = "delete from tags {using} where user_id = $1 and name = $2 and {locked} \
    and not exists (select 1 from task_tags t where t.user_id = tags.user_id and t.tag = tags.name)";

impl Commit {
    /// Remembers a tag; knowing it already is fine.
    pub fn know_tag(&mut self, user: UserId, tag: &Tag, at: Timestamp) {
        self.push(KNOW, params![user, tag.as_str(), at]);
    }

    /// Forgets a tag that no task carries; a conflict while one does, trashed ones included.
    pub fn forget_tag(&mut self, user: UserId, tag: &Tag) {
        self.guard(FORGET, params![user, tag.as_str()]);
    }
}

impl Store {
    /// By name.
    pub async fn tags(&self, user: UserId) -> Result<Vec<TagCount>, StoreError> {
        const SQL: &str = "select g.name, count(t.id) as open from tags g \
            left join task_tags x on x.user_id = g.user_id and x.tag = g.name \
            left join tasks t on t.id = x.task_id and t.deleted_at is null and t.completed_at is null \
            where g.user_id = $1 group by g.name order by g.name";
        self.db.all(SQL, params![user], |row| Ok(TagCount { name: row.get("name")?, open: row.get("open")? })).await
    }
}
