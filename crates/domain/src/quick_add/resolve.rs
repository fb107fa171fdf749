//! From what was written to moments: which Friday, which year, today or tomorrow, and where a rule starts.

use jiff::{Timestamp, ToSpan, civil};

use super::{
    Hint, Present, QuickAdd, QuickReminder,
    date::{Day, DayMonth},
    names,
    recurrence::End,
    scan::{Findings, Remind},
    time::Wall,
    words::Word,
};
use crate::{
    Due, Zone,
    recurrence::{Basis, Pattern, Rule, RuleInput, Start, Weekday},
};

/// What "tonight" and "this evening" mean.
const EVENING: civil::Time = civil::Time::constant(18, 0, 0, 0);

/// How many days of a rule are tried for one whose time lies ahead and exists.
const MAX_TRIES: usize = 8;

pub fn resolve(mut findings: Findings, words: &[Word], present: &Present) -> QuickAdd {
    let when = When { day: findings.day, time: time_of(findings.wall, findings.day, present), present };
    let first = findings.every.as_ref().and_then(|every| when.first_of(&every.pattern));
    let due = first.map(|date| when.due_on(date)).or_else(|| when.due());
    let (end_date, count) = match first {
        Some(first) => end(&mut findings, words, &when, first),
        None => (None, None),
    };
    let recurrence =
        findings.every.take().zip(due.as_ref()).filter(|_| first.is_some()).map(|(every, due)| RuleInput {
            pattern: every.pattern,
            start: match due {
                Due::At { at, .. } => Start::At(*at),
                Due::Day { date, .. } => Start::Day(*date),
            },
            zone: present.zone.clone(),
            end_date,
            count,
            basis: every.basis,
        });
    let reminders = reminders(&mut findings, due.as_ref(), present);
    QuickAdd {
        title: findings.title(words),
        due,
        recurrence,
        project: findings.project,
        tags: findings.tags,
        priority: findings.priority,
        reminders,
        tokens: findings.tokens,
        hints: findings.hints,
    }
}

/// The last day or the count of a rule that starts on `start`. An end before it is none.
fn end(findings: &mut Findings, words: &[Word], when: &When, start: civil::Date) -> (Option<civil::Date>, Option<u32>) {
    match findings.end.clone() {
        None => (None, None),
        Some((End::Count(count), _)) => (None, Some(count)),
        Some((End::Until(day), range)) => {
            let last = when.end_on(day, start);
            if last >= start {
                return (Some(last), None);
            }
            let message = format!("It would end on {}, before its first day, {}.", in_words(last), in_words(start));
            findings.refuse_end(range, words, message);
            (None, None)
        }
    }
}

fn reminders(findings: &mut Findings, due: Option<&Due>, present: &Present) -> Vec<QuickReminder> {
    let mut reminders = Vec::with_capacity(findings.reminders.len());
    for (remind, span) in findings.reminders.drain(..) {
        if matches!(remind, Remind::Before(_)) && due.is_none() {
            findings.hints.push(Hint { span, message: "A reminder before the due date needs a due date.".to_owned() });
        }
        reminders.push(match remind {
            Remind::Before(minutes) => QuickReminder::MinutesBefore(minutes),
            Remind::At(time) => QuickReminder::AtTime { time, at: present.reminder_at(time, due) },
        });
    }
    reminders
}

/// As in `4 Dec 2026`.
fn in_words(date: civil::Date) -> String {
    format!("{} {} {}", date.day(), names::short_month(date.month()), date.year())
}

/// The time that was meant. "Tonight" brings one along while the evening lies ahead, and puts `8:30` into it.
fn time_of(wall: Option<Wall>, day: Option<Day>, present: &Present) -> Option<civil::Time> {
    let tonight = day == Some(Day::Tonight);
    match (wall, day) {
        (Some(Wall { time, bare: true }), _) if tonight && (1..12).contains(&time.hour()) => {
            Some(time.saturating_add(12.hours()))
        }
        (Some(wall), _) => Some(wall.time),
        (None, Some(Day::Instant(at))) => Some(present.zone.local(at).time()),
        (None, _) => (tonight && present.lies_ahead(present.date, EVENING)).then_some(EVENING),
    }
}

/// A day and a time as they were named, each of which may be missing.
struct When<'w> {
    day: Option<Day>,
    time: Option<civil::Time>,
    present: &'w Present<'w>,
}

impl When<'_> {
    /// Without a rule.
    fn due(&self) -> Option<Due> {
        let zone = self.present.zone.clone();
        match (self.day, self.time) {
            (Some(Day::Instant(at)), _) => Some(Due::At { at, zone }),
            (Some(day), _) => Some(self.due_on(self.date_of(day))),
            (None, Some(time)) => Some(self.due_on(self.present.next_date_with(time))),
            (None, None) => None,
        }
    }

    fn due_on(&self, date: civil::Date) -> Due {
        let zone = self.present.zone.clone();
        match self.time.and_then(|time| self.present.zone.instant(date.to_datetime(time))) {
            Some(at) => Due::At { at, zone },
            None => Due::Day { date, zone },
        }
    }

    fn date_of(&self, day: Day) -> civil::Date {
        let today = self.present.date;
        match day {
            Day::On(date) => date,
            Day::Tonight => today,
            Day::Instant(at) => self.present.zone.local(at).date(),
            Day::DayMonth(day_month) => next_day_month(day_month, today),
            Day::Weekday(weekday) => {
                // Today's weekday means a week from now, unless a time of today that lies ahead stands beside it.
                let is_today = today.weekday() == weekday.to_civil();
                let later_today = is_today && self.time.is_some_and(|time| self.present.lies_ahead(today, time));
                if later_today { today } else { next_weekday(weekday, today) }
            }
        }
    }

    /// The day on which a rule starts: on the rule, not before the day that was named nor before today, and at a time
    /// that lies ahead and that the clocks do not skip that day: the rule keeps the wall time of its start.
    fn first_of(&self, pattern: &Pattern) -> Option<civil::Date> {
        let today = self.present.date;
        let mut from = self.day.map_or(today, |day| self.date_of(day)).max(today);
        let mut first = None;
        for _ in 0..MAX_TRIES {
            let date = on_or_after(pattern, from)?;
            first = Some(date);
            if self.time.is_none_or(|time| self.present.lies_ahead(date, time) && self.present.exists(date, time)) {
                break;
            }
            from = date.tomorrow().ok()?;
        }
        first
    }

    /// The last day of a rule that starts on `start`.
    fn end_on(&self, day: Day, start: civil::Date) -> civil::Date {
        match day {
            Day::DayMonth(day_month) => next_day_month(day_month, start),
            Day::Weekday(weekday) => next_weekday(weekday, start),
            Day::On(_) | Day::Tonight | Day::Instant(_) => self.date_of(day),
        }
    }
}

impl Present<'_> {
    fn lies_ahead(&self, date: civil::Date, time: civil::Time) -> bool {
        self.zone.instant(date.to_datetime(time)).is_some_and(|at| at > self.now)
    }

    /// Whether the clock on the wall shows that time that day.
    fn exists(&self, date: civil::Date, time: civil::Time) -> bool {
        let local = date.to_datetime(time);
        self.zone.instant(local).is_some_and(|at| self.zone.local(at) == local)
    }

    /// Today if the time lies ahead, else tomorrow.
    fn next_date_with(&self, time: civil::Time) -> civil::Date {
        if self.lies_ahead(self.date, time) { self.date } else { self.date.saturating_add(1.day()) }
    }

    /// A time on the due day; without one, the next such time.
    fn reminder_at(&self, time: civil::Time, due: Option<&Due>) -> Timestamp {
        let date = due.map_or_else(|| self.next_date_with(time), Due::date);
        self.zone.instant(date.to_datetime(time)).unwrap_or(self.now)
    }
}

/// The first day of a rule from `from` on. The interval plays no part in it: it is counted from that day.
fn on_or_after(pattern: &Pattern, from: civil::Date) -> Option<civil::Date> {
    let every_one = RuleInput {
        pattern: Pattern { recurrence_interval: 1, ..pattern.clone() },
        start: Start::Day(from),
        zone: Zone::utc(),
        end_date: None,
        count: None,
        basis: Basis::Schedule,
    };
    Some(Rule::parse(every_one).ok()?.nth(0)?.local.date())
}

/// The first such day from `from` on, itself included.
fn next_day_month(DayMonth { day, month }: DayMonth, from: civil::Date) -> civil::Date {
    // Feb 29 is eight years away at most (around 2100).
    (0..=8)
        .filter_map(|years| civil::Date::new(from.year().checked_add(years)?, month, day).ok())
        .find(|date| *date >= from)
        .unwrap_or(from)
}

/// The first such day after `from`.
fn next_weekday(weekday: Weekday, from: civil::Date) -> civil::Date {
    let days = (weekday.days_from_monday() - from.weekday().to_monday_zero_offset() - 1).rem_euclid(7) + 1;
    from.saturating_add(i64::from(days).days())
}
