//! Recurrences: `every mon and wed`, `every! 3 days`, `every 31st`, `every last friday`, `daily`; and what may end
//! one: `until 18 dec`, `for 5 times`.
//!
//! What cannot be expressed as one rule (`every 1st and 15th`, `every 2 hours`) stays in the title with a hint; it is
//! never read by half.

use super::{
    Present, Read,
    date::{self, Dated, Day, DayMonth},
    names::{self, Unit},
    words::Reader,
};
use crate::recurrence::{Basis, NthWeekday, Pattern, RecurrenceType, Weekday};

/// A rule without its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Every {
    pub pattern: Pattern,
    pub basis: Basis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Until(Day),
    Count(u32),
}

/// What `recurrence_interval` may be.
const INTERVALS: std::ops::RangeInclusive<u32> = 1..=999;
/// The most times that may be asked for in words.
const MAX_COUNT: u32 = 999;

const EVERY: [&str; 2] = ["every", "each"];
const WORKING_WEEK: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

type Form = fn(&mut Reader) -> Option<Pattern>;

const FORMS: [Form; 5] = [named_days, ordinal, interval, on_weekdays, on_day_of_year];

/// What stands behind `every`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruled {
    Every(Every),
    /// Meant as a rule, but there is no such rule; with the words to say so.
    Impossible(&'static str),
}

/// `every …`
pub fn read_every(start: Reader) -> Option<Read<Ruled>> {
    let mut reader = start;
    reader.word(&EVERY)?;
    let basis = if reader.over("!") { Basis::Completion } else { Basis::Schedule };
    let value = ruled(&mut reader, basis)?;
    Some(Read { value, end: reader.at(), loose: false })
}

fn ruled(reader: &mut Reader, basis: Basis) -> Option<Ruled> {
    if reader.attempt(minutes_or_hours).is_some() {
        return Some(Ruled::Impossible("The shortest rule is every day."));
    }
    let pattern = FORMS.iter().find_map(|form| reader.attempt(|ahead| form(ahead)))?;
    let by_month = pattern.month_day.is_some() || pattern.nth_weekday.is_some();
    if by_month && reader.attempt(another_day).is_some() {
        return Some(Ruled::Impossible("A rule has one day of the month. Add a second task for the other day."));
    }
    if basis == Basis::Completion && (by_month || !pattern.weekdays.is_empty()) {
        return Some(Ruled::Impossible(
            "Counted from completion, a rule cannot name days. Write “every” without the mark.",
        ));
    }
    Some(Ruled::Every(Every { pattern, basis }))
}

/// `daily`, `weekly`, …: loose, for there are weekly reports and daily standups. `weekly on mon` is sure.
pub fn read_adverb(start: Reader) -> Option<Read<Every>> {
    let mut reader = start;
    let mut pattern = reader.take(|word| match word {
        "daily" => Some(Pattern::every(RecurrenceType::Daily, 1)),
        "weekly" => Some(Pattern::every(RecurrenceType::Weekly, 1)),
        "monthly" => Some(Pattern::every(RecurrenceType::Monthly, 1)),
        "yearly" | "annually" => Some(Pattern::every(RecurrenceType::Yearly, 1)),
        _ => None,
    })?;
    let detailed = details(&mut reader, &mut pattern);
    Some(Read { value: Every { pattern, basis: Basis::Schedule }, end: reader.at(), loose: !detailed })
}

/// `30 minutes`, `2h`
fn minutes_or_hours(reader: &mut Reader) -> Option<()> {
    let (_, unit) = date::count_and_unit(reader)?;
    matches!(unit, Unit::Minute | Unit::Hour).then_some(())
}

/// `every weekday`, `every weekend`
fn named_days(reader: &mut Reader) -> Option<Pattern> {
    reader.take(|word| match word {
        "weekday" | "workday" => Some(weekly(1, WORKING_WEEK.to_vec())),
        // One task for the weekend, on the day that "this weekend" means.
        "weekend" => Some(weekly(1, vec![Weekday::Saturday])),
        _ => None,
    })
}

/// `every 31st`, `every last day`, `every 2nd tue`, `every third month`, `every 4th of december`
fn ordinal(reader: &mut Reader) -> Option<Pattern> {
    if let Some(pattern) = reader.attempt(on_day_of_year) {
        return Some(pattern);
    }
    let numeric = reader.attempt(|ahead| ahead.take(names::ordinal_number));
    let nth = numeric.or_else(|| reader.take(names::ordinal_word))?;
    if let Some(weekday) = reader.take(names::weekday) {
        return nth_weekday(nth, weekday, reader);
    }
    if let Some(pattern) = reader.attempt(|ahead| nth_day(nth, ahead)) {
        return Some(pattern);
    }
    if let Some(unit) = reader.take(names::unit) {
        return every_units(u32::try_from(nth).ok()?, unit, reader);
    }
    let of_month = reader.attempt(of_the_month).is_some();
    // "every last" and "every first" alone are the beginning of other sentences.
    if numeric.is_some() || of_month && nth > 0 { monthly(1, nth) } else { None }
}

/// `2nd tue`, `last friday of march`
fn nth_weekday(nth: i8, weekday: Weekday, reader: &mut Reader) -> Option<Pattern> {
    if nth != -1 && !(1..=5).contains(&nth) {
        return None;
    }
    let month = reader.attempt(of_month);
    let recurrence_type = if month.is_some() { RecurrenceType::Yearly } else { RecurrenceType::Monthly };
    if month.is_none() {
        reader.attempt(of_the_month);
    }
    Some(Pattern { nth_weekday: Some(NthWeekday { nth, weekday }), month, ..Pattern::every(recurrence_type, 1) })
}

/// `last day`, `15th day of the month`, `last day of february`. `2nd day` alone is every two days.
fn nth_day(nth: i8, reader: &mut Reader) -> Option<Pattern> {
    reader.word(&["day"])?;
    if let Some(month) = reader.attempt(of_month) {
        return yearly(DayMonth { day: nth, month });
    }
    let of_month = reader.attempt(of_the_month).is_some();
    if of_month || nth == -1 { monthly(1, nth) } else { None }
}

/// `of march`, `in march`
fn of_month(reader: &mut Reader) -> Option<i8> {
    reader.word(&["of", "in"])?;
    reader.take(names::month)
}

/// `of the month`, `of every month`, `of a month`
fn of_the_month(reader: &mut Reader) -> Option<()> {
    reader.word(&["of"])?;
    reader.word(&["the", "every", "each", "a"])?;
    reader.word(&["month"])
}

/// `every day`, `every 3 weeks`, `every other month`
fn interval(reader: &mut Reader) -> Option<Pattern> {
    if reader.skip(&["other"]) {
        if let Some(weekdays) = weekdays(reader) {
            return Some(weekly(2, weekdays));
        }
        let unit = reader.take(names::unit)?;
        return every_units(2, unit, reader);
    }
    let (count, unit) = match date::count_and_unit(reader) {
        Some(counted) => counted,
        None => (1, reader.take(names::unit)?),
    };
    every_units(count, unit, reader)
}

fn every_units(count: u32, unit: Unit, reader: &mut Reader) -> Option<Pattern> {
    let recurrence_type = match unit {
        Unit::Day => RecurrenceType::Daily,
        Unit::Week => RecurrenceType::Weekly,
        Unit::Month => RecurrenceType::Monthly,
        Unit::Year => RecurrenceType::Yearly,
        Unit::Minute | Unit::Hour => return None,
    };
    let mut pattern = INTERVALS.contains(&count).then(|| Pattern::every(recurrence_type, count))?;
    details(reader, &mut pattern);
    Some(pattern)
}

/// `… on mon and wed`, `… on the 15th`, `… on the last friday`, `… on 4 dec`: fills the pattern in.
fn details(reader: &mut Reader, pattern: &mut Pattern) -> bool {
    let found = reader.attempt(|ahead| {
        ahead.word(&["on"])?;
        match pattern.recurrence_type {
            RecurrenceType::Daily => None,
            RecurrenceType::Weekly => weekdays(ahead).map(|weekdays| weekly(1, weekdays)),
            RecurrenceType::Monthly => {
                ahead.skip(&["the"]);
                ordinal(ahead).filter(|found| found.recurrence_type == RecurrenceType::Monthly)
            }
            RecurrenceType::Yearly => on_day_of_year(ahead),
        }
    });
    let Some(found) = found else { return false };
    *pattern = Pattern { recurrence_interval: pattern.recurrence_interval, ..found };
    true
}

/// `every mon, wed and fri`
fn on_weekdays(reader: &mut Reader) -> Option<Pattern> {
    weekdays(reader).map(|weekdays| weekly(1, weekdays))
}

/// `mon`, `mon and wed`, `mon, wed, fri`, `mon,wed`, `mon-fri`; in the order of the week, each once.
fn weekdays(reader: &mut Reader) -> Option<Vec<Weekday>> {
    let mut named = [false; 7];
    reader.take(|word| name_days(word, &mut named))?;
    while reader
        .attempt(|ahead| {
            ahead.over(",");
            ahead.skip(&["and", "&"]);
            ahead.take(|word| name_days(word, &mut named))
        })
        .is_some()
    {}
    Some(names::WEEK.into_iter().zip(named).filter(|(_, named)| *named).map(|(weekday, _)| weekday).collect())
}

/// Marks the days of one word, or of none if a part of it is no day.
fn name_days(word: &str, named: &mut [bool; 7]) -> Option<()> {
    let mut days = *named;
    for part in word.split(',') {
        let Some((first, last)) = part.split_once(['-', '–']) else {
            days[names::weekday(part)? as usize] = true;
            continue;
        };
        let (mut day, last) = (names::weekday(first)? as usize, names::weekday(last)? as usize);
        while day != last {
            days[day] = true;
            day = (day + 1) % 7;
        }
        days[last] = true;
    }
    *named = days;
    Some(())
}

/// `every 4 dec`
fn on_day_of_year(reader: &mut Reader) -> Option<Pattern> {
    yearly(date::day_month(reader)?)
}

/// `… and 15th`, `… and thu`, `… and 4 mar`, `… and september`
fn another_day(reader: &mut Reader) -> Option<()> {
    let ordinal = |word: &str| names::ordinal_number(word).or_else(|| names::ordinal_word(word)).map(|_| ());
    let comma = reader.over(",");
    if !reader.skip(&["and", "&"]) {
        return if comma { reader.take(ordinal) } else { None };
    }
    reader.skip(&["the"]);
    if reader.attempt(date::day_month).is_some() {
        return Some(());
    }
    reader.take(|word| {
        ordinal(word).or_else(|| names::weekday(word).map(|_| ())).or_else(|| names::month(word).map(|_| ()))
    })
}

fn weekly(interval: u32, weekdays: Vec<Weekday>) -> Pattern {
    Pattern { weekdays, ..Pattern::every(RecurrenceType::Weekly, interval) }
}

fn monthly(interval: u32, day: i8) -> Option<Pattern> {
    let exists = day == -1 || (1..=31).contains(&day);
    exists.then(|| Pattern { month_day: Some(day), ..Pattern::every(RecurrenceType::Monthly, interval) })
}

fn yearly(on: DayMonth) -> Option<Pattern> {
    let exists = on.day == -1 || on.day > 0 && on.exists();
    exists.then(|| Pattern {
        month_day: Some(on.day),
        month: Some(on.month),
        ..Pattern::every(RecurrenceType::Yearly, 1)
    })
}

/// `until 18 dec`, `for 5 times`; `5 times` only right behind something that was understood.
pub fn read_end(start: Reader, present: &Present, behind_read: bool) -> Option<Read<End>> {
    let mut reader = start;
    if reader.skip(&["until", "till"]) {
        let date = date::read(reader, present, false)?;
        let Dated::Day(day) = date.value else { return None };
        return Some(Read { value: End::Until(day), end: date.end, loose: false });
    }
    if !reader.skip(&["for"]) && !behind_read {
        return None;
    }
    let count = reader.take(names::number).filter(|count| (1..=MAX_COUNT).contains(count))?;
    reader.word(&["times", "time"])?;
    Some(Read { value: End::Count(count), end: reader.at(), loose: false })
}
