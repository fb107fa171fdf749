//! What comes in over the wire, and its way into the domain's own types: every fault at once, each under its field's
//! name.
//!
//! In patches an absent field stays and `null` clears, which [`Patch`] tells apart.

use domain::{
    Description, Due, Invalid, ProjectId, Tag, TaskId, Timestamp, Title, Zone,
    field::Faults,
    reminder::{self, Reminder},
    task::{Priority, TaskDraft, TaskPatch, tag_list},
};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// A field of a patch: absent, cleared by `null`, or set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    #[default]
    Absent,
    Clear,
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T> Patch<T> {
    pub fn as_ref(&self) -> Patch<&T> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(value),
        }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(f(value)),
        }
    }

    /// `None` stays, `Some(None)` clears.
    pub fn nested(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Clear => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }

    /// For what cannot be cleared: `null` is a fault.
    pub(crate) fn required(self, field: &str, faults: &mut Faults) -> Option<T> {
        match self {
            Self::Absent => None,
            Self::Set(value) => Some(value),
            Self::Clear => {
                faults.add(field, "must not be null");
                None
            }
        }
    }
}

/// One reminder on the wire: `{"minutes_before": 30}` or `{"at": "2026-01-15T09:00:00Z"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, ToSchema)]
#[serde(untagged, expecting = "must be {\"minutes_before\": number} or {\"at\": instant}")]
pub enum ReminderInput {
    #[serde(rename_all = "snake_case")]
    Before { minutes_before: u32 },
    At {
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
    },
}

impl From<ReminderInput> for Reminder {
    fn from(input: ReminderInput) -> Self {
        match input {
            ReminderInput::Before { minutes_before } => Self::MinutesBefore(minutes_before),
            ReminderInput::At { at } => Self::At(Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)),
        }
    }
}

impl From<Reminder> for ReminderInput {
    fn from(reminder: Reminder) -> Self {
        match reminder {
            Reminder::MinutesBefore(minutes_before) => Self::Before { minutes_before },
            Reminder::At(at) => Self::At { at },
        }
    }
}

/// A new task.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskInput {
    /// 1–200 characters.
    pub title: String,
    /// Markdown, at most 10,000 characters.
    #[serde(default)]
    pub description: Option<String>,
    /// 1 high, 2 medium (the default), 3 low.
    #[serde(default)]
    pub priority: Option<i64>,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub project_id: Option<ProjectId>,
    /// Makes it a subtask; one level only.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub parent_id: Option<TaskId>,
    /// An instant (RFC 3339) or a date (`YYYY-MM-DD`) for the whole day.
    #[serde(default)]
    pub due_date: Option<String>,
    /// IANA name; the person's own zone if absent.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Instead of the default (24 h before, and at due); `[]` for none.
    #[serde(default)]
    pub reminders: Option<Vec<ReminderInput>>,
}

/// Changes to a task: absent stays, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskPatchInput {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub title: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub description: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub priority: Patch<i64>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Patch<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub project_id: Patch<ProjectId>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub parent_id: Patch<TaskId>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub due_date: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub time_zone: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<ReminderInput>>)]
    pub reminders: Patch<Vec<ReminderInput>>,
}

pub(crate) fn zone(faults: &mut Faults, name: Option<&str>, default: &Zone) -> Option<Zone> {
    match name {
        None => Some(default.clone()),
        Some(name) => faults.take("time_zone", Zone::parse(name)),
    }
}

pub(crate) fn tags(faults: &mut Faults, raw: &[String]) -> Option<Vec<Tag>> {
    let mut parsed = Vec::with_capacity(raw.len());
    for (index, text) in raw.iter().enumerate() {
        parsed.push(faults.take(&format!("tags[{index}]"), Tag::parse(text)));
    }
    let parsed: Option<Vec<_>> = parsed.into_iter().collect();
    faults.merge(tag_list(parsed?))
}

pub(crate) fn reminders(faults: &mut Faults, list: &[ReminderInput]) -> Option<Vec<Reminder>> {
    let list: Vec<Reminder> = list.iter().copied().map(Into::into).collect();
    faults.merge(reminder::parse_list(&list))?;
    Some(list)
}

impl TaskInput {
    /// Everything but whether the project and the parent exist.
    pub fn parse(&self, default_zone: &Zone) -> Result<TaskDraft, Invalid> {
        let mut faults = Faults::default();
        let zone = zone(&mut faults, self.time_zone.as_deref(), default_zone);
        let title = faults.take("title", Title::parse(&self.title));
        let description =
            faults.take("description", Description::parse(self.description.as_deref().unwrap_or_default()));
        let priority = match self.priority {
            None => Some(Priority::default()),
            Some(number) => faults.take("priority", Priority::parse(number)),
        };
        let tags = tags(&mut faults, &self.tags);
        let due = match (&self.due_date, zone) {
            (Some(text), Some(zone)) => faults.take("due_date", Due::parse(text, zone)).map(Some),
            (Some(text), None) => faults.take("due_date", Due::parse(text, Zone::utc())).map(Some),
            (None, _) => Some(None),
        };
        let reminders = match &self.reminders {
            Some(list) => reminders(&mut faults, list).map(Some),
            None => Some(None),
        };
        faults.check()?;
        // Nothing was noted, so everything is there.
        let (Some(title), Some(description), Some(priority), Some(tags), Some(due), Some(reminders)) =
            (title, description, priority, tags, due, reminders)
        else {
            return Err(Invalid(Vec::new()));
        };
        Ok(TaskDraft {
            title,
            description,
            priority,
            tags,
            project_id: self.project_id,
            parent_id: self.parent_id,
            due,
            reminders,
            occurrence: None,
        })
    }
}

impl TaskPatchInput {
    /// `current` is the due date that the task has now: a zone alone moves nothing but says where it is meant.
    pub fn parse(&self, current: Option<&Due>, default_zone: &Zone) -> Result<TaskPatch, Invalid> {
        let mut faults = Faults::default();
        let f = &mut faults;
        let zone_name = self.time_zone.clone().required("time_zone", f);
        let zone = zone(f, zone_name.as_deref(), current.map_or(default_zone, Due::zone)).unwrap_or_else(Zone::utc);
        let title = self.title.clone().required("title", f);
        let priority = self.priority.clone().required("priority", f);
        let due = match &self.due_date {
            Patch::Set(text) => f.take("due_date", Due::parse(text, zone)).map(Some),
            Patch::Clear => Some(None),
            Patch::Absent if zone_name.is_some() => Some(current.map(|due| due.in_zone(zone))),
            Patch::Absent => None,
        };
        let patch = TaskPatch {
            title: title.and_then(|text| f.take("title", Title::parse(&text))),
            description: match &self.description {
                Patch::Absent => None,
                Patch::Clear => Some(Description::empty()),
                Patch::Set(text) => f.take("description", Description::parse(text)),
            },
            priority: priority.and_then(|number| f.take("priority", Priority::parse(number))),
            tags: match &self.tags {
                Patch::Absent => None,
                Patch::Clear => Some(Vec::new()),
                Patch::Set(list) => tags(f, list),
            },
            project_id: self.project_id.clone().nested(),
            parent_id: self.parent_id.clone().nested(),
            due,
            reminders: match &self.reminders {
                Patch::Absent => None,
                Patch::Clear => Some(None),
                Patch::Set(list) => reminders(f, list).map(Some),
            },
        };
        faults.check()?;
        Ok(patch)
    }
}
