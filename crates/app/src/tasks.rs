//! Tasks: create, find, change, complete, trash and bring back, snooze.

use domain::{
    Change, ProjectId, TaskId, Timestamp,
    task::{Context, Task, TaskDraft, TaskError},
};
use serde::Deserialize;
use store::Commit;
use utoipa::ToSchema;

use crate::{
    App, AppError, Caller,
    idempotency::{IdempotencyKey, Outcome},
    input::{TaskInput, TaskPatchInput},
    view::TaskView,
};

mod find;
pub use find::{PageQuery, TaskQuery};
pub(crate) use find::{cursor_fault, page_request, page_view};

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SnoozeInput {
    /// In the future, at most a year ahead.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

/// `If-Match`: the version that the caller decided on.
pub(crate) fn check_version(if_match: Option<i64>, current: i64) -> Result<(), AppError> {
    match if_match {
        Some(version) if version != current => Err(AppError::Stale { current }),
        _ => Ok(()),
    }
}

impl App {
    pub async fn create_task(
        &self,
        caller: &Caller,
        input: &TaskInput,
        key: Option<&IdempotencyKey>,
    ) -> Result<Outcome<TaskView>, AppError> {
        let draft = &input.parse(&caller.user.zone)?;
        self.once(caller, key, || async move {
            self.check_links(caller, draft.project_id, draft.parent_id, None).await?;
            let (commit, view) = self.task_to_create(caller, draft.clone());
            self.commit_answer(commit, caller, key, view).await
        })
        .await
    }

    /// The commit of a new task, and what it will look like.
    pub(crate) fn task_to_create(&self, caller: &Caller, draft: TaskDraft) -> (Commit, TaskView) {
        let context = caller.context(self);
        let change = Task::create(self.new_id(), caller.id(), draft, &context);
        let mut commit = Commit::of(caller.id());
        self.add_task(&mut commit, &change);
        (commit, TaskView::new(&change.state, context.at))
    }

    pub(crate) async fn commit_answer<T: serde::Serialize>(
        &self,
        mut commit: Commit,
        caller: &Caller,
        key: Option<&IdempotencyKey>,
        answer: T,
    ) -> Result<T, AppError> {
        self.remember(&mut commit, caller, key, &answer)?;
        self.commit(commit).await?;
        Ok(answer)
    }

    /// The row, its timers, its history and its events.
    pub(crate) fn add_task(&self, commit: &mut Commit, change: &Change<Task>) {
        commit.task(change);
        self.record(commit, &change.events);
    }

    /// The project and the parent must be the caller's own; a parent must not be a subtask itself.
    pub(crate) async fn check_links(
        &self,
        caller: &Caller,
        project: Option<ProjectId>,
        parent: Option<TaskId>,
        child: Option<TaskId>,
    ) -> Result<(), AppError> {
        if let Some(id) = project
            && self.store.project(caller.id(), id).await?.is_none()
        {
            return Err(AppError::field("project_id", "is no project of yours"));
        }
        let Some(id) = parent else { return Ok(()) };
        let parent = self.store.task(caller.id(), id).await?.filter(|parent| parent.deleted_at.is_none());
        let Some(parent) = parent else { return Err(AppError::field("parent_id", "is no task of yours")) };
        if parent.parent_id.is_some() {
            return Err(AppError::field("parent_id", "is a subtask itself: subtasks go one level deep"));
        }
        if let Some(child) = child {
            if child == id {
                return Err(AppError::field("parent_id", "must be another task"));
            }
            if !self.store.subtasks(caller.id(), child).await?.is_empty() {
                return Err(AppError::field("parent_id", "this task has subtasks: subtasks go one level deep"));
            }
        }
        Ok(())
    }

    pub async fn task(&self, caller: &Caller, id: TaskId) -> Result<TaskView, AppError> {
        let task = self.live_task(caller, id).await?;
        Ok(TaskView::new(&task, self.now()))
    }

    /// A task of the caller's that is not in the trash.
    pub(crate) async fn live_task(&self, caller: &Caller, id: TaskId) -> Result<Task, AppError> {
        let task = self.store.task(caller.id(), id).await?;
        task.filter(|task| task.deleted_at.is_none()).ok_or(AppError::NotFound("task"))
    }

    pub async fn update_task(
        &self,
        caller: &Caller,
        id: TaskId,
        input: &TaskPatchInput,
        if_match: Option<i64>,
    ) -> Result<TaskView, AppError> {
        self.decide(|| async move {
            let task = self.live_task(caller, id).await?;
            check_version(if_match, task.version)?;
            let patch = input.parse(task.due.as_ref(), &caller.user.zone)?;
            let (project, parent) = (patch.project_id.flatten(), patch.parent_id.flatten());
            self.check_links(caller, project, parent, Some(id)).await?;
            let change = task.edit(patch, &caller.context(self))?;
            self.store_tasks(caller, vec![change], None).await
        })
        .await
    }

    /// Commits the changes (the first one is what the caller asked for) and answers how that task looks now.
    async fn store_tasks(
        &self,
        caller: &Caller,
        changes: Vec<Change<Task>>,
        rule: Option<Change<domain::recurring_task::RecurringTask>>,
    ) -> Result<TaskView, AppError> {
        let mut commit = Commit::of(caller.id());
        for change in changes.iter().filter(|change| !change.is_none()) {
            self.add_task(&mut commit, change);
        }
        if let Some(rule) = rule.filter(|rule| !rule.is_none()) {
            self.add_recurring_task(&mut commit, &rule);
        }
        self.commit(commit).await?;
        let first = changes.first().ok_or_else(|| AppError::Internal("no change".into()))?;
        Ok(TaskView::new(&first.state, self.now()))
    }

    /// Its open subtasks are completed with it.
    pub async fn complete_task(
        &self,
        caller: &Caller,
        id: TaskId,
        if_match: Option<i64>,
    ) -> Result<TaskView, AppError> {
        self.end_task(caller, id, if_match, Task::complete).await
    }

    /// Into the trash, with its subtasks.
    pub async fn trash_task(&self, caller: &Caller, id: TaskId, if_match: Option<i64>) -> Result<(), AppError> {
        self.end_task(caller, id, if_match, |task, context| Ok(task.trash(context))).await.map(drop)
    }

    async fn end_task(
        &self,
        caller: &Caller,
        id: TaskId,
        if_match: Option<i64>,
        end: fn(Task, &Context) -> Result<Change<Task>, TaskError>,
    ) -> Result<TaskView, AppError> {
        self.decide(|| async move {
            let task = self.live_task(caller, id).await?;
            check_version(if_match, task.version)?;
            let context = caller.context(self);
            let occurrence = task.recurring_task_id.zip(task.slot);
            let subtasks =
                if task.parent_id.is_none() { self.store.subtasks(caller.id(), id).await? } else { Vec::new() };
            let mut changes = vec![end(task, &context)?];
            // To those that are at that end already nothing happens.
            for subtask in subtasks.into_iter().filter(|subtask| subtask.deleted_at.is_none()) {
                changes.push(end(subtask, &context)?);
            }
            let done = changes.first().is_some_and(|change| !change.is_none());
            let rule = match occurrence.filter(|_| done) {
                Some((rule, slot)) => self.occurrence_done(caller, rule, slot, &context).await?,
                None => None,
            };
            self.store_tasks(caller, changes, rule).await
        })
        .await
    }

    pub async fn reopen_task(&self, caller: &Caller, id: TaskId, if_match: Option<i64>) -> Result<TaskView, AppError> {
        self.change_task(caller, id, if_match, Task::reopen).await
    }

    pub async fn snooze_task(
        &self,
        caller: &Caller,
        id: TaskId,
        input: &SnoozeInput,
        if_match: Option<i64>,
    ) -> Result<TaskView, AppError> {
        self.change_task(caller, id, if_match, |task, context| task.snooze(input.until, context)).await
    }

    async fn change_task(
        &self,
        caller: &Caller,
        id: TaskId,
        if_match: Option<i64>,
        change: impl Fn(Task, &Context) -> Result<Change<Task>, TaskError>,
    ) -> Result<TaskView, AppError> {
        let change = &change;
        self.decide(|| async move {
            let task = self.live_task(caller, id).await?;
            check_version(if_match, task.version)?;
            let changed = change(task, &caller.context(self))?;
            self.store_tasks(caller, vec![changed], None).await
        })
        .await
    }

    /// Out of the trash, with the subtasks that went into it together with their task.
    pub async fn restore_task(&self, caller: &Caller, id: TaskId, if_match: Option<i64>) -> Result<TaskView, AppError> {
        self.decide(|| async move {
            let task = self.store.task(caller.id(), id).await?.ok_or(AppError::NotFound("task"))?;
            check_version(if_match, task.version)?;
            let trashed_at = task.deleted_at;
            let context = caller.context(self);
            let subtasks = self.store.trashed_subtasks(caller.id(), id).await?;
            let together = subtasks.into_iter().filter(|subtask| subtask.deleted_at == trashed_at);
            let changes = std::iter::once(task).chain(together).map(|task| task.restore(&context)).collect();
            self.store_tasks(caller, changes, None).await
        })
        .await
    }
}
