//! Changes to a recurring task on the wire, for all occurrences, for one, or from one on.

use domain::{
    Invalid, ProjectId, Zone,
    field::Faults,
    recurrence::{Basis, NthWeekday, Pattern, RecurrenceType, Rule, RuleInput, Slot, Start, Weekday},
    recurring_task::{CatchUp, OverridePatch, RecurringTask, RecurringTaskPatch},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::input::{lead, minutes_before, parse_date, parse_start, titles};
use crate::input::{self, Patch};

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
        // The day of the month may hang on the old start alone: the 31st, where the new start is a clamped 28th.
        let counts_from_completion =
            matches!(self.basis, Patch::Set(Basis::Completion)) || rule.basis() == Basis::Completion;
        if let Some(slot) = from
            && self.start_date == Patch::Absent
            && !counts_from_completion
            && names_no_day(&pattern)
            && slot.local.day() != start_day(rule)
        {
            pattern.month_day = Some(start_day(rule));
        }
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

/// Whether the day of the month follows from the start alone.
fn names_no_day(pattern: &Pattern) -> bool {
    let by_month = matches!(pattern.recurrence_type, RecurrenceType::Monthly | RecurrenceType::Yearly);
    by_month && pattern.month_day.is_none() && pattern.nth_weekday.is_none()
}

fn start_day(rule: &Rule) -> i8 {
    match rule.start() {
        Start::At(at) => rule.zone().local(*at).day(),
        Start::Day(date) => date.day(),
    }
}
