//! Creating and editing a task.

use jiff::Timestamp;

use super::{Context, Details, MAX_TAGS, Priority, Task, TaskError};
use crate::{
    Change, Description, Due, Invalid, ProjectId, RecurringTaskId, Tag, TaskId, Timers, Title, UserId,
    event::EventType, reminder::Reminder,
};

/// A task to be: every field checked by its own type.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskDraft {
    pub title: Title,
    pub description: Description,
    pub priority: Priority,
    pub tags: Vec<Tag>,
    pub project_id: Option<ProjectId>,
    pub parent_id: Option<TaskId>,
    pub due: Option<Due>,
    pub reminders: Option<Vec<Reminder>>,
    pub occurrence: Option<(RecurringTaskId, Timestamp)>,
}

impl TaskDraft {
    pub fn titled(title: Title) -> Self {
        Self {
            title,
            description: Description::empty(),
            priority: Priority::default(),
            tags: Vec::new(),
            project_id: None,
            parent_id: None,
            due: None,
            reminders: None,
            occurrence: None,
        }
    }
}

/// The fields to change: absent stays; for what can be absent, the inner `None` clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskPatch {
    pub title: Option<Title>,
    pub description: Option<Description>,
    pub priority: Option<Priority>,
    pub tags: Option<Vec<Tag>>,
    pub project_id: Option<Option<ProjectId>>,
    pub parent_id: Option<Option<TaskId>>,
    pub due: Option<Option<Due>>,
    pub reminders: Option<Option<Vec<Reminder>>>,
}

/// Tags without doubles, in the order given.
pub fn tag_list(tags: Vec<Tag>) -> Result<Vec<Tag>, Invalid> {
    let mut list: Vec<Tag> = Vec::with_capacity(tags.len());
    for tag in tags {
        if !list.contains(&tag) {
            list.push(tag);
        }
    }
    if list.len() > MAX_TAGS {
        return Err(Invalid::field("tags", format!("must be at most {MAX_TAGS}, got {}", list.len())));
    }
    Ok(list)
}

impl Task {
    pub fn create(id: TaskId, user_id: UserId, draft: TaskDraft, context: &Context) -> Change<Self> {
        let (recurring_task_id, slot) = draft.occurrence.unzip();
        let task = Self {
            id,
            user_id,
            title: draft.title,
            description: draft.description,
            priority: draft.priority,
            tags: draft.tags,
            project_id: draft.project_id,
            parent_id: draft.parent_id,
            due: draft.due,
            reminders: draft.reminders,
            snoozed_until: None,
            completed_at: None,
            recurring_task_id,
            slot,
            notified: false,
            version: 1,
            created_at: context.at,
            updated_at: context.at,
            deleted_at: None,
        };
        let events = vec![task.event(EventType::TaskCreated, context, Details::default())];
        let timers = Timers::Replace(task.reminding(context.all_day).timers(context.at));
        Change { from_version: 0, state: task, events, timers }
    }

    /// Changes the named fields. A patch that changes nothing is no change. A due date that moves takes its reminders
    /// with it and may be told again; a snooze of the old one is over.
    pub fn edit(self, patch: TaskPatch, context: &Context) -> Result<Change<Self>, TaskError> {
        if self.deleted_at.is_some() {
            return Err(TaskError::InTrash);
        }
        let before = self.clone();
        let mut task = self;
        let mut changed = Vec::new();
        let mut set = Setter(&mut changed);
        set.field("title", &mut task.title, patch.title);
        set.field("description", &mut task.description, patch.description);
        set.field("priority", &mut task.priority, patch.priority);
        set.field("tags", &mut task.tags, patch.tags);
        set.field("project_id", &mut task.project_id, patch.project_id);
        set.field("parent_id", &mut task.parent_id, patch.parent_id);
        set.field("due_date", &mut task.due, patch.due);
        set.field("reminders", &mut task.reminders, patch.reminders);
        if changed.is_empty() {
            let version = task.version;
            return Ok(Change::none(task, version));
        }
        let due_moved = changed.contains(&"due_date");
        if due_moved {
            task.notified = false;
            task.snoozed_until = None;
        }
        task.touch(context.at);
        let reminds_anew = task.completed_at.is_none() && (due_moved || changed.contains(&"reminders"));
        let timers = match reminds_anew {
            true if due_moved => Timers::Replace(task.reminding(context.all_day).timers(context.at)),
            true => Timers::ReplaceAhead { now: context.at, timers: task.timers_ahead(context) },
            false => Timers::Keep,
        };
        let cancelled = if reminds_anew { before.called_off(&task, context) } else { Vec::new() };
        let details = Details { cancelled, ..Details::changed(changed) };
        let events = vec![task.event(EventType::TaskUpdated, context, details)];
        Ok(Change { from_version: before.version, state: task, events, timers })
    }

    /// Takes a tag off, also off a task in the trash: the tag itself is going.
    pub fn untag(self, tag: &Tag, context: &Context) -> Change<Self> {
        let from_version = self.version;
        if !self.tags.contains(tag) {
            return Change::none(self, from_version);
        }
        let mut task = self;
        task.tags.retain(|known| known != tag);
        task.touch(context.at);
        let events = vec![task.event(EventType::TaskUpdated, context, Details::changed(["tags"]))];
        Change { from_version, state: task, events, timers: Timers::Keep }
    }

    /// What fires later than now. A due-soon window that is open already has its timer, or has been told.
    pub fn timers_ahead(&self, context: &Context) -> Vec<crate::timer::Timer> {
        let mut timers = self.reminding(context.all_day).timers(context.at);
        timers.retain(|timer| timer.moment > context.at);
        timers
    }

    /// Reminders planned before that the new state does not plan any more.
    fn called_off(&self, after: &Self, context: &Context) -> Vec<crate::event::CancelledReminder> {
        let kept = after.reminding(context.all_day).cancelled(context.at);
        let mut planned = self.reminding(context.all_day).cancelled(context.at);
        planned.retain(|reminder| !kept.contains(reminder));
        planned
    }

    pub(super) fn touch(&mut self, at: Timestamp) {
        self.version += 1;
        self.updated_at = at;
    }
}

/// Sets fields and notes which of them really changed.
pub(crate) struct Setter<'a>(pub(crate) &'a mut Vec<&'static str>);

impl Setter<'_> {
    pub(crate) fn field<T: PartialEq>(&mut self, name: &'static str, field: &mut T, value: Option<T>) {
        if let Some(value) = value
            && value != *field
        {
            *field = value;
            self.0.push(name);
        }
    }
}
