//! The checked rule: what cannot recur is refused here, under the name of its field.

use jiff::{Timestamp, civil};

use super::{Basis, Pattern, RecurrenceType, Weekday, months::Months};
use crate::{Invalid, Zone, due::start_of_day, field::Faults};

const MAX_INTERVAL: u32 = 999;
const MAX_COUNT: u32 = 100_000;
/// Years in which a rule may start.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2200;

/// The anchor that slots are counted from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    At(Timestamp),
    /// Whole days: slots lie at the start of the local day.
    Day(civil::Date),
}

/// A rule to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInput {
    pub pattern: Pattern,
    pub start: Start,
    pub zone: Zone,
    /// Inclusive, compared with the slot's nominal local date.
    pub end_date: Option<civil::Date>,
    /// Instead of `end_date`: how many slots there are, from the start.
    pub count: Option<u32>,
    pub basis: Basis,
}

/// Pattern, anchor, zone and end; every combination that can be built has a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub(super) pattern: Pattern,
    start: Start,
    zone: Zone,
    end_date: Option<civil::Date>,
    count: Option<u32>,
    basis: Basis,
    /// The wall clock at the start.
    pub(super) local: civil::DateTime,
    /// Weekly: the weekdays as days after Monday, sorted.
    pub(super) weekdays: Vec<i64>,
    /// Monthly and yearly.
    pub(super) months: Option<Months>,
}

impl Rule {
    pub fn parse(input: RuleInput) -> Result<Self, Invalid> {
        let RuleInput { mut pattern, start, zone, end_date, count, basis } = input;
        let local = match start {
            Start::At(at) => zone.local(at),
            Start::Day(date) => date.to_datetime(civil::Time::midnight()),
        };
        let mut faults = Faults::default();
        check_pattern(&mut faults, &mut pattern, basis);
        if !YEARS.contains(&local.year()) {
            faults.add("start_date", format!("must be in the years {} to {}", YEARS.start(), YEARS.end()));
        }
        if end_date.is_some() && count.is_some() {
            faults.add("count", "cannot be given together with end_date");
        }
        if end_date.is_some_and(|end| end < local.date()) {
            faults.add("end_date", "must not lie before start_date");
        }
        if count.is_some_and(|count| !(1..=MAX_COUNT).contains(&count)) {
            faults.add("count", format!("must be 1 to {MAX_COUNT}"));
        }
        faults.check()?;
        let weekdays = weekdays(&pattern, local);
        let months = Months::of(&pattern, local);
        let rule = Self { pattern, start, zone, end_date, count, basis, local, weekdays, months };
        if rule.date(0).is_none() {
            return Err(Invalid::field("nth_weekday", "never comes with this month and interval"));
        }
        Ok(rule)
    }

    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    pub fn start(&self) -> &Start {
        &self.start
    }

    /// The anchor as an instant; it need not be a slot.
    pub fn start_at(&self) -> Timestamp {
        match self.start {
            Start::At(at) => at,
            Start::Day(date) => start_of_day(date, &self.zone),
        }
    }

    pub fn end_date(&self) -> Option<civil::Date> {
        self.end_date
    }

    pub fn count(&self) -> Option<u32> {
        self.count
    }

    pub fn basis(&self) -> Basis {
        self.basis
    }

    pub fn is_all_day(&self) -> bool {
        matches!(self.start, Start::Day(_))
    }
}

/// Also sorts the weekdays, so that equal rules are equal.
fn check_pattern(faults: &mut Faults, pattern: &mut Pattern, basis: Basis) {
    let kind = pattern.recurrence_type;
    if !(1..=MAX_INTERVAL).contains(&pattern.recurrence_interval) {
        faults.add("recurrence_interval", format!("must be 1 to {MAX_INTERVAL}, got {}", pattern.recurrence_interval));
    }
    if !pattern.weekdays.is_empty() && kind != RecurrenceType::Weekly {
        faults.add("weekdays", "go with weekly only");
    }
    let given = pattern.weekdays.len();
    pattern.weekdays.sort_unstable();
    pattern.weekdays.dedup();
    if pattern.weekdays.len() != given {
        faults.add("weekdays", "must name each day once");
    }
    let by_month = matches!(kind, RecurrenceType::Monthly | RecurrenceType::Yearly);
    if let Some(day) = pattern.month_day {
        if !by_month {
            faults.add("month_day", "goes with monthly and yearly only");
        } else if day != -1 && !(1..=31).contains(&day) {
            faults.add("month_day", "must be 1 to 31, or -1 for the last day");
        }
    }
    if let Some(nth) = pattern.nth_weekday {
        if !by_month {
            faults.add("nth_weekday", "goes with monthly and yearly only");
        } else if pattern.month_day.is_some() {
            faults.add("nth_weekday", "cannot be given together with month_day");
        }
        if nth.nth != -1 && !(1..=5).contains(&nth.nth) {
            faults.add("nth_weekday.nth", "must be 1 to 5, or -1 for the last one");
        }
    }
    if let Some(month) = pattern.month {
        if kind != RecurrenceType::Yearly {
            faults.add("month", "goes with yearly only");
        } else if !(1..=12).contains(&month) {
            faults.add("month", "must be 1 to 12");
        }
    }
    let named = !pattern.weekdays.is_empty()
        || pattern.month_day.is_some()
        || pattern.nth_weekday.is_some()
        || pattern.month.is_some();
    if basis == Basis::Completion && named {
        faults.add("basis", "a rule that counts from completion cannot name weekdays, month_day, nth_weekday or month");
    }
}

fn weekdays(pattern: &Pattern, local: civil::DateTime) -> Vec<i64> {
    if pattern.weekdays.is_empty() {
        return vec![i64::from(local.weekday().to_monday_zero_offset())];
    }
    pattern.weekdays.iter().map(|day| i64::from(day.days_from_monday())).collect()
}

impl Weekday {
    /// Monday is 0.
    pub fn days_from_monday(self) -> i8 {
        self as i8
    }

    pub fn to_civil(self) -> civil::Weekday {
        match self {
            Self::Monday => civil::Weekday::Monday,
            Self::Tuesday => civil::Weekday::Tuesday,
            Self::Wednesday => civil::Weekday::Wednesday,
            Self::Thursday => civil::Weekday::Thursday,
            Self::Friday => civil::Weekday::Friday,
            Self::Saturday => civil::Weekday::Saturday,
            Self::Sunday => civil::Weekday::Sunday,
        }
    }
}
