//! Writing a recurring task, and editing all of it, one slot of it, or it from one slot on.

use jiff::Timestamp;

use super::{
    CatchUp, ExceptionKind, Phase, RecurringTask, RecurringTaskError,
    occurrence::{Made, NewTaskId, Occasion},
};
use crate::{
    Change, Description, Due, ProjectId, RecurringTaskId, Tag, Timers, Title, UserId,
    event::EventType,
    recurrence::{Basis, Rule},
    task::{Context, Priority, Setter, TaskDraft},
};

/// A recurring task to be: every field checked by its own type.
#[derive(Debug, Clone, PartialEq)]
pub struct RecurringTaskDraft {
    pub title: Title,
    pub description: Description,
    pub priority: Priority,
    pub tags: Vec<Tag>,
    pub project_id: Option<ProjectId>,
    pub subtasks: Vec<Title>,
    pub rule: Rule,
    pub catch_up: CatchUp,
    pub lead_minutes: u32,
    pub reminders: Option<Vec<u32>>,
}

/// The fields to change. The rule comes whole: the use case merges the named parts into the rule that was.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecurringTaskPatch {
    pub title: Option<Title>,
    pub description: Option<Description>,
    pub priority: Option<Priority>,
    pub tags: Option<Vec<Tag>>,
    pub project_id: Option<Option<ProjectId>>,
    pub subtasks: Option<Vec<Title>>,
    pub rule: Option<Rule>,
    pub catch_up: Option<CatchUp>,
    pub lead_minutes: Option<u32>,
    pub reminders: Option<Option<Vec<u32>>>,
}

/// What may differ for one slot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OverridePatch {
    pub title: Option<Title>,
    pub description: Option<Description>,
    pub priority: Option<Priority>,
    pub tags: Option<Vec<Tag>>,
    /// Due at another time than the slot's.
    pub due: Option<Due>,
}

impl OverridePatch {
    pub(super) fn apply(&self, draft: &mut TaskDraft) {
        if let Some(title) = &self.title {
            draft.title = title.clone();
        }
        if let Some(description) = &self.description {
            draft.description = description.clone();
        }
        if let Some(priority) = self.priority {
            draft.priority = priority;
        }
        if let Some(tags) = &self.tags {
            draft.tags.clone_from(tags);
        }
        if let Some(due) = &self.due {
            draft.due = Some(due.clone());
        }
    }
}

/// «This and future»: the old rule ends before the slot, a new one begins at it and points back.
#[must_use = "a change means nothing until it is committed"]
#[derive(Debug)]
pub struct Split {
    pub before: Change<RecurringTask>,
    pub after: Change<RecurringTask>,
}

impl RecurringTask {
    /// A new rule makes no overdue work: slots before now are passed over, except one on the rule's local today,
    /// which is made at once. A rule that is over already is kept, not active, and makes nothing more.
    pub fn create(
        id: RecurringTaskId,
        user_id: UserId,
        draft: RecurringTaskDraft,
        context: &Context,
        new_id: NewTaskId,
    ) -> Made {
        let rule = Self::from_draft(id, user_id, draft, context);
        if let Some(slot) = rule.slot_today(context.at) {
            let mut made = rule.make(&[slot], Occasion::RuleCreated, context, new_id);
            made.recurring_task = made.recurring_task.state.created(context);
            return made;
        }
        let mut rule = rule;
        rule.phase = match rule.rule.basis() {
            Basis::Completion => rule.phase_of_completion(context.at),
            Basis::Schedule => rule.phase_after(context.at),
        };
        Made { recurring_task: rule.created(context), tasks: Vec::new() }
    }

    /// The slot of the rule's local today that has come already.
    fn slot_today(&self, now: Timestamp) -> Option<crate::recurrence::Slot> {
        let today = self.rule.zone().local(now).date();
        self.rule.last_until(now).filter(|slot| slot.local.date() == today)
    }

    fn from_draft(id: RecurringTaskId, user_id: UserId, draft: RecurringTaskDraft, context: &Context) -> Self {
        Self {
            id,
            user_id,
            title: draft.title,
            description: draft.description,
            priority: draft.priority,
            tags: draft.tags,
            project_id: draft.project_id,
            subtasks: draft.subtasks,
            rule: draft.rule,
            catch_up: draft.catch_up,
            lead_minutes: draft.lead_minutes,
            reminders: draft.reminders,
            phase: Phase::Active { next: None },
            exceptions: Vec::new(),
            last_slot: None,
            last_created_at: None,
            slots_passed: 0,
            split_from: None,
            version: 1,
            created_at: context.at,
            updated_at: context.at,
        }
    }

    /// The change that stores this as something new.
    fn created(mut self, context: &Context) -> Change<Self> {
        self.version = 1;
        let events = vec![self.event(EventType::RecurringTaskCreated, &[], context)];
        let timers = Timers::Replace(self.timers());
        Change { from_version: 0, state: self, events, timers }
    }

    /// Edits the rule and its template for all that comes. Tasks already made are the use case's to edit.
    pub fn edit(self, patch: RecurringTaskPatch, context: &Context) -> Change<Self> {
        let was_over = self.phase == Phase::Ended;
        let from_version = self.version;
        let mut rule = self;
        let mut changed = rule.set(patch);
        if changed.is_empty() {
            return Change::none(rule, from_version);
        }
        let replan = changed.iter().any(|field| matches!(*field, "rule" | "lead_minutes"));
        rule.keep_exceptions_of_slots();
        if replan && !matches!(rule.phase, Phase::Paused { .. }) {
            rule.phase = rule.replanned(context.at);
            changed.push("next_due_at");
        }
        rule.changed(was_over, &changed, context)
    }

    fn set(&mut self, patch: RecurringTaskPatch) -> Vec<&'static str> {
        let mut changed = Vec::new();
        let mut set = Setter(&mut changed);
        set.field("title", &mut self.title, patch.title);
        set.field("description", &mut self.description, patch.description);
        set.field("priority", &mut self.priority, patch.priority);
        set.field("tags", &mut self.tags, patch.tags);
        set.field("project_id", &mut self.project_id, patch.project_id);
        set.field("subtasks", &mut self.subtasks, patch.subtasks);
        set.field("rule", &mut self.rule, patch.rule);
        set.field("catch_up", &mut self.catch_up, patch.catch_up);
        set.field("lead_minutes", &mut self.lead_minutes, patch.lead_minutes);
        set.field("reminders", &mut self.reminders, patch.reminders);
        changed
    }

    /// «This one»: a slot that lies ahead will differ.
    pub fn edit_slot(
        mut self,
        slot: Timestamp,
        patch: OverridePatch,
        context: &Context,
    ) -> Result<Change<Self>, RecurringTaskError> {
        if self.rule.basis() == Basis::Completion {
            return Err(RecurringTaskError::NoSuchSlot);
        }
        self.except(slot, ExceptionKind::Changed(Box::new(patch)), context)?;
        let was_over = self.phase == Phase::Ended;
        // One that was skipped comes after all, also where its rule was over without it.
        if !matches!(self.phase, Phase::Paused { .. }) {
            self.phase = self.replanned(context.at);
        }
        Ok(self.changed(was_over, &["exceptions"], context))
    }

    /// «This and future»: `ended` is this rule with an end before the slot (`None` if nothing would be left of it),
    /// `rule` the one that goes on from the slot.
    pub fn split(
        self,
        slot: Timestamp,
        ended: Option<Rule>,
        mut patch: RecurringTaskPatch,
        rule: Rule,
        new_id: RecurringTaskId,
        context: &Context,
    ) -> Result<Split, RecurringTaskError> {
        // A rule that counts from completion has no slots ahead to split at.
        if self.rule.basis() == Basis::Completion || !self.lies_ahead(slot, context.at) {
            return Err(RecurringTaskError::NoSuchSlot);
        }
        let was_over = self.phase == Phase::Ended;
        let mut after = Self {
            id: new_id,
            split_from: Some(self.id),
            exceptions: self.exceptions.iter().filter(|e| e.slot >= slot).cloned().collect(),
            last_slot: None,
            last_created_at: None,
            slots_passed: 0,
            created_at: context.at,
            updated_at: context.at,
            ..self.clone()
        };
        patch.rule = Some(rule);
        after.set(patch);
        // The slot itself is what is being edited, unless it was to be left out.
        after.exceptions.retain(|e| e.slot > slot || e.kind == ExceptionKind::Skipped);
        after.keep_exceptions_of_slots();
        if !matches!(after.phase, Phase::Paused { .. }) {
            after.phase = after.phase_after(context.at);
        }
        let mut before = self;
        before.exceptions.retain(|e| e.slot < slot);
        match ended {
            Some(rule) => {
                before.rule = rule;
                if !matches!(before.phase, Phase::Paused { .. }) {
                    before.phase = before.replanned(context.at);
                }
            }
            None => before.phase = Phase::Ended,
        }
        Ok(Split { before: before.changed(was_over, &["end_date"], context), after: after.created(context) })
    }

    /// What was said of a slot holds for as long as the rule has that slot.
    fn keep_exceptions_of_slots(&mut self) {
        let rule = &self.rule;
        self.exceptions.retain(|e| rule.first_from(e.slot).is_some_and(|found| found.at == e.slot));
    }

    /// The whole recurring task goes; the tasks it made stay.
    pub fn delete(self, context: &Context) -> Change<Self> {
        let from_version = self.version;
        let mut rule = self;
        rule.phase = Phase::Ended;
        rule.version += 1;
        rule.updated_at = context.at;
        let events = vec![rule.event(EventType::RecurringTaskDeleted, &[], context)];
        Change { from_version, state: rule, events, timers: Timers::Replace(Vec::new()) }
    }
}
