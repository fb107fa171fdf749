//! Completing, reopening, trashing, restoring and snoozing.

use jiff::{SignedDuration, Timestamp};

use super::{Context, Details, Task, TaskError};
use crate::{Change, Timers, event::EventType};

const LONGEST_SNOOZE: SignedDuration = SignedDuration::from_hours(24 * 366);

impl Task {
    /// Completing twice changes nothing. What was still to remind is called off.
    pub fn complete(self, context: &Context) -> Result<Change<Self>, TaskError> {
        if self.deleted_at.is_some() {
            return Err(TaskError::InTrash);
        }
        if self.completed_at.is_some() {
            let version = self.version;
            return Ok(Change::none(self, version));
        }
        Ok(self.end(EventType::TaskCompleted, "completed", context, |task| task.completed_at = Some(context.at)))
    }

    /// Reminders that still lie ahead are planned again. Reopening an open task changes nothing.
    pub fn reopen(self, context: &Context) -> Result<Change<Self>, TaskError> {
        if self.deleted_at.is_some() {
            return Err(TaskError::InTrash);
        }
        if self.completed_at.is_none() {
            let version = self.version;
            return Ok(Change::none(self, version));
        }
        Ok(self.revive("completed", context, |task| task.completed_at = None))
    }

    /// Into the trash, from where it can be restored for 30 days. Trashing twice changes nothing.
    pub fn trash(self, context: &Context) -> Change<Self> {
        if self.deleted_at.is_some() {
            let version = self.version;
            return Change::none(self, version);
        }
        self.end(EventType::TaskDeleted, "deleted_at", context, |task| task.deleted_at = Some(context.at))
    }

    /// Out of the trash. Restoring what is not in it changes nothing.
    pub fn restore(self, context: &Context) -> Change<Self> {
        if self.deleted_at.is_none() {
            let version = self.version;
            return Change::none(self, version);
        }
        self.revive("deleted_at", context, |task| task.deleted_at = None)
    }

    /// Moves the reminder, never the due date: what would remind before `until` is held, and comes then.
    pub fn snooze(self, until: Timestamp, context: &Context) -> Result<Change<Self>, TaskError> {
        if self.deleted_at.is_some() {
            return Err(TaskError::InTrash);
        }
        if self.completed_at.is_some() {
            return Err(TaskError::Completed);
        }
        let latest = context.at.checked_add(LONGEST_SNOOZE).unwrap_or(Timestamp::MAX);
        if until <= context.at || until > latest {
            return Err(TaskError::SnoozeOutOfRange);
        }
        let from_version = self.version;
        let mut task = self;
        task.snoozed_until = Some(until);
        task.touch(context.at);
        let timers = Timers::ReplaceAhead { now: context.at, timers: task.timers_ahead(context) };
        let events = vec![task.event(EventType::TaskUpdated, context, Details::changed(["snoozed_until"]))];
        Ok(Change { from_version, state: task, events, timers })
    }

    /// The end of a task for now: no timers, and the ledger learns what was called off.
    fn end(
        self,
        event: EventType,
        field: &'static str,
        context: &Context,
        set: impl FnOnce(&mut Self),
    ) -> Change<Self> {
        let from_version = self.version;
        let cancelled = if self.is_open() { self.reminding(context.all_day).cancelled(context.at) } else { Vec::new() };
        let mut task = self;
        set(&mut task);
        // A snooze stays, so that undoing brings it back.
        task.touch(context.at);
        let details = Details { cancelled, ..Details::changed([field]) };
        let events = vec![task.event(event, context, details)];
        Change { from_version, state: task, events, timers: Timers::Replace(Vec::new()) }
    }

    /// Back among the living: what still lies ahead reminds again.
    fn revive(self, field: &'static str, context: &Context, set: impl FnOnce(&mut Self)) -> Change<Self> {
        let from_version = self.version;
        let mut task = self;
        set(&mut task);
        task.touch(context.at);
        let timers = if task.is_open() { task.reminding(context.all_day).timers(context.at) } else { Vec::new() };
        let events = vec![task.event(EventType::TaskUpdated, context, Details::changed([field]))];
        Change { from_version, state: task, events, timers: Timers::Replace(timers) }
    }
}
