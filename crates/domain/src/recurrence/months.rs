//! Monthly and yearly patterns: every `step` months from a first one, a day in each.
//!
//! Candidates are numbered from 0 at the first month. A day clamps and so every month has one; a fifth weekday is
//! missing from some months, and which ones repeats with the calendar, every 400 years.

use jiff::civil;

use super::{NthWeekday, Pattern, RecurrenceType, Weekday};

/// The Gregorian calendar repeats after 400 years, weekdays included.
const CALENDAR_MONTHS: i64 = 400 * 12;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Months {
    /// Months since year 0 of the first candidate.
    base: i64,
    step: i64,
    day: Day,
    /// Candidates before the start.
    passed: i64,
    /// For a fifth weekday: which candidates of one period have it, and the period.
    fifths: Option<(Vec<i64>, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    /// 1–31, clamped, or -1.
    OfMonth(i8),
    Nth(NthWeekday),
}

impl Months {
    /// `None` for other patterns.
    pub fn of(pattern: &Pattern, local: civil::DateTime) -> Option<Self> {
        let interval = i64::from(pattern.recurrence_interval);
        let (month, step) = match pattern.recurrence_type {
            RecurrenceType::Monthly => (local.month(), interval),
            RecurrenceType::Yearly => (pattern.month.unwrap_or(local.month()), interval * 12),
            RecurrenceType::Daily | RecurrenceType::Weekly => return None,
        };
        let day = match pattern.nth_weekday {
            Some(nth) => Day::Nth(nth),
            None => Day::OfMonth(pattern.month_day.unwrap_or(local.day())),
        };
        let base = i64::from(local.year()) * 12 + i64::from(month) - 1;
        let fifths = matches!(day, Day::Nth(NthWeekday { nth: 5, .. })).then(|| {
            let period = CALENDAR_MONTHS / gcd(CALENDAR_MONTHS, step);
            // Measured in years that can be kept; the calendar is the same 400 years on.
            let base = 2000 * 12 + base.rem_euclid(CALENDAR_MONTHS);
            let has =
                |k: &i64| day.in_month((base + k * step - 2000 * 12).rem_euclid(CALENDAR_MONTHS) + 2000 * 12).is_some();
            ((0..period).filter(has).collect(), period)
        });
        let mut months = Self { base, step, day, passed: 0, fifths };
        let before_start = months.date(0).is_some_and(|date| date < local.date());
        months.passed = if before_start { months.rank(1) } else { 0 };
        Some(months)
    }

    /// No month ever has the day.
    pub fn is_empty(&self) -> bool {
        self.fifths.as_ref().is_some_and(|(list, _)| list.is_empty())
    }

    pub fn day(&self) -> Day {
        self.day
    }

    /// The date of the n-th slot.
    pub fn nth(&self, n: i64) -> Option<civil::Date> {
        let index = n.checked_add(self.passed)?;
        let candidate = match &self.fifths {
            None => index,
            Some((list, period)) => {
                let length = i64::try_from(list.len()).ok().filter(|length| *length > 0)?;
                let within = list.get(usize::try_from(index % length).ok()?)?;
                (index / length).checked_mul(*period)?.checked_add(*within)?
            }
        };
        self.date(candidate)
    }

    /// How many slots lie on dates before `date`.
    pub fn before(&self, date: civil::Date) -> i64 {
        let ahead = month_of(date) - self.base;
        if ahead < 0 {
            return 0;
        }
        let candidate = ahead / self.step;
        let counts = ahead % self.step != 0 || self.date(candidate).is_some_and(|slot| slot < date);
        (self.rank(candidate + i64::from(counts)) - self.passed).max(0)
    }

    /// How many candidates before this one have the day.
    fn rank(&self, candidate: i64) -> i64 {
        match &self.fifths {
            None => candidate,
            Some((list, period)) => {
                let length = i64::try_from(list.len()).unwrap_or(0);
                let within = list.partition_point(|k| *k < candidate % period);
                candidate / period * length + i64::try_from(within).unwrap_or(0)
            }
        }
    }

    fn date(&self, candidate: i64) -> Option<civil::Date> {
        self.day.in_month(candidate.checked_mul(self.step)?.checked_add(self.base)?)
    }
}

impl Day {
    fn in_month(self, month: i64) -> Option<civil::Date> {
        let year = i16::try_from(month.div_euclid(12)).ok()?;
        let first = civil::Date::new(year, i8::try_from(month.rem_euclid(12)).ok()? + 1, 1).ok()?;
        match self {
            Self::OfMonth(-1) => Some(first.last_of_month()),
            Self::OfMonth(day) => first.with().day(day.min(first.days_in_month())).build().ok(),
            Self::Nth(NthWeekday { nth, weekday }) => nth_weekday(first, nth, weekday),
        }
    }
}

fn nth_weekday(first: civil::Date, nth: i8, weekday: Weekday) -> Option<civil::Date> {
    first.nth_weekday_of_month(nth, weekday.to_civil()).ok()
}

fn month_of(date: civil::Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
