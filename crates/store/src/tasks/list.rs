//! Lists of tasks: the filter as SQL, pages by keyset.

use domain::{Due, DueState, Timestamp, UserId, due::DUE_SOON, task::Task};
use uuid::Uuid;

use super::{Order, SortKey, TaskFilter, TaskSort, TaskStatus, task, task_columns};
use crate::{
    Page, PageRequest, Store, StoreError,
    cursor::{Cursor, Key},
    db::{Value, params},
    stored::{key_of, like_pattern},
};

/// A `where` in the making, with its parameters.
struct Conditions {
    sql: String,
    params: Vec<Value>,
}

impl Conditions {
    fn of(user: UserId) -> Self {
        Self { sql: " where user_id = $1".into(), params: params![user] }
    }

    fn add(&mut self, condition: &str) {
        self.sql.push_str(" and ");
        self.sql.push_str(condition);
    }

    /// `?` in `condition` stands for the parameter.
    fn with(&mut self, condition: &str, value: impl Into<Value>) {
        self.params.push(value.into());
        let number = format!("${}", self.params.len());
        self.add(&condition.replace('?', &number));
    }

    fn filter(&mut self, filter: &TaskFilter) {
        self.add(match filter.status {
            TaskStatus::Open => "deleted_at is null and completed_at is null",
            TaskStatus::Completed => "deleted_at is null and completed_at is not null",
            TaskStatus::All => "deleted_at is null",
            TaskStatus::Trash => "deleted_at is not null",
        });
        if let Some(state) = filter.due_state {
            self.due_state(state, filter.now);
        }
        if let Some(priority) = filter.priority {
            self.with("priority = ?", i64::from(priority.number()));
        }
        if let Some(tag) = &filter.tag {
            self.with("id in (select task_id from task_tags where task_tags.user_id = $1 and tag = ?)", tag.as_str());
        }
        match filter.project_id {
            Some(Some(project)) => self.with("project_id = ?", project),
            Some(None) => self.add("project_id is null"),
            None => {}
        }
        match filter.parent_id {
            Some(Some(parent)) => self.with("parent_id = ?", parent),
            Some(None) => self.add("parent_id is null"),
            None => {}
        }
        if let Some(recurring_task) = filter.recurring_task_id {
            self.with("recurring_task_id = ?", recurring_task);
        }
        if let Some(from) = filter.due_from {
            self.add("due_date is not null");
            self.with("{due_key} >= ?", from);
        }
        if let Some(to) = filter.due_to {
            self.add("due_date is not null");
            self.with("{due_key} <= ?", to);
        }
        for word in filter.q.as_deref().unwrap_or_default().split_whitespace() {
            self.with("search_text like ? escape '\\'", like_pattern(word));
        }
    }

    fn due_state(&mut self, state: DueState, now: Timestamp) {
        let soon = now.checked_add(DUE_SOON).unwrap_or(Timestamp::MAX);
        match state {
            DueState::None => self.add("(completed_at is not null or due_date is null)"),
            DueState::Overdue => {
                self.add("completed_at is null and due_date is not null");
                self.with("{due_key} <= ?", now);
            }
            DueState::DueSoon => {
                self.add("completed_at is null and due_date is not null");
                self.with("{due_key} > ?", now);
                self.with("{due_key} <= ?", soon);
            }
            DueState::Upcoming => {
                self.add("completed_at is null and due_date is not null");
                self.with("{due_key} > ?", soon);
            }
        }
    }
}

impl TaskSort {
    /// Stands in the cursor, so that one of another order is refused.
    fn name(self) -> String {
        format!("{:?} {:?}", self.by, self.order).to_lowercase()
    }

    /// The expression that the list is ordered by; the same text as in the index that serves it.
    fn expression(self) -> &'static str {
        match (self.by, self.order) {
            (SortKey::Created, _) => "created_at",
            (SortKey::Updated, _) => "updated_at",
            (SortKey::Due, Order::Ascending) => "{due_key}",
            (SortKey::Due, Order::Descending) => "coalesce(due_date, {past})",
            (SortKey::Priority, _) => "priority",
            (SortKey::Title, _) => "title_key",
            (SortKey::Completed, Order::Ascending) => "coalesce(completed_at, {future})",
            (SortKey::Completed, Order::Descending) => "coalesce(completed_at, {past})",
        }
    }

    /// The value of the expression for a task.
    fn key(self, task: &Task) -> Key {
        let missing = if self.order == Order::Ascending { crate::db::FUTURE } else { crate::db::PAST };
        let instant = |at: Timestamp| Key::Number(at.as_microsecond());
        match self.by {
            SortKey::Created => instant(task.created_at),
            SortKey::Updated => instant(task.updated_at),
            SortKey::Due => task.due.as_ref().map(Due::deadline).map_or(Key::Number(missing), instant),
            SortKey::Priority => Key::Number(i64::from(task.priority.number())),
            SortKey::Title => Key::Text(key_of(task.title.as_str())),
            SortKey::Completed => task.completed_at.map_or(Key::Number(missing), instant),
        }
    }

    /// The key of a cursor as a parameter of the expression's type.
    fn value(self, cursor: &Cursor) -> Result<Value, StoreError> {
        if cursor.sort != self.name() {
            return Err(StoreError::BadCursor);
        }
        match (&cursor.key, self.by) {
            (Key::Text(text), SortKey::Title) => Ok(Value::from(text.as_str())),
            (Key::Number(number), SortKey::Priority) => Ok(Value::from(*number)),
            (Key::Number(number), SortKey::Created | SortKey::Updated | SortKey::Due | SortKey::Completed) => {
                Timestamp::from_microsecond(*number).map(Value::from).map_err(|_| StoreError::BadCursor)
            }
            _ => Err(StoreError::BadCursor),
        }
    }
}

/// The page's SQL and parameters. One row more than the page holds tells whether there is a next one.
fn page_sql(user: UserId, filter: &TaskFilter, request: &PageRequest) -> Result<(String, Vec<Value>), StoreError> {
    let mut conditions = Conditions::of(user);
    conditions.filter(filter);
    let expression = filter.sort.expression();
    let (beyond, direction) = match filter.sort.order {
        Order::Ascending => (">", "asc"),
        Order::Descending => ("<", "desc"),
    };
    if let Some(cursor) = request.parsed_cursor()? {
        conditions.params.push(filter.sort.value(&cursor)?);
        let number = conditions.params.len();
        conditions.params.push(Value::from(cursor.id));
        conditions.add(&format!("({expression}, id) {beyond} (${number}, ${})", number + 1));
    }
    let Conditions { sql: condition, mut params } = conditions;
    let limit = params.len() + 1;
    let columns = task_columns!();
    let order = format!("{expression} {direction}, id {direction}");
    let sql = format!("select {columns} from tasks{condition} order by {order} limit ${limit} offset ${}", limit + 1);
    params.push(Value::from(request.limit() + 1));
    params.push(Value::from(request.offset()));
    Ok((sql, params))
}

/// For the test that reads its plan.
pub(crate) fn default_list_sql(user: UserId, filter: &TaskFilter) -> Result<(String, Vec<Value>), StoreError> {
    page_sql(user, filter, &PageRequest::default())
}

impl Store {
    pub async fn tasks(
        &self,
        user: UserId,
        filter: &TaskFilter,
        request: &PageRequest,
    ) -> Result<Page<Task>, StoreError> {
        let (sql, params) = page_sql(user, filter, request)?;
        let items = self.db.all(sql, params, task).await?;
        let total = self.count_tasks(user, filter).await?;
        let sort = filter.sort;
        Ok(Page::cut(items, total, request, |task| Cursor::new(sort.name(), sort.key(task), task.id)))
    }

    /// Exact. At once when only the status narrows the list; else by counting on an index.
    pub async fn count_tasks(&self, user: UserId, filter: &TaskFilter) -> Result<i64, StoreError> {
        if filter.only_status() {
            return self.task_count(user, filter.status).await;
        }
        let mut conditions = Conditions::of(user);
        conditions.filter(filter);
        let sql = format!("select count(*) as number from tasks{}", conditions.sql);
        Ok(self.db.one(sql, conditions.params, |row| row.get("number")).await?.unwrap_or(0))
    }

    /// Every task that is not in the trash, in the order they were written, `limit` at a time: for exports.
    pub async fn tasks_after(&self, user: UserId, after: Option<Uuid>, limit: u32) -> Result<Vec<Task>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            task_columns!(),
            " from tasks where user_id = $1 and deleted_at is null \
             and seq > coalesce((select seq from tasks where id = $2 and user_id = $1), 0) order by seq limit $3"
        );
        self.db.all(SQL, params![user, after, i64::from(limit)], task).await
    }
}
