//! A moment of a task has come: what that means, decided once and committed together with the timer's removal.

use super::{Context, Details, Task};
use crate::{
    Change, Due, Timers,
    due::start_of_day,
    event::{DigestData, EventType, ReminderData},
    notification::LATE_AFTER,
    reminder::notification_kind,
    timer::{Timer, TimerKind},
};

/// A timer of a task that fired.
#[derive(Debug, Clone, Copy)]
pub struct Fired {
    pub kind: TimerKind,
    pub moment: jiff::Timestamp,
    pub planned_at: jiff::Timestamp,
}

impl From<Timer> for Fired {
    fn from(timer: Timer) -> Self {
        Self { kind: timer.kind, moment: timer.moment, planned_at: timer.fire_at }
    }
}

impl Fired {
    pub fn is_late(&self, now: jiff::Timestamp) -> bool {
        now.duration_since(self.planned_at) > LATE_AFTER
    }
}

/// Of a whole day it may be any time: the person may have moved the one at which whole days remind.
fn is_due_moment(due: &Due, moment: jiff::Timestamp) -> bool {
    match due {
        Due::At { at, .. } => *at == moment,
        Due::Day { date, zone } => (start_of_day(*date, zone)..=due.deadline()).contains(&moment),
    }
}

impl Task {
    /// What is told now. A timer that has outlived its reason (the task is done, gone, or moved) tells nothing.
    ///
    /// A due-soon moment that is handled only after the due moment has come, because everything was down, gives way
    /// to the due reminder: it is published, but not told.
    pub fn fire(self, fired: Fired, digest: Option<DigestData>, context: &Context) -> Change<Self> {
        let from_version = self.version;
        if !self.is_open() || !self.expects(&fired, context) {
            return Change::none(self, from_version);
        }
        let notify =
            self.reminding(context.all_day).notifies(fired.kind, context.at) && !self.superseded(&fired, context);
        let mut task = self;
        let event_type = match fired.kind {
            TimerKind::DueSoon => EventType::TaskDueSoon,
            TimerKind::Due => {
                task.notified = true;
                EventType::TaskDue
            }
            TimerKind::Snooze => {
                task.snoozed_until = None;
                EventType::TaskReminder
            }
            TimerKind::Reminder | TimerKind::Slot | TimerKind::Resume => EventType::TaskReminder,
        };
        // The version moves, so that no one decides on what was before; `updated_at` is for edits.
        task.version += 1;
        let reminder = ReminderData {
            kind: notification_kind(fired.kind),
            moment: fired.moment,
            planned_at: fired.planned_at,
            notify,
            late: fired.is_late(context.at),
            digest: digest.filter(|_| notify),
        };
        let details = Details { reminder: Some(reminder), ..Details::default() };
        let events = vec![task.event(event_type, context, details)];
        Change { from_version, state: task, events, timers: Timers::Keep }
    }

    /// Everything slept from the due-soon moment until the due reminder: that one says it.
    fn superseded(&self, fired: &Fired, context: &Context) -> bool {
        let Some(due) = self.due.as_ref().filter(|_| fired.kind == TimerKind::DueSoon) else { return false };
        let told_at = due.reminder_moment(context.all_day);
        let is_told = self.reminding(context.all_day).notifies(TimerKind::Due, context.at);
        is_told && fired.planned_at < told_at && told_at <= context.at
    }

    /// Whether the task as it is now still plans this moment.
    fn expects(&self, fired: &Fired, context: &Context) -> bool {
        match fired.kind {
            TimerKind::DueSoon => self.due.as_ref().is_some_and(|due| due.due_soon_moment() == fired.moment),
            TimerKind::Due => !self.notified && self.due.as_ref().is_some_and(|due| is_due_moment(due, fired.moment)),
            TimerKind::Snooze => self.snoozed_until == Some(fired.moment),
            // One that was on its way when the list changed says nothing, unless the new list has it too.
            TimerKind::Reminder => self.reminding(context.all_day).has(fired.moment),
            TimerKind::Slot | TimerKind::Resume => false,
        }
    }
}
