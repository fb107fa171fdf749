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

/// Tasks as they were read for the whole batch. Each is good for one decision: after it, its version has moved.
pub(super) type Known = HashMap<TaskId, Task>;

fn task_id(claim: &Claim) -> Option<TaskId> {
    let is_of_task = !matches!(claim.timer.kind, TimerKind::Slot | TimerKind::Resume);
    is_of_task.then_some(TaskId(claim.timer.subject))
}

impl Scheduler {
    /// One for each claim, in their order.
    pub(super) async fn decide(
        &self,
        user: UserId,
        claims: &[Claim],
        mut tasks: HashMap<TaskId, Task>,
        digest: Option<&DigestData>,
        existing: Existing,
        context: &Context,
    ) -> Result<Vec<Decided>, StoreError> {
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

    /// The tasks that the claims are about: taken from those known, read where they are not.
    pub(super) async fn tasks_of(
        &self,
        user: UserId,
        claims: &[Claim],
        known: &mut Known,
    ) -> Result<HashMap<TaskId, Task>, StoreError> {
        let mut tasks = HashMap::with_capacity(claims.len());
        let mut unknown = Vec::new();
        for id in claims.iter().filter_map(task_id) {
            match known.remove(&id) {
                Some(task) => drop(tasks.insert(id, task)),
                None => unknown.push(id),
            }
        }
        if !unknown.is_empty() {
            let read = self.app.store.tasks_by_id(user, &unknown).await?;
            tasks.extend(read.into_iter().map(|task| (task.id, task)));
        }
        Ok(tasks)
    }

    /// The tasks of a batch, by person. A row that cannot be read is left to whom it belongs to.
    pub(super) async fn read_tasks(
        &self,
        people: &[(UserId, Vec<Claim>)],
    ) -> Result<HashMap<UserId, Known>, StoreError> {
        let (users, ids): (Vec<_>, Vec<_>) =
            people.iter().flat_map(|(user, claims)| claims.iter().filter_map(task_id).map(|id| (*user, id))).unzip();
        let mut known: HashMap<UserId, Known> = HashMap::new();
        if ids.is_empty() {
            return Ok(known);
        }
        match self.app.store.tasks_of_users(&users, &ids).await {
            Ok(tasks) => {
                for task in tasks {
                    known.entry(task.user_id).or_default().insert(task.id, task);
                }
                Ok(known)
            }
            Err(error @ StoreError::Unavailable(_)) => Err(error),
            Err(_) => Ok(known),
        }
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
