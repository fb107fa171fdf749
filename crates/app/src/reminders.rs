//! A task's own list of reminders, and what lies ahead of it.

use domain::{
    TaskId, Timestamp,
    field::Faults,
    notification::NotificationKind,
    task::{Task, TaskPatch},
};
use serde::{Deserialize, Serialize};
use store::Commit;
use utoipa::ToSchema;

use crate::{
    App, AppError, Caller,
    input::{self, ReminderInput},
    tasks::check_version,
};

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemindersInput {
    /// Null for the default list, `[]` for none.
    pub reminders: Option<Vec<ReminderInput>>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RemindersView {
    pub reminders: Vec<ReminderInput>,
    /// The list is the default one: 24 h before due, and at due.
    pub is_default: bool,
    /// What lies ahead and will be told.
    pub upcoming: Vec<UpcomingReminder>,
    /// Of the task.
    pub version: i64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UpcomingReminder {
    pub kind: NotificationKind,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl App {
    pub async fn reminders(&self, caller: &Caller, id: TaskId) -> Result<RemindersView, AppError> {
        let task = self.live_task(caller, id).await?;
        Ok(self.reminders_view(caller, &task))
    }

    pub async fn set_reminders(
        &self,
        caller: &Caller,
        id: TaskId,
        input: &RemindersInput,
        if_match: Option<i64>,
    ) -> Result<RemindersView, AppError> {
        let mut faults = Faults::default();
        let list = input.reminders.as_deref().map(|list| input::reminders(&mut faults, list).unwrap_or_default());
        faults.check()?;
        let list = &list;
        self.decide(|| async move {
            let task = self.live_task(caller, id).await?;
            check_version(if_match, task.version)?;
            let patch = TaskPatch { reminders: Some(list.clone()), ..TaskPatch::default() };
            let change = task.edit(patch, &caller.context(self))?;
            let view = self.reminders_view(caller, &change.state);
            if !change.is_none() {
                let mut commit = Commit::of(caller.id());
                self.add_task(&mut commit, &change);
                self.commit(commit).await?;
            }
            Ok(view)
        })
        .await
    }

    fn reminders_view(&self, caller: &Caller, task: &Task) -> RemindersView {
        let reminding = task.reminding(caller.user.all_day_time);
        let upcoming = if task.is_open() { reminding.cancelled(self.now()) } else { Vec::new() };
        let default =
            || vec![ReminderInput::Before { minutes_before: 1440 }, ReminderInput::Before { minutes_before: 0 }];
        RemindersView {
            reminders: match &task.reminders {
                Some(list) => list.iter().copied().map(Into::into).collect(),
                None => default(),
            },
            is_default: task.reminders.is_none(),
            upcoming: upcoming
                .into_iter()
                .map(|reminder| UpcomingReminder { kind: reminder.kind, at: reminder.moment })
                .collect(),
            version: task.version,
        }
    }
}
