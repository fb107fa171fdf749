//! A recurring task on the wire, and its way into a rule.

use domain::{
    Due, Invalid, ProjectId, Title, Zone,
    due::parse_instant,
    field::Faults,
    recurrence::{Basis, NthWeekday, Pattern, RecurrenceType, Rule, RuleInput, Slot, Start, Weekday},
    recurring_task::{
        CatchUp, MAX_LEAD_MINUTES, MAX_SUBTASKS, OverridePatch, RecurringTask, RecurringTaskDraft, RecurringTaskPatch,
    },
    reminder::Reminder,
};
use jiff::civil;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::input::{self, Patch};

/// The rule alone, as preview and create take it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct RuleFields {
    pub recurrence_type: RecurrenceType,
    /// 1–999, 1 if absent.
    #[serde(default)]
    pub recurrence_interval: Option<u32>,
    /// Weekly only; the start's weekday if absent.
    #[serde(default)]
    pub weekdays: Option<Vec<Weekday>>,
    /// Monthly and yearly: 1–31, or -1 for the last day.
    #[serde(default)]
    pub month_day: Option<i8>,
    /// Monthly and yearly, instead of `month_day`.
    #[serde(default)]
    pub nth_weekday: Option<NthWeekday>,
    /// Yearly: 1–12.
    #[serde(default)]
    pub month: Option<i8>,
    /// IANA name; the person's own zone if absent.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// An instant, or a date for whole days.
    pub start_date: String,
    /// Inclusive: a local date, or an instant whose local date counts.
    #[serde(default)]
    pub end_date: Option<String>,
    /// Instead of `end_date`: how many slots there are from the start.
    #[serde(default)]
    pub count: Option<u32>,
    #[serde(default)]
    pub basis: Option<Basis>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecurringTaskInput {
    pub title: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub priority: Option<i64>,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub project_id: Option<ProjectId>,
    /// Titles of the subtasks of each occurrence, at most 50.
    #[serde(default)]
    pub subtasks: Vec<String>,
    pub recurrence_type: RecurrenceType,
    /// 1–999, 1 if absent.
    #[serde(default)]
    pub recurrence_interval: Option<u32>,
    #[serde(default)]
    pub weekdays: Option<Vec<Weekday>>,
    #[serde(default)]
    pub month_day: Option<i8>,
    #[serde(default)]
    pub nth_weekday: Option<NthWeekday>,
    #[serde(default)]
    pub month: Option<i8>,
    #[serde(default)]
    pub time_zone: Option<String>,
    /// An instant, or a date for whole days.
    pub start_date: String,
    #[serde(default)]
    pub end_date: Option<String>,
    #[serde(default)]
    pub count: Option<u32>,
    #[serde(default)]
    pub basis: Option<Basis>,
    #[serde(default)]
    pub catch_up: Option<CatchUp>,
    /// How long before its slot a task appears; 0 if absent.
    #[serde(default)]
    pub lead_minutes: Option<u32>,
    /// Minutes before due of each occurrence; the default list if absent.
    #[serde(default)]
    pub reminders: Option<Vec<u32>>,
}

/// Changes: absent stays, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecurringTaskPatchInput {
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
    #[schema(value_type = Option<Vec<String>>)]
    pub subtasks: Patch<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<RecurrenceType>)]
    pub recurrence_type: Patch<RecurrenceType>,
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    pub recurrence_interval: Patch<u32>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<Weekday>>)]
    pub weekdays: Patch<Vec<Weekday>>,
    #[serde(default)]
    #[schema(value_type = Option<i8>)]
    pub month_day: Patch<i8>,
    #[serde(default)]
    #[schema(value_type = Option<NthWeekday>)]
    pub nth_weekday: Patch<NthWeekday>,
    #[serde(default)]
    #[schema(value_type = Option<i8>)]
    pub month: Patch<i8>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub time_zone: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub start_date: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub end_date: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    pub count: Patch<u32>,
    #[serde(default)]
    #[schema(value_type = Option<Basis>)]
    pub basis: Patch<Basis>,
    #[serde(default)]
    #[schema(value_type = Option<CatchUp>)]
    pub catch_up: Patch<CatchUp>,
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    pub lead_minutes: Patch<u32>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<u32>>)]
    pub reminders: Patch<Vec<u32>>,
    /// Only with `scope=this`: another due date for that one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub due_date: Patch<String>,
}

impl RuleFields {
    pub(crate) fn parse(&self, default_zone: &Zone) -> Result<Rule, Invalid> {
        let mut faults = Faults::default();
        let zone = input::zone(&mut faults, self.time_zone.as_deref(), default_zone);
        let known = zone.clone().unwrap_or_else(Zone::utc);
        let start = faults.take("start_date", parse_start(&self.start_date));
        let end_date = self.end_date.as_deref().map(|text| faults.take("end_date", parse_date(text, &known)));
        faults.check()?;
        let (Some(zone), Some(start)) = (zone, start) else { return Err(Invalid(Vec::new())) };
        Rule::parse(RuleInput {
            pattern: Pattern {
                recurrence_type: self.recurrence_type,
                recurrence_interval: self.recurrence_interval.unwrap_or(1),
                weekdays: self.weekdays.clone().unwrap_or_default(),
                month_day: self.month_day,
                nth_weekday: self.nth_weekday,
                month: self.month,
            },
            start,
            zone,
            end_date: end_date.flatten(),
            count: self.count,
            basis: self.basis.unwrap_or_default(),
        })
    }
}

fn parse_start(text: &str) -> Result<Start, domain::due::InvalidDue> {
    Ok(match Due::parse(text, Zone::utc())? {
        Due::At { at, .. } => Start::At(at),
        Due::Day { date, .. } => Start::Day(date),
    })
}

/// A local date, or the local date of an instant.
fn parse_date(text: &str, zone: &Zone) -> Result<civil::Date, domain::due::InvalidDue> {
    Ok(match parse_instant(text) {
        Some(at) => zone.local(at).date(),
        None => Due::parse(text, zone.clone())?.date(),
    })
}

fn titles(faults: &mut Faults, raw: &[String]) -> Option<Vec<Title>> {
    if raw.len() > MAX_SUBTASKS {
        faults.add("subtasks", format!("must be at most {MAX_SUBTASKS}, got {}", raw.len()));
    }
    let titles = raw.iter().enumerate();
    let titles: Vec<_> =
        titles.map(|(index, text)| faults.take(&format!("subtasks[{index}]"), Title::parse(text))).collect();
    titles.into_iter().collect()
}

fn lead(faults: &mut Faults, minutes: u32) -> u32 {
    if minutes > MAX_LEAD_MINUTES {
        faults.add("lead_minutes", format!("must be at most {MAX_LEAD_MINUTES} (60 days), got {minutes}"));
    }
    minutes
}

fn minutes_before(faults: &mut Faults, list: &[u32]) -> Vec<u32> {
    let reminders: Vec<_> = list.iter().copied().map(Reminder::MinutesBefore).collect();
    faults.merge(domain::reminder::parse_list(&reminders));
    list.to_vec()
}

impl RecurringTaskInput {
    pub fn parse(&self, default_zone: &Zone) -> Result<RecurringTaskDraft, Invalid> {
        let mut faults = Faults::default();
        let f = &mut faults;
        let task = f.merge(self.task().parse(default_zone));
        let rule = f.merge(self.rule().parse(default_zone));
        let subtasks = titles(f, &self.subtasks);
        let lead_minutes = lead(f, self.lead_minutes.unwrap_or(0));
        let reminders = self.reminders.as_deref().map(|list| minutes_before(f, list));
        faults.check()?;
        let (Some(task), Some(rule), Some(subtasks)) = (task, rule, subtasks) else { return Err(Invalid(Vec::new())) };
        Ok(RecurringTaskDraft {
            title: task.title,
            description: task.description,
            priority: task.priority,
            tags: task.tags,
            project_id: task.project_id,
            subtasks,
            rule,
            catch_up: self.catch_up.unwrap_or_default(),
            lead_minutes,
            reminders,
        })
    }

    /// The part that every task has.
    fn task(&self) -> input::TaskInput {
        input::TaskInput {
            title: self.title.clone(),
            description: self.description.clone(),
            priority: self.priority,
            tags: self.tags.clone(),
            project_id: self.project_id,
            ..input::TaskInput::default()
        }
    }

    fn rule(&self) -> RuleFields {
        RuleFields {
            recurrence_type: self.recurrence_type,
            recurrence_interval: self.recurrence_interval,
            weekdays: self.weekdays.clone(),
            month_day: self.month_day,
            nth_weekday: self.nth_weekday,
            month: self.month,
            time_zone: self.time_zone.clone(),
            start_date: self.start_date.clone(),
            end_date: self.end_date.clone(),
            count: self.count,
            basis: self.basis,
        }
    }
}

impl RecurringTaskPatchInput {
    /// The part that a task has too.
    fn task(&self) -> input::TaskPatchInput {
        input::TaskPatchInput {
            title: self.title.clone(),
            description: self.description.clone(),
            priority: self.priority.clone(),
            tags: self.tags.clone(),
            project_id: self.project_id.clone(),
            due_date: self.due_date.clone(),
            ..input::TaskPatchInput::default()
        }
    }

    fn names_rule(&self) -> bool {
        let Self { recurrence_type, recurrence_interval, weekdays, month_day, nth_weekday, month, .. } = self;
        let Self { time_zone, start_date, end_date, count, basis, .. } = self;
        *recurrence_type != Patch::Absent
            || *recurrence_interval != Patch::Absent
            || *weekdays != Patch::Absent
            || *month_day != Patch::Absent
            || *nth_weekday != Patch::Absent
            || *month != Patch::Absent
            || *time_zone != Patch::Absent
            || *start_date != Patch::Absent
            || *end_date != Patch::Absent
            || *count != Patch::Absent
            || *basis != Patch::Absent
    }

    pub fn parse(&self, current: &RecurringTask) -> Result<RecurringTaskPatch, Invalid> {
        let mut faults = Faults::default();
        let f = &mut faults;
        if self.due_date != Patch::Absent {
            f.add("due_date", "is for one occurrence only: give scope=this");
        }
        let task =
            f.merge(input::TaskPatchInput { due_date: Patch::Absent, ..self.task() }.parse(None, current.rule.zone()));
        let rule = if self.names_rule() { f.merge(self.merged_rule(&current.rule, None)) } else { None };
        let patch = RecurringTaskPatch {
            subtasks: match &self.subtasks {
                Patch::Absent => None,
                Patch::Clear => Some(Vec::new()),
                Patch::Set(list) => titles(f, list),
            },
            rule,
            catch_up: self.catch_up.clone().required("catch_up", f),
            lead_minutes: self.lead_minutes.clone().required("lead_minutes", f).map(|minutes| lead(f, minutes)),
            reminders: self.reminders.as_ref().map(|list| minutes_before(f, list)).nested(),
            ..RecurringTaskPatch::default()
        };
        faults.check()?;
        let task = task.unwrap_or_default();
        Ok(RecurringTaskPatch {
            title: task.title,
            description: task.description,
            priority: task.priority,
            tags: task.tags,
            project_id: task.project_id,
            ..patch
        })
    }

    /// What may differ for one slot; anything of the rule is refused.
    pub(super) fn parse_override(&self, current: &RecurringTask) -> Result<OverridePatch, Invalid> {
        let template = self.subtasks != Patch::Absent
            || self.project_id != Patch::Absent
            || self.catch_up != Patch::Absent
            || self.lead_minutes != Patch::Absent
            || self.reminders != Patch::Absent;
        if template || self.names_rule() {
            let only = "one occurrence takes only title, description, priority, tags and due_date";
            return Err(Invalid::field("scope", only));
        }
        let patch = self.task().parse(None, current.rule.zone())?;
        Ok(OverridePatch {
            title: patch.title,
            description: patch.description,
            priority: patch.priority,
            tags: patch.tags,
            due: patch.due.flatten(),
        })
    }

    /// The rule that goes on from `slot`: the same pattern anchored there, with the changes that the patch names.
    pub(super) fn rule_from(&self, current: &RecurringTask, slot: &Slot) -> Result<Rule, Invalid> {
        self.merged_rule(&current.rule, Some(slot))
    }

    /// The named parts over the rule that was; a kind of recurrence that changes leaves the parts of the old kind
    /// behind.
    fn merged_rule(&self, rule: &Rule, from: Option<&Slot>) -> Result<Rule, Invalid> {
        let mut faults = Faults::default();
        let f = &mut faults;
        let zone_name = self.time_zone.clone().required("time_zone", f);
        let zone = input::zone(f, zone_name.as_deref(), rule.zone()).unwrap_or_else(Zone::utc);
        let mut pattern = rule.pattern().clone();
        if let Some(kind) = self.recurrence_type.clone().required("recurrence_type", f)
            && kind != pattern.recurrence_type
        {
            pattern = Pattern::every(kind, pattern.recurrence_interval);
        }
        if let Some(interval) = self.recurrence_interval.clone().required("recurrence_interval", f) {
            pattern.recurrence_interval = interval;
        }
        if let Some(weekdays) = self.weekdays.clone().nested() {
            pattern.weekdays = weekdays.unwrap_or_default();
        }
        if let Some(month_day) = self.month_day.clone().nested() {
            pattern.month_day = month_day;
            pattern.nth_weekday = if month_day.is_some() { None } else { pattern.nth_weekday };
        }
        if let Some(nth_weekday) = self.nth_weekday.clone().nested() {
            pattern.nth_weekday = nth_weekday;
            pattern.month_day =
                if nth_weekday.is_some() && self.month_day == Patch::Absent { None } else { pattern.month_day };
        }
        if let Some(month) = self.month.clone().nested() {
            pattern.month = month;
        }
        let start = match (self.start_date.clone().required("start_date", f), from) {
            (Some(text), _) => f.take("start_date", parse_start(&text)),
            (None, Some(slot)) if rule.is_all_day() => Some(Start::Day(slot.local.date())),
            (None, Some(slot)) => Some(Start::At(slot.at)),
            (None, None) => Some(rule.start().clone()),
        };
        let passed = from.map_or(0, |slot| u32::try_from(slot.n).unwrap_or(u32::MAX));
        let mut count =
            self.count.clone().nested().unwrap_or_else(|| rule.count().map(|count| count.saturating_sub(passed)));
        let mut end_date = match self.end_date.clone() {
            Patch::Absent => rule.end_date(),
            Patch::Clear => None,
            Patch::Set(text) => f.take("end_date", parse_date(&text, &zone)),
        };
        // A new end of one kind takes the place of an old one of the other.
        if matches!(self.end_date, Patch::Set(_)) && self.count == Patch::Absent {
            count = None;
        }
        if matches!(self.count, Patch::Set(_)) && self.end_date == Patch::Absent {
            end_date = None;
        }
        let basis = self.basis.clone().required("basis", f).unwrap_or_else(|| rule.basis());
        faults.check()?;
        let start = start.unwrap_or_else(|| rule.start().clone());
        Rule::parse(RuleInput { pattern, start, zone, end_date, count, basis })
    }
}
