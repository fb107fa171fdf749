//! A rule as it is written: on the wire, in the quick-add line, in a form. Nothing here is checked yet;
//! [`Rule::parse`](super::Rule::parse) does that.

use serde::{Deserialize, Serialize};

/// How often: the unit that `recurrence_interval` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecurrenceType {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// Full English names in lower case on the wire. Weeks begin on Monday (RFC 5545, WKST=MO).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// The `nth` (1–5, or -1 for the last) such weekday of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NthWeekday {
    pub nth: i8,
    pub weekday: Weekday,
}

/// What the next slot is counted from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The calendar: anchor + n × interval.
    #[default]
    Schedule,
    /// The moment at which the last occurrence was completed.
    Completion,
}

/// The pattern of a recurrence without its anchor, zone and end. Absent fields take what the start gives: a weekly
/// rule without weekdays recurs on the weekday of its start, a monthly one on its day, a yearly one on its month too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Pattern {
    pub recurrence_type: RecurrenceType,
    /// 1–999.
    pub recurrence_interval: u32,
    /// Weekly only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<Weekday>,
    /// Monthly and yearly only: 1–31, or -1 for the last day. Days that a month lacks clamp to its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month_day: Option<i8>,
    /// Monthly and yearly only, instead of `month_day`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth_weekday: Option<NthWeekday>,
    /// Yearly only: 1–12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<i8>,
}

impl Pattern {
    /// Every `interval` days, weeks, months or years, on what the start gives.
    pub fn every(recurrence_type: RecurrenceType, interval: u32) -> Self {
        Self {
            recurrence_type,
            recurrence_interval: interval,
            weekdays: Vec::new(),
            month_day: None,
            nth_weekday: None,
            month: None,
        }
    }
}
