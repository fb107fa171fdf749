//! Users: their rows, and what it takes to sign in.

use domain::{Email, Timestamp, UserId, user::User};
use jiff::civil;

use crate::{
    Commit, Page, PageRequest, Store, StoreError,
    cursor::{Cursor, Key},
    db::{Row, params},
    stored::{Json, from_json, parsed, to_json},
};

/// Of one account.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub user: User,
    pub password_hash: String,
}

/// Never prints the hash.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// With a prefix, so that a join can read them beside other columns.
macro_rules! user_columns {
    ($prefix:literal) => {
        concat!(
            $prefix,
            "id as u_id, ",
            $prefix,
            "email as u_email, ",
            $prefix,
            "name as u_name, ",
            $prefix,
            "time_zone as u_time_zone, ",
            $prefix,
            "all_day_time as u_all_day_time, ",
            $prefix,
            "is_admin as u_is_admin, ",
            $prefix,
            "is_disabled as u_is_disabled, ",
            $prefix,
            "preferences as u_preferences, ",
            $prefix,
            "version as u_version, ",
            $prefix,
            "created_at as u_created_at"
        )
    };
}
pub(crate) use user_columns;

pub(crate) fn user(row: &Row<'_>) -> Result<User, StoreError> {
    let all_day_time: String = row.get("u_all_day_time")?;
    Ok(User {
        id: row.get("u_id")?,
        email: row.get("u_email")?,
        name: row.get("u_name")?,
        zone: row.get("u_time_zone")?,
        all_day_time: parsed("all_day_time", all_day_time.parse::<civil::Time>())?,
        is_admin: row.get("u_is_admin")?,
        is_disabled: row.get("u_is_disabled")?,
        preferences: from_json("preferences", &row.get::<String>("u_preferences")?)?,
        version: row.get("u_version")?,
        created_at: row.get("u_created_at")?,
    })
}

fn credentials(row: &Row<'_>) -> Result<Credentials, StoreError> {
    Ok(Credentials { user: user(row)?, password_hash: row.get("password_hash")? })
}

const INSERT: &str = "insert into users (id, email, name, password_hash, time_zone, all_day_time, is_admin, \
    is_disabled, preferences, version, created_at, updated_at) \
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11 {from} where {locked}";

const COUNTERS: &str = "insert into user_counters (user_id) select $1 {from} where {locked}";

const UPDATE: &str = "update users set email = $3, name = $4, time_zone = $5, all_day_time = $6, is_admin = $7, \
    is_disabled = $8, preferences = $9, version = $10, updated_at = $11 {from} \
    where id = $1 and version = $2 and {locked}";

const PASSWORD: &str =
    "update users set password_hash = $2, version = version + 1, updated_at = $3 {from} where id = $1 and {locked}";

/// Everything that a user leaves behind, the counters first: that row is what every commit of theirs locks.
pub(crate) const DELETE: [&str; 16] = [
    "delete from user_counters {using} where user_id = $1 and {locked}",
    "delete from users {using} where id = $1 and {locked}",
    "delete from access_tokens {using} where user_id = $1 and {locked}",
    "delete from projects {using} where user_id = $1 and {locked}",
    "delete from tags {using} where user_id = $1 and {locked}",
    "delete from task_tags {using} where user_id = $1 and {locked}",
    "delete from tasks {using} where user_id = $1 and {locked}",
    "delete from recurring_tasks {using} where user_id = $1 and {locked}",
    "delete from timers {using} where user_id = $1 and {locked}",
    "delete from outbox {using} where event_id in (select id from task_events where user_id = $1) and {locked}",
    "delete from task_events {using} where user_id = $1 and {locked}",
    "delete from notifications {using} where user_id = $1 and {locked}",
    "delete from deliveries {using} where user_id = $1 and {locked}",
    "delete from task_facts {using} where user_id = $1 and {locked}",
    "delete from idempotency_keys {using} where user_id = $1 and {locked}",
    "delete from deleted_rows {using} where user_id = $1 and {locked}",
];

const ANONYMISE_AUDIT: &str = "update audit_log set user_id = null {from} where user_id = $1 and {locked}";

impl Commit {
    /// A new account; in a [`Commit::system`], since the user has no counter yet.
    /// [`Duplicate::Email`](crate::Duplicate::Email) if the address is taken.
    pub fn create_user(&mut self, user: &User, password_hash: &str) {
        self.guard(
            INSERT,
            params![
                user.id,
                user.email.as_str(),
                user.name.as_str(),
                password_hash,
                user.zone.name(),
                user.all_day_time.to_string(),
                user.is_admin,
                user.is_disabled,
                Json(to_json(&user.preferences)),
                user.version,
                user.created_at
            ],
        );
        self.push(COUNTERS, params![user.id]);
    }

    /// Profile, preferences, role; guarded by version.
    pub fn update_user(&mut self, user: &User, from_version: i64, at: Timestamp) {
        self.guard(
            UPDATE,
            params![
                user.id,
                from_version,
                user.email.as_str(),
                user.name.as_str(),
                user.zone.name(),
                user.all_day_time.to_string(),
                user.is_admin,
                user.is_disabled,
                Json(to_json(&user.preferences)),
                user.version,
                at
            ],
        );
    }

    /// Moves the user's version, too.
    pub fn password(&mut self, user: UserId, password_hash: &str, at: Timestamp) {
        self.guard(PASSWORD, params![user, password_hash, at]);
    }

    /// The account and everything of it, at once and for good; in a [`Commit::system`]. The audit log stays, without
    /// the name.
    pub fn delete_user(&mut self, user: UserId) {
        self.stepwise = true;
        let [counters, rest @ ..] = DELETE;
        self.guard(counters, params![user]);
        for sql in rest {
            self.push(sql, params![user]);
        }
        self.push(ANONYMISE_AUDIT, params![user]);
    }
}

const SORT: &str = "users";

impl Store {
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        const SQL: &str = concat!("select ", user_columns!(""), " from users where id = $1");
        self.db.one(SQL, params![id], user).await
    }

    /// Those of the ids that exist, in no order: for loops that act for many at once.
    pub async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        const SQL: &str = concat!("select ", user_columns!(""), " from users where id {in_uuids:1}");
        let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
        self.db.all(SQL, params![ids], user).await
    }

    pub async fn user_by_email(&self, email: &Email) -> Result<Option<Credentials>, StoreError> {
        const SQL: &str = concat!("select ", user_columns!(""), ", password_hash from users where email = $1");
        self.db.one(SQL, params![email.as_str()], credentials).await
    }

    pub async fn credentials(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        const SQL: &str = concat!("select ", user_columns!(""), ", password_hash from users where id = $1");
        self.db.one(SQL, params![id], credentials).await
    }

    /// In the order they registered.
    pub async fn users(&self, request: &PageRequest) -> Result<Page<User>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            user_columns!(""),
            " from users where (created_at, id) > ($1, $2) order by created_at, id limit $3 offset $4"
        );
        let cursor = request.parsed_cursor()?;
        let at = cursor.as_ref().map(|cursor| cursor.number_of(SORT)).transpose()?.unwrap_or(0);
        let at = Timestamp::from_microsecond(at).map_err(|_| StoreError::BadCursor)?;
        let id = cursor.map_or(uuid::Uuid::nil(), |cursor| cursor.id);
        let items = self.db.all(SQL, params![at, id, request.limit() + 1, request.offset()], user).await?;
        let total = self.count_users().await?;
        let cursor = |user: &User| Cursor::new(SORT, Key::Number(user.created_at.as_microsecond()), user.id);
        Ok(Page::cut(items, total, request, cursor))
    }

    pub async fn count_users(&self) -> Result<i64, StoreError> {
        const SQL: &str = "select count(*) as number from users";
        Ok(self.db.one(SQL, params![], |row| row.get("number")).await?.unwrap_or(0))
    }
}
