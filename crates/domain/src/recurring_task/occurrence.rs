//! A slot has come: the task is made in the same change that moves the rule on.

use jiff::Timestamp;

use super::{CATCH_UP_CAP, CatchUp, ExceptionKind, Phase, RecurringTask};
use crate::{
    Change, Due, TaskId,
    event::{EventData, EventType, ReminderData},
    notification::{LATE_AFTER, NotificationKind},
    recurrence::{Basis, Slot},
    reminder::Reminder,
    task::{Context, Task, TaskDraft},
};

/// What a slot (or several, after a stop) brings: the rule moved on, and the tasks made.
#[must_use = "a change means nothing until it is committed"]
#[derive(Debug)]
pub struct Made {
    pub recurring_task: Change<RecurringTask>,
    /// A task before its subtasks.
    pub tasks: Vec<Change<Task>>,
}

/// Gives each new task its id.
pub type NewTaskId<'a> = &'a mut dyn FnMut() -> TaskId;

/// How an occurrence came to be made; decides whether it is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// Its slot came.
    Slot,
    /// The rule was written on a day whose slot had passed already: shown, not told.
    RuleCreated,
}

impl RecurringTask {
    /// The timer of the next slot fired: makes what the rule asks for up to now, and goes on to the first slot after.
    /// A rule that is paused or over, or whose next slot has not come, makes nothing.
    pub fn make_occurrences(self, context: &Context, new_id: NewTaskId) -> Made {
        let from_version = self.version;
        let next = match self.phase {
            Phase::Active { next: Some(next) } if self.appears_at(next) <= context.at => next,
            _ => return Made { recurring_task: Change::none(self, from_version), tasks: Vec::new() },
        };
        let slots = self.slots_due(next, context.at);
        self.make(&slots, Occasion::Slot, context, new_id)
    }

    /// The slots to make: those from `next` on whose time to appear has come, less what `catch_up` passes over. A slot
    /// that still lies ahead has not been missed, however long its lead began ago.
    fn slots_due(&self, next: Timestamp, now: Timestamp) -> Vec<Slot> {
        if self.rule.basis() == Basis::Completion {
            return vec![self.completion_slot(next)];
        }
        // Backwards from the latest, so that a rule which lay still for years costs no more than the cap.
        let mut slots = Vec::new();
        let mut missed = 0;
        let mut candidate = self.rule.last_until(self.horizon(now));
        while let Some(slot) = candidate.filter(|slot| slot.at >= next && slots.len() < CATCH_UP_CAP) {
            candidate = just_before(slot.at).and_then(|before| self.rule.last_until(before));
            let has_passed = slot.at <= now;
            if has_passed && missed == self.catch_up.most() {
                break;
            }
            if !self.is_skipped(slot.at) {
                missed += usize::from(has_passed);
                slots.push(slot);
            }
        }
        if self.catch_up == CatchUp::Skip {
            slots.retain(|slot| slot.at > now || now.duration_since(slot.at) <= LATE_AFTER);
        }
        slots.reverse();
        slots
    }

    /// Slots up to here have their time to appear behind them.
    fn horizon(&self, now: Timestamp) -> Timestamp {
        now.checked_add(jiff::SignedDuration::from_mins(i64::from(self.lead_minutes))).unwrap_or(now)
    }

    fn completion_slot(&self, at: Timestamp) -> Slot {
        Slot { n: u64::from(self.slots_passed), local: self.rule.zone().local(at), at, note: None }
    }

    pub(super) fn make(mut self, slots: &[Slot], occasion: Occasion, context: &Context, new_id: NewTaskId) -> Made {
        let mut tasks = Vec::new();
        for slot in slots {
            tasks.extend(self.occurrence(slot, occasion, context, new_id));
        }
        if let Some(last) = slots.last() {
            self.last_slot = Some(last.at);
            self.last_created_at = Some(context.at);
            self.slots_passed += 1;
        }
        self.phase = if self.rule.basis() == Basis::Completion {
            Phase::Active { next: None }
        } else {
            // A new rule has made today's slot only; those whose lead has begun come with its first timer.
            let made_until = if occasion == Occasion::Slot { self.horizon(context.at) } else { context.at };
            self.phase_after(made_until)
        };
        self.exceptions.retain(|e| e.slot > context.at);
        Made { recurring_task: self.changed(false, &["next_due_at", "last_created_at"], context), tasks }
    }

    /// The task of a slot and its subtasks.
    fn occurrence(&self, slot: &Slot, occasion: Occasion, context: &Context, new_id: NewTaskId) -> Vec<Change<Task>> {
        let due = if self.rule.is_all_day() {
            Due::Day { date: slot.local.date(), zone: self.rule.zone().clone() }
        } else {
            Due::At { at: slot.at, zone: self.rule.zone().clone() }
        };
        let mut draft = TaskDraft {
            title: self.title.clone(),
            description: self.description.clone(),
            priority: self.priority,
            tags: self.tags.clone(),
            project_id: self.project_id,
            parent_id: None,
            due: Some(due),
            reminders: self.reminders.as_ref().map(|list| list.iter().copied().map(Reminder::MinutesBefore).collect()),
            occurrence: Some((self.id, slot.at)),
        };
        let exception = self.exceptions.iter().find(|e| e.slot == slot.at);
        if let Some(ExceptionKind::Changed(patch)) = exception.map(|e| &e.kind) {
            patch.apply(&mut draft);
        }
        let id = new_id();
        let mut task = Task::create(id, self.user_id, draft, context);
        self.tell(&mut task, slot, occasion, context);
        let subtasks = self.subtasks.iter().map(|title| {
            let draft =
                TaskDraft { parent_id: Some(id), project_id: self.project_id, ..TaskDraft::titled(title.clone()) };
            Task::create(new_id(), self.user_id, draft, context)
        });
        let subtasks: Vec<_> = subtasks.collect();
        std::iter::once(task).chain(subtasks).collect()
    }

    /// Adds the `recurring-task.due` event. Where the task appears at its slot, that is also its due notification:
    /// the person is told once, not twice.
    fn tell(&self, task: &mut Change<Task>, slot: &Slot, occasion: Occasion, context: &Context) {
        let timed_slot_came = !self.rule.is_all_day() && slot.at <= context.at;
        let told_by_list = self.reminders.as_ref().is_none_or(|list| list.contains(&0));
        let notify = occasion == Occasion::Slot && timed_slot_came && told_by_list && task.state.due_is(slot.at);
        task.state.notified = notify;
        let Some(mut event) = task.events.first().cloned() else { return };
        event.event_type = EventType::RecurringTaskDue;
        if let EventData::Task(data) = &mut event.data {
            data.task = task.state.snapshot();
            data.reminder = Some(ReminderData {
                kind: NotificationKind::Recurring,
                moment: slot.at,
                planned_at: slot.at,
                notify,
                late: context.at.duration_since(slot.at) > LATE_AFTER,
                digest: None,
            });
        }
        for created in &mut task.events {
            if let EventData::Task(data) = &mut created.data {
                data.task.notified = notify;
            }
        }
        task.events.push(event);
    }
}

impl CatchUp {
    /// How many slots that have passed are made at once.
    fn most(self) -> usize {
        match self {
            Self::Latest | Self::Skip => 1,
            Self::All => CATCH_UP_CAP,
        }
    }
}

impl Task {
    fn due_is(&self, at: Timestamp) -> bool {
        matches!(&self.due, Some(Due::At { at: due, .. }) if *due == at)
    }
}

/// Moments are whole microseconds.
pub(super) fn just_before(at: Timestamp) -> Option<Timestamp> {
    at.checked_sub(jiff::SignedDuration::from_micros(1)).ok()
}
