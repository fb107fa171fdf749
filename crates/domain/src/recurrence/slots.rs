//! The slots of a rule, by number and by moment.
//!
//! By number is arithmetic. By moment counts the slots on local dates safely before it, which is arithmetic too, and
//! then looks at the few around it: no clock change moves a wall time by more than a day.
//!
//! Where the clocks skip a whole day (Pacific/Apia had no 30 December 2011), its slot shifts onto the next day's. Both
//! have their number and count, but by moment they are one: the one that was not shifted.

use jiff::{Span, Timestamp, civil};

use super::{
    Note, RecurrenceType, Rule, Start,
    months::{Day, Months},
};

/// One moment of a rule. What identifies it is the instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// From 0 at the first slot.
    pub n: u64,
    /// The nominal wall time, before any shift.
    pub local: civil::DateTime,
    pub at: Timestamp,
    /// Why it is not quite what the rule says.
    pub note: Option<Note>,
}

impl Rule {
    /// The n-th slot from the start, or `None` after the end.
    pub fn nth(&self, n: u64) -> Option<Slot> {
        if self.count().is_some_and(|count| n >= u64::from(count)) {
            return None;
        }
        let date = self.date(i64::try_from(n).ok()?)?;
        if self.end_date().is_some_and(|end| date > end) {
            return None;
        }
        let local = date.to_datetime(self.local.time());
        let at = self.instant(local)?;
        let wanted = match self.months.as_ref().map(Months::day) {
            Some(Day::OfMonth(day)) => Some(day),
            _ => None,
        };
        Some(Slot { n, local, at, note: Note::of(self, local, at, wanted) })
    }

    /// The first slot at or after `at`.
    pub fn first_from(&self, at: Timestamp) -> Option<Slot> {
        self.scan(at).find(|slot| slot.at >= at).map(|slot| self.settled(slot))
    }

    /// The first slot after `at`.
    pub fn first_after(&self, at: Timestamp) -> Option<Slot> {
        self.scan(at).find(|slot| slot.at > at).map(|slot| self.settled(slot))
    }

    /// The last slot at or before `at`.
    pub fn last_until(&self, at: Timestamp) -> Option<Slot> {
        let mut n = self.scan(at).take_while(|slot| slot.at <= at).last().map(|slot| slot.n);
        if n.is_none() {
            // Nothing near: the slot before, which may also be the last one of a rule that is over.
            let before = self.lower_bound(at);
            let last = self.last_n();
            n = match last {
                Some(last) if before > last => Some(last),
                _ => before.checked_sub(1),
            };
        }
        self.nth(n?)
    }

    /// Every slot from `at` on, each instant once.
    pub fn slots_from(&self, at: Timestamp) -> impl Iterator<Item = Slot> + '_ {
        let first = self.first_from(at);
        std::iter::successors(first, |slot| self.first_after(slot.at))
    }

    /// For a rule that counts from completion: the completion's local date plus one interval, at the start's wall
    /// time. A completion before the start, which a lead makes possible, counts as one at the start. `None` after the
    /// end date; `count` is the caller's to watch, and so is the number of the slot.
    pub fn next_after_completion(&self, completed_at: Timestamp) -> Option<Slot> {
        let interval = i64::from(self.pattern.recurrence_interval);
        let (span, by_month) = match self.pattern.recurrence_type {
            RecurrenceType::Daily => (Span::new().try_days(interval), false),
            RecurrenceType::Weekly => (Span::new().try_weeks(interval), false),
            RecurrenceType::Monthly => (Span::new().try_months(interval), true),
            RecurrenceType::Yearly => (Span::new().try_years(interval), true),
        };
        let completed = self.zone().local(completed_at).date().max(self.local.date());
        let date = completed.checked_add(span.ok()?).ok()?;
        if self.end_date().is_some_and(|end| date > end) {
            return None;
        }
        let local = date.to_datetime(self.local.time());
        let at = self.instant(local)?;
        let wanted = by_month.then(|| completed.day());
        Some(Slot { n: 0, local, at, note: Note::of(self, local, at, wanted) })
    }

    /// The instant of a nominal wall time.
    pub(super) fn instant(&self, local: civil::DateTime) -> Option<Timestamp> {
        match self.start() {
            // The anchor's own slot is the given instant, also where its wall time comes twice.
            Start::At(at) if local == self.local => Some(*at),
            Start::At(_) | Start::Day(_) => self.zone().instant(local),
        }
    }

    /// Of the slots that have this one's instant, the one that was not shifted onto it.
    fn settled(&self, slot: Slot) -> Slot {
        match slot.note {
            Some(Note::ShiftedOverGap { .. }) => self.nth(slot.n + 1).filter(|next| next.at == slot.at).unwrap_or(slot),
            _ => slot,
        }
    }

    /// Slots from a little before `at`.
    fn scan(&self, at: Timestamp) -> impl Iterator<Item = Slot> + '_ {
        let from = self.lower_bound(at);
        (from..).map_while(|n| self.nth(n))
    }

    /// How many slots lie on local dates more than two days before that of `at`: all of them come before it.
    fn lower_bound(&self, at: Timestamp) -> u64 {
        let date = self.zone().local(at).date();
        let safe = date.checked_sub(Span::new().days(2)).unwrap_or(civil::Date::MIN);
        u64::try_from(self.before(safe)).unwrap_or(0)
    }

    /// The number of the last slot, of a rule that has an end.
    fn last_n(&self) -> Option<u64> {
        match (self.count(), self.end_date()) {
            (Some(count), _) => u64::from(count).checked_sub(1),
            (None, Some(end)) => u64::try_from(self.before(end.tomorrow().ok()?)).ok()?.checked_sub(1),
            (None, None) => None,
        }
    }

    /// The local date of the n-th slot, ends aside.
    pub(super) fn date(&self, n: i64) -> Option<civil::Date> {
        let interval = i64::from(self.pattern.recurrence_interval);
        match (self.pattern.recurrence_type, &self.months) {
            (_, Some(months)) => months.nth(n),
            (RecurrenceType::Weekly, None) => {
                let index = n.checked_add(self.weekdays_passed())?;
                let per_week = i64::try_from(self.weekdays.len()).ok()?;
                let day = self.weekdays.get(usize::try_from(index % per_week).ok()?)?;
                let weeks = (index / per_week).checked_mul(interval)?;
                plus_days(monday(self.local.date())?, weeks.checked_mul(7)?.checked_add(*day)?)
            }
            (_, None) => plus_days(self.local.date(), n.checked_mul(interval)?),
        }
    }

    /// How many slots lie on local dates before `date`, ends aside.
    fn before(&self, date: civil::Date) -> i64 {
        let interval = i64::from(self.pattern.recurrence_interval);
        match (self.pattern.recurrence_type, &self.months) {
            (_, Some(months)) => months.before(date),
            (RecurrenceType::Weekly, None) => {
                let (Some(first), Some(this)) = (monday(self.local.date()), monday(date)) else { return 0 };
                let weeks = days_between(first, this) / 7;
                if weeks < 0 {
                    return 0;
                }
                let per_week = self.weekdays_before(7);
                let in_week = if weeks % interval == 0 { self.weekdays_before(weekday(date)) } else { per_week };
                (weeks / interval * per_week + in_week - self.weekdays_passed()).max(0)
            }
            (_, None) => {
                let days = days_between(self.local.date(), date);
                if days <= 0 { 0 } else { (days + interval - 1) / interval }
            }
        }
    }

    /// Weekdays of the start's week that lie before the start.
    fn weekdays_passed(&self) -> i64 {
        self.weekdays_before(weekday(self.local.date()))
    }

    fn weekdays_before(&self, day: i64) -> i64 {
        i64::try_from(self.weekdays.iter().filter(|weekday| **weekday < day).count()).unwrap_or(0)
    }
}

/// Monday is 0.
fn weekday(date: civil::Date) -> i64 {
    i64::from(date.weekday().to_monday_zero_offset())
}

fn monday(date: civil::Date) -> Option<civil::Date> {
    plus_days(date, -weekday(date))
}

fn plus_days(date: civil::Date, days: i64) -> Option<civil::Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn days_between(from: civil::Date, to: civil::Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}
