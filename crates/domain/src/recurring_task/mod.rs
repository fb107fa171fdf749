//! Recurring tasks: a rule and a template, from which a task is made for each slot.

mod edit;
mod occurrence;
mod schedule;

pub use edit::{OverridePatch, RecurringTaskDraft, RecurringTaskPatch, Split};
pub use occurrence::Made;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Change, Description, ProjectId, RecurringTaskId, Tag, Timers, Title, UserId,
    event::{Event, EventData, EventType, RecurringTaskData, RecurringTaskSnapshot},
    recurrence::{Rule, Start},
    task::{Context, Priority},
    timer::{Timer, TimerKind},
};

/// Most subtasks in the template.
pub const MAX_SUBTASKS: usize = 50;
/// Longest lead: 60 days.
pub const MAX_LEAD_MINUTES: u32 = 60 * 24 * 60;
/// Most exceptions (skipped or changed slots) that lie ahead.
pub const MAX_EXCEPTIONS: usize = 200;
/// Most occurrences that `catch_up: all` makes at once.
pub const CATCH_UP_CAP: usize = 100;

/// What is made of slots that passed while nothing ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// Only the last one.
    #[default]
    Latest,
    /// Each of them, the latest 100 at most.
    All,
    /// None: it goes on with the next.
    Skip,
}

/// Where a recurring task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// `next` is the slot to come; `None` while a rule that counts from completion waits for one.
    Active {
        next: Option<Timestamp>,
    },
    Paused {
        until: Option<Timestamp>,
    },
    /// The rule is over.
    Ended,
}

/// One slot that differs from the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    pub slot: Timestamp,
    pub kind: ExceptionKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExceptionKind {
    Skipped,
    /// «This one» edited before it came.
    Changed(Box<OverridePatch>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct RecurringTask {
    pub id: RecurringTaskId,
    pub user_id: UserId,
    pub title: Title,
    pub description: Description,
    pub priority: Priority,
    pub tags: Vec<Tag>,
    pub project_id: Option<ProjectId>,
    pub subtasks: Vec<Title>,
    pub rule: Rule,
    pub catch_up: CatchUp,
    /// How long before its slot a task appears.
    pub lead_minutes: u32,
    /// Minutes before due, of each occurrence; `None` for the default list.
    pub reminders: Option<Vec<u32>>,
    pub phase: Phase,
    /// Sorted by slot; those that have passed are dropped.
    pub exceptions: Vec<Exception>,
    /// The last slot for which a task was made.
    pub last_slot: Option<Timestamp>,
    pub last_created_at: Option<Timestamp>,
    /// How many slots have passed, for a rule that counts from completion.
    pub slots_passed: u32,
    pub split_from: Option<RecurringTaskId>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Why a recurring task cannot be changed that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecurringTaskError {
    #[error("is no slot of this rule that lies ahead; see its preview")]
    NoSuchSlot,
    #[error("the rule is over: give it a later end_date or count first")]
    Ended,
    #[error("must lie in the future")]
    ResumeInPast,
    #[error("too many skipped or changed slots lie ahead (at most {MAX_EXCEPTIONS})")]
    TooManyExceptions,
}

impl RecurringTask {
    pub fn is_active(&self) -> bool {
        matches!(self.phase, Phase::Active { .. })
    }

    pub fn next_due_at(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Active { next } => next,
            Phase::Paused { .. } | Phase::Ended => None,
        }
    }

    pub fn snapshot(&self) -> RecurringTaskSnapshot {
        RecurringTaskSnapshot {
            id: self.id,
            user_id: self.user_id,
            title: self.title.to_string(),
            description: self.description.to_string(),
            priority: self.priority.number(),
            tags: self.tags.iter().map(Tag::to_string).collect(),
            project_id: self.project_id,
            subtasks: self.subtasks.iter().map(Title::to_string).collect(),
            pattern: self.rule.pattern().clone(),
            basis: self.rule.basis(),
            time_zone: self.rule.zone().to_string(),
            start_date: match self.rule.start() {
                Start::At(at) => at.to_string(),
                Start::Day(date) => date.to_string(),
            },
            end_date: self.rule.end_date().map(|date| date.to_string()),
            count: self.rule.count(),
            catch_up: self.catch_up,
            lead_minutes: self.lead_minutes,
            reminders: self.reminders.clone(),
            is_active: self.is_active(),
            paused: matches!(self.phase, Phase::Paused { .. }),
            paused_until: match self.phase {
                Phase::Paused { until } => until,
                Phase::Active { .. } | Phase::Ended => None,
            },
            next_due_at: self.next_due_at(),
            last_created_at: self.last_created_at,
            split_from: self.split_from,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    /// The timer of the phase: the next slot less its lead, or the end of the pause.
    fn timers(&self) -> Vec<Timer> {
        let timer = |kind, moment, fire_at| Timer { kind, subject: self.id.0, moment, fire_at };
        match self.phase {
            Phase::Active { next: Some(next) } => vec![timer(TimerKind::Slot, next, self.appears_at(next))],
            Phase::Paused { until: Some(until) } => vec![timer(TimerKind::Resume, until, until)],
            Phase::Active { next: None } | Phase::Paused { until: None } | Phase::Ended => Vec::new(),
        }
    }

    /// When the task of a slot appears.
    fn appears_at(&self, slot: Timestamp) -> Timestamp {
        slot.checked_sub(jiff::SignedDuration::from_mins(i64::from(self.lead_minutes))).unwrap_or(slot)
    }

    fn event(&self, event_type: EventType, changed: &[&'static str], context: &Context) -> Event {
        Event {
            event_type,
            user_id: self.user_id,
            version: self.version,
            at: context.at,
            data: EventData::RecurringTask(Box::new(RecurringTaskData {
                recurring_task: self.snapshot(),
                changed: changed.iter().map(|&field| field.to_owned()).collect(),
                actor: context.actor,
            })),
        }
    }

    /// The changed state with its event and its timers; a rule that came to its end says so too.
    fn changed(mut self, was_over: bool, fields: &[&'static str], context: &Context) -> Change<Self> {
        let from_version = self.version;
        self.version += 1;
        self.updated_at = context.at;
        let mut events = vec![self.event(EventType::RecurringTaskUpdated, fields, context)];
        if self.phase == Phase::Ended && !was_over {
            events.push(self.event(EventType::RecurringTaskEnded, &["is_active"], context));
        }
        let timers = Timers::Replace(self.timers());
        Change { from_version, state: self, events, timers }
    }
}
