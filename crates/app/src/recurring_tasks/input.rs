//! A recurring task on the wire, and its way into a rule.

use domain::{
    Due, Invalid, ProjectId, Title, Zone,
    due::parse_instant,
    field::Faults,
    recurrence::{Basis, NthWeekday, Pattern, RecurrenceType, Rule, RuleInput, Start, Weekday},
    recurring_task::{CatchUp, MAX_LEAD_MINUTES, MAX_SUBTASKS, RecurringTaskDraft},
    reminder::Reminder,
};
use jiff::civil;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::input;

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

pub(super) fn parse_start(text: &str) -> Result<Start, domain::due::InvalidDue> {
    Ok(match Due::parse(text, Zone::utc())? {
        Due::At { at, .. } => Start::At(at),
        Due::Day { date, .. } => Start::Day(date),
    })
}

/// A local date, or the local date of an instant.
pub(super) fn parse_date(text: &str, zone: &Zone) -> Result<civil::Date, domain::due::InvalidDue> {
    Ok(match parse_instant(text) {
        Some(at) => zone.local(at).date(),
        None => Due::parse(text, zone.clone())?.date(),
    })
}

pub(super) fn titles(faults: &mut Faults, raw: &[String]) -> Option<Vec<Title>> {
    if raw.len() > MAX_SUBTASKS {
        faults.add("subtasks", format!("must be at most {MAX_SUBTASKS}, got {}", raw.len()));
    }
    let titles = raw.iter().enumerate();
    let titles: Vec<_> =
        titles.map(|(index, text)| faults.take(&format!("subtasks[{index}]"), Title::parse(text))).collect();
    titles.into_iter().collect()
}

pub(super) fn lead(faults: &mut Faults, minutes: u32) -> u32 {
    if minutes > MAX_LEAD_MINUTES {
        faults.add("lead_minutes", format!("must be at most {MAX_LEAD_MINUTES} (60 days), got {minutes}"));
    }
    minutes
}

pub(super) fn minutes_before(faults: &mut Faults, list: &[u32]) -> Vec<u32> {
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
