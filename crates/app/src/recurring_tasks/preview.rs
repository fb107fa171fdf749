//! The next dates of a rule, and why each is what it is.

use domain::{
    RecurringTaskId, Timestamp,
    recurrence::{Basis, Rule, Slot},
    recurring_task::{ExceptionKind, RecurringTask},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::RuleFields;
use crate::{App, AppError, Caller};

const DEFAULT_LIMIT: u32 = 10;
const MAX_LIMIT: u32 = 100;

/// The rule's fields beside `from` and `limit`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct PreviewInput {
    #[serde(flatten)]
    pub rule: RuleFields,
    /// Inclusive; now if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// 1–100, 10 if absent.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// Inclusive; now if absent.
    #[param(value_type = Option<String>)]
    pub from: Option<Timestamp>,
    /// 1–100, 10 if absent.
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PreviewView {
    /// Null for a rule that counts from completion: RFC 5545 has no words for it.
    pub rrule: Option<String>,
    pub in_words: String,
    pub occurrences: Vec<OccurrenceView>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OccurrenceView {
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// The wall clock in the rule's zone, as the rule means it.
    #[schema(value_type = String)]
    pub local: jiff::civil::DateTime,
    /// Why the date is not quite what the rule says.
    pub note: Option<String>,
}

impl App {
    pub async fn preview(&self, caller: &Caller, input: &PreviewInput) -> Result<PreviewView, AppError> {
        let limit = limit(input.limit)?;
        let rule = input.rule.parse(&caller.user.zone)?;
        let slots = next_slots(&rule, input.from.unwrap_or_else(|| self.now()), limit);
        Ok(view(&rule, slots, |slot| slot.note.as_ref().map(|note| note.in_words(slot))))
    }

    pub async fn preview_recurring_task(
        &self,
        caller: &Caller,
        id: RecurringTaskId,
        query: &PreviewQuery,
    ) -> Result<PreviewView, AppError> {
        let limit = limit(query.limit)?;
        let task = self.rule(caller, id).await?;
        let from = query.from.unwrap_or_else(|| self.now());
        let slots = match (task.rule.basis(), task.next_due_at()) {
            (Basis::Schedule, _) => next_slots(&task.rule, from, limit),
            (Basis::Completion, Some(next)) => {
                vec![Slot {
                    n: u64::from(task.slots_passed),
                    local: task.rule.zone().local(next),
                    at: next,
                    note: None,
                }]
            }
            (Basis::Completion, None) => Vec::new(),
        };
        Ok(view(&task.rule, slots, |slot| note_with_exceptions(&task, slot)))
    }
}

fn limit(limit: Option<u32>) -> Result<usize, AppError> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if (1..=MAX_LIMIT).contains(&limit) {
        Ok(limit as usize)
    } else {
        Err(AppError::field("limit", format!("must be 1 to {MAX_LIMIT}, got {limit}")))
    }
}

/// Of a rule that counts from completion, as if each were completed at its moment.
fn next_slots(rule: &Rule, from: Timestamp, limit: usize) -> Vec<Slot> {
    rule.slots_from(from).take(limit).collect()
}

fn view(rule: &Rule, slots: Vec<Slot>, note: impl Fn(&Slot) -> Option<String>) -> PreviewView {
    PreviewView {
        rrule: (rule.basis() == Basis::Schedule).then(|| rule.rrule()),
        in_words: rule.in_words(),
        occurrences: slots
            .into_iter()
            .map(|slot| OccurrenceView { due_at: slot.at, local: slot.local, note: note(&slot) })
            .collect(),
    }
}

fn note_with_exceptions(task: &RecurringTask, slot: &Slot) -> Option<String> {
    match task.exceptions.iter().find(|exception| exception.slot == slot.at).map(|exception| &exception.kind) {
        Some(ExceptionKind::Skipped) => Some("skipped by you".into()),
        Some(ExceptionKind::Changed(_)) => Some("changed by you".into()),
        None => slot.note.as_ref().map(|note| note.in_words(slot)),
    }
}
