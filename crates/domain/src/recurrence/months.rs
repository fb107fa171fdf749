//! Monthly and yearly patterns: every `step` months from a first one, a day in each.
//!
//! Candidates are numbered from 0 at the first month. A day clamps and so every month has one; a fifth weekday is
//! missing from some months, and which ones repeats with the calendar, every 400 years.

use std::{
    fmt,
    sync::{Arc, LazyLock},
};

use jiff::civil;

use super::{NthWeekday, Pattern, RecurrenceType, Weekday};

/// The Gregorian calendar repeats after 400 years, weekdays included.
const CALENDAR_MONTHS: i64 = 400 * 12;

/// Which weekdays come five times, as bits from Monday, in each month of the years 2000 to 2399.
static FIFTHS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    (0..CALENDAR_MONTHS)
        .filter_map(|month| first_of(2000 * 12 + month))
        .map(|first| {
            let weekdays =
                (0..first.days_in_month() - 28).map(|day| (first.weekday().to_monday_zero_offset() + day) % 7);
            weekdays.fold(0, |bits, weekday| bits | 1 << weekday)
        })
        .collect()
});

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Months {
    /// Months since year 0 of the first candidate.
    base: i64,
    step: i64,
    day: Day,
    /// Slots before the start: 1 where the first candidate is one.
    passed: i64,
    fifths: Option<Fifths>,
}

/// For a fifth weekday: which candidates of one period have it.
#[derive(Clone, PartialEq, Eq)]
struct Fifths {
    list: Arc<[u16]>,
    period: i64,
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
        let fifths = match day {
            Day::Nth(NthWeekday { nth: 5, weekday }) => Some(Fifths::of(weekday, base, step)),
            Day::Nth(_) | Day::OfMonth(_) => None,
        };
        let mut months = Self { base, step, day, passed: 0, fifths };
        months.passed = i64::from(months.date(0).is_some_and(|date| date < local.date()));
        Some(months)
    }

    pub fn day(&self) -> Day {
        self.day
    }

    /// Whether some month of the rule may lack the day. A February counts as 28 days.
    pub fn may_clamp(&self) -> bool {
        let Day::OfMonth(day @ 29..) = self.day else { return false };
        // Months of the year come round after twelve candidates at most; 2001 is no leap year.
        (0..12).any(|k| {
            let month = (self.base + k * self.step).rem_euclid(12);
            first_of(2001 * 12 + month).is_some_and(|first| first.days_in_month() < day)
        })
    }

    /// The date of the n-th slot.
    pub fn nth(&self, n: i64) -> Option<civil::Date> {
        let index = n.checked_add(self.passed)?;
        let candidate = match &self.fifths {
            None => index,
            Some(fifths) => fifths.candidate(index)?,
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
        let counts = self.date(candidate).is_some_and(|slot| slot < date);
        (self.rank(candidate + i64::from(counts)) - self.passed).max(0)
    }

    /// How many candidates before this one have the day.
    fn rank(&self, candidate: i64) -> i64 {
        self.fifths.as_ref().map_or(candidate, |fifths| fifths.rank(candidate))
    }

    fn date(&self, candidate: i64) -> Option<civil::Date> {
        self.day.in_month(candidate.checked_mul(self.step)?.checked_add(self.base)?)
    }
}

impl Fifths {
    fn of(weekday: Weekday, base: i64, step: i64) -> Self {
        let period = CALENDAR_MONTHS / gcd(CALENDAR_MONTHS, step);
        let has = |k: &u16| {
            let month = (base + i64::from(*k) * step - 2000 * 12).rem_euclid(CALENDAR_MONTHS);
            let bits = usize::try_from(month).ok().and_then(|month| FIFTHS.get(month));
            bits.is_some_and(|bits| bits >> weekday.days_from_monday() & 1 == 1)
        };
        let list = (0..u16::try_from(period).unwrap_or(0)).filter(has).collect();
        Self { list, period }
    }

    /// The candidate that is the `index`-th to have the day. `None` where no candidate has it.
    fn candidate(&self, index: i64) -> Option<i64> {
        let length = i64::try_from(self.list.len()).ok().filter(|length| *length > 0)?;
        let within = self.list.get(usize::try_from(index % length).ok()?)?;
        (index / length).checked_mul(self.period)?.checked_add(i64::from(*within))
    }

    fn rank(&self, candidate: i64) -> i64 {
        let length = i64::try_from(self.list.len()).unwrap_or(0);
        let within = self.list.partition_point(|k| i64::from(*k) < candidate % self.period);
        candidate / self.period * length + i64::try_from(within).unwrap_or(0)
    }
}

/// The list is long, and follows from the rest of the rule.
impl fmt::Debug for Fifths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.list.len(), self.period)
    }
}

impl Day {
    fn in_month(self, month: i64) -> Option<civil::Date> {
        let first = first_of(month)?;
        match self {
            Self::OfMonth(-1) => Some(first.last_of_month()),
            Self::OfMonth(day) => first.with().day(day.min(first.days_in_month())).build().ok(),
            Self::Nth(NthWeekday { nth, weekday }) => first.nth_weekday_of_month(nth, weekday.to_civil()).ok(),
        }
    }
}

/// The first day of a month, counted from January of year 0.
fn first_of(month: i64) -> Option<civil::Date> {
    let year = i16::try_from(month.div_euclid(12)).ok()?;
    civil::Date::new(year, i8::try_from(month.rem_euclid(12)).ok()? + 1, 1).ok()
}

fn month_of(date: civil::Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
