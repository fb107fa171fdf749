//! What fired timers mean: reads their tasks and rules and asks the domain. Writes nothing.

use std::collections::HashMap;

use domain::{
    Change, RecurringTaskId, TaskId, UserId,
    event::DigestData,
    recurring_task::RecurringTask,
    task::{Context, Task},
    timer::{Timer, TimerKind},
};
use store::{Claim, StoreError};

use super::{Scheduler, is_late};

/// What one timer means.
pub(super) enum Decided {
    /// It has outlived its reason: only the timer goes.
    Nothing,
    Task(Change<Task>),
    /// The rule moved on, and the tasks made.
    Rule(Change<RecurringTask>, Vec<Change<Task>>),
}

impl Decided {
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    fn task(change: Change<Task>) -> Self {
        if change.is_none() { Self::Nothing } else { Self::Task(change) }
    }

    fn rule(rule: Change<RecurringTask>, tasks: Vec<Change<Task>>) -> Self {
        if rule.is_none() { Self::Nothing } else { Self::Rule(rule, tasks) }
    }
}

/// Whether the tasks of slots may exist already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// Most unlikely; the database refuses a second one.
    Unknown,
    /// It did refuse: look, and make only the others.
    LookUp,
}

impl Scheduler {
    /// One for each claim, in their order.
    pub(super) async fn decide(
        &self,
        user: UserId,
        claims: &[Claim],
        digest: Option<&DigestData>,
        existing: Existing,
        context: &Context,
    ) -> Result<Vec<Decided>, StoreError> {
        let mut tasks = self.tasks_of(user, claims).await?;
        let mut decided = Vec::with_capacity(claims.len());
        for claim in claims {
            decided.push(match claim.timer.kind {
                TimerKind::DueSoon | TimerKind::Due | TimerKind::Reminder | TimerKind::Snooze => {
                    let digest = digest.filter(|_| is_late(claim, context.at));
                    match tasks.remove(&TaskId(claim.timer.subject)) {
                        Some(task) => Decided::task(task.fire(claim.timer.into(), digest.cloned(), context)),
                        None => Decided::Nothing,
                    }
                }
                TimerKind::Slot | TimerKind::Resume => self.decide_rule(user, claim.timer, existing, context).await?,
            });
        }
        Ok(decided)
    }

    pub(super) async fn tasks_of(&self, user: UserId, claims: &[Claim]) -> Result<HashMap<TaskId, Task>, StoreError> {
        let is_of_task = |kind| !matches!(kind, TimerKind::Slot | TimerKind::Resume);
        let ids: Vec<_> =
            claims.iter().filter(|claim| is_of_task(claim.timer.kind)).map(|c| TaskId(c.timer.subject)).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let tasks = self.app.store.tasks_by_id(user, &ids).await?;
        Ok(tasks.into_iter().map(|task| (task.id, task)).collect())
    }

    async fn decide_rule(
        &self,
        user: UserId,
        timer: Timer,
        existing: Existing,
        context: &Context,
    ) -> Result<Decided, StoreError> {
        let id = RecurringTaskId(timer.subject);
        let Some(rule) = self.app.store.recurring_task(user, id).await? else { return Ok(Decided::Nothing) };
        if timer.kind == TimerKind::Resume {
            return Ok(Decided::rule(rule.resume(context), Vec::new()));
        }
        let made = rule.make_occurrences(context, &mut || self.app.new_id());
        let tasks = match existing {
            Existing::Unknown => made.tasks,
            Existing::LookUp => self.without_existing(user, id, made.tasks).await?,
        };
        Ok(Decided::rule(made.recurring_task, tasks))
    }

    /// Leaves out the tasks of slots that have one, with their subtasks.
    async fn without_existing(
        &self,
        user: UserId,
        rule: RecurringTaskId,
        tasks: Vec<Change<Task>>,
    ) -> Result<Vec<Change<Task>>, StoreError> {
        let mut left_out = Vec::new();
        for task in &tasks {
            if let Some(slot) = task.state.slot
                && self.app.store.occurrence(user, rule, slot).await?.is_some()
            {
                left_out.push(task.state.id);
            }
        }
        let is_left_out = |task: &Task| {
            left_out.contains(&task.id) || task.parent_id.is_some_and(|parent| left_out.contains(&parent))
        };
        Ok(tasks.into_iter().filter(|change| !is_left_out(&change.state)).collect())
    }
}
