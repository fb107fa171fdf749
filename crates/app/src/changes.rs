//! What changed since a cursor: exact and without gaps, for live pages and offline copies.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    App, AppError, Caller,
    view::{NotificationView, ProjectView, RecurringTaskView, TaskView},
};

const DEFAULT_LIMIT: u32 = 500;
const MAX_LIMIT: u32 = 1000;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangesView {
    pub tasks: Vec<TaskView>,
    pub recurring_tasks: Vec<RecurringTaskView>,
    pub projects: Vec<ProjectView>,
    pub notifications: Vec<NotificationView>,
    /// Gone for good.
    pub deleted: Vec<DeletedView>,
    /// To go on from.
    pub cursor: i64,
    /// There is more than fitted: ask again at once.
    pub more: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeletedView {
    /// `task`, `recurring_task`, `project`, or `notification`.
    pub kind: &'static str,
    pub id: String,
}

impl App {
    /// Tasks in the trash come with their `deleted_at`.
    pub async fn changes(&self, caller: &Caller, since: i64, limit: Option<u32>) -> Result<ChangesView, AppError> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(AppError::field("limit", format!("must be 1 to {MAX_LIMIT}, got {limit}")));
        }
        if since < 0 {
            return Err(AppError::field("since", "must be a cursor of this list, or 0"));
        }
        let now = self.now();
        let changes = self.store.changes(caller.id(), since, limit).await?;
        Ok(ChangesView {
            tasks: changes.tasks.iter().map(|task| TaskView::new(task, now)).collect(),
            recurring_tasks: changes.recurring_tasks.iter().map(RecurringTaskView::from).collect(),
            projects: changes.projects.iter().map(ProjectView::from).collect(),
            notifications: changes.notifications.iter().map(NotificationView::from).collect(),
            deleted: changes
                .deleted
                .into_iter()
                .map(|deleted| DeletedView { kind: deleted.kind.name(), id: deleted.id.to_string() })
                .collect(),
            cursor: changes.cursor,
            more: changes.more,
        })
    }
}
