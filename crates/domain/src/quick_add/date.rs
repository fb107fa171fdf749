//! Dates: `today`, `fri`, `next mon`, `in 3 days`, `4 dec`, `4th of december 2027`, `2026-12-04`, `4.12.`
//!
//! `12/4` is left alone: it is April in half of the world. So is `yesterday`: what is written down now is not due then.

use jiff::{Timestamp, ToSpan, civil};

use super::{
    Present, Read,
    names::{self, Unit},
    words::Reader,
};
use crate::recurrence::Weekday;

/// A day as it was named. Which one it is may depend on the time named with it and on the rule it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    On(civil::Date),
    /// Today, in the evening.
    Tonight,
    Weekday(Weekday),
    /// Without a year; a day that the month has in some year.
    DayMonth(DayMonth),
    /// `in 2 hours`: a day and a time at once.
    Instant(Timestamp),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayMonth {
    pub day: i8,
    pub month: i8,
}

/// What stands where a date may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dated {
    Day(Day),
    /// A word that is as often something else (`sun cream`): a date only if no plain word follows.
    Loose(Day),
    /// Written as a date, but no calendar has it; with the words to say so.
    Impossible(String),
}

/// Years that may be written. Narrow, so that `4 dec 5000 euro` keeps its euros.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

type Form = fn(&mut Reader, &Present) -> Option<Dated>;

const FORMS: [Form; 7] = [iso, dotted, keyword, weekday, this_or_next, ahead, day_month_year];

/// A date at the reader, with the words that lead to it. `from` leads to one only beside a rule.
pub fn read(start: Reader, present: &Present, beside_rule: bool) -> Option<Read<Dated>> {
    let mut reader = start;
    let led = lead(&mut reader, beside_rule);
    let value = FORMS.iter().find_map(|form| reader.attempt(|ahead| form(ahead, present)))?;
    let (value, loose) = match value {
        Dated::Loose(day) if led => (Dated::Day(day), false),
        Dated::Loose(day) => (Dated::Day(day), true),
        other => (other, false),
    };
    Some(Read { value, end: reader.at(), loose })
}

/// `on`, `by`, `due`, `due on`, `starting`: whether there was one.
fn lead(reader: &mut Reader, beside_rule: bool) -> bool {
    if reader.skip(&["starting"]) || beside_rule && reader.skip(&["from"]) {
        reader.skip(&["on"]);
        return true;
    }
    let due = reader.skip(&["due"]);
    reader.skip(&["on", "by"]) || due
}

/// `2026-12-04`
fn iso(reader: &mut Reader, _: &Present) -> Option<Dated> {
    let (year, month, day) = reader.take(|word| {
        let (year, rest) = word.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let long = year.len() == 4 && month.len() == 2 && day.len() == 2;
        if long { Some((written_year(year)?, names::digits(month, 2)?, names::digits(day, 2)?)) } else { None }
    })?;
    dated(DayMonth::of(day, month)?, Some(year))
}

/// `4.12.` or `4.12.2026`: day, month. Without a year the last dot is needed, else `version 4.12` is a date.
fn dotted(reader: &mut Reader, _: &Present) -> Option<Dated> {
    let dot_behind = reader.peek()?.tail.starts_with('.');
    let (day, month, year) = reader.take(|word| {
        let (day, rest) = word.split_once('.')?;
        let (month, year) = match rest.split_once('.') {
            Some((month, year)) => (month, Some(written_year(year)?)),
            None if dot_behind => (rest, None),
            None => return None,
        };
        Some((names::digits(day, 2)?, names::digits(month, 2)?, year))
    })?;
    dated(DayMonth::of(day, month)?, year)
}

fn keyword(reader: &mut Reader, present: &Present) -> Option<Dated> {
    reader.take(|word| match word {
        "today" => Some(Dated::Day(Day::On(present.date))),
        "tod" => Some(Dated::Loose(Day::On(present.date))),
        "tomorrow" | "tmr" | "tmrw" => Some(Dated::Day(Day::On(present.date.saturating_add(1.day())))),
        "tonight" => Some(Dated::Day(Day::Tonight)),
        "weekend" => Some(Dated::Loose(Day::On(this_weekend(present)))),
        _ => None,
    })
}

fn weekday(reader: &mut Reader, _: &Present) -> Option<Dated> {
    reader.take(|word| {
        let day = Day::Weekday(names::weekday(word)?);
        // Words of their own: he sat, the sun, to wed.
        Some(if ["sat", "sun", "wed"].contains(&word) { Dated::Loose(day) } else { Dated::Day(day) })
    })
}

fn this_or_next(reader: &mut Reader, present: &Present) -> Option<Dated> {
    let next = reader.take(|word| match word {
        "this" => Some(false),
        "next" => Some(true),
        _ => None,
    })?;
    let day = if next {
        let monday = present.date.saturating_add((7 - weekday_offset(present.date)).days());
        reader
            .take(|word| match word {
                "week" => Some(monday),
                "weekend" => Some(monday.saturating_add(5.days())),
                "month" => Some(present.date.last_of_month().saturating_add(1.day())),
                "year" => Some(present.date.last_of_year().saturating_add(1.day())),
                _ => names::weekday(word)
                    .map(|weekday| monday.saturating_add(i64::from(weekday.days_from_monday()).days())),
            })
            .map(Day::On)
    } else {
        reader.take(|word| match word {
            "evening" => Some(Day::Tonight),
            "weekend" => Some(Day::On(this_weekend(present))),
            _ => names::weekday(word).map(Day::Weekday),
        })
    };
    day.map(Dated::Day)
}

/// The coming Saturday; on a weekend, today.
fn this_weekend(present: &Present) -> civil::Date {
    present.date.saturating_add((5 - weekday_offset(present.date)).max(0).days())
}

/// Days since Monday.
fn weekday_offset(date: civil::Date) -> i64 {
    i64::from(date.weekday().to_monday_zero_offset())
}

/// `in 3 days`, `in an hour`, `in 2h`
fn ahead(reader: &mut Reader, present: &Present) -> Option<Dated> {
    reader.word(&["in"])?;
    let (count, unit) = count_and_unit(reader)?;
    let count = i64::from(count);
    let span = match unit {
        Unit::Minute => return in_minutes(count, present),
        Unit::Hour => return in_minutes(count * 60, present),
        Unit::Day => count.days(),
        Unit::Week => count.weeks(),
        Unit::Month => count.months(),
        Unit::Year => count.years(),
    };
    let date = present.date.checked_add(span).ok().filter(|date| YEARS.contains(&date.year()))?;
    Some(Dated::Day(Day::On(date)))
}

/// `3 days` or `3d`
pub fn count_and_unit(reader: &mut Reader) -> Option<(u32, Unit)> {
    reader.take(names::compact).or_else(|| {
        reader.attempt(|ahead| {
            let count = ahead.take(names::number)?;
            Some((count, ahead.take(names::unit)?))
        })
    })
}

/// Counted from the full minute, which is what the clock on the wall shows.
fn in_minutes(count: i64, present: &Present) -> Option<Dated> {
    let minute = present.now.as_second().div_euclid(60).checked_add(count)?;
    Some(Dated::Day(Day::Instant(Timestamp::new(minute.checked_mul(60)?, 0).ok()?)))
}

/// `4 dec`, `the 4th of december`, `dec 4, 2027`
fn day_month_year(reader: &mut Reader, _: &Present) -> Option<Dated> {
    let day_month = day_month(reader)?;
    let year = reader.attempt(|ahead| {
        ahead.over(",");
        ahead.take(written_year)
    });
    dated(day_month, year)
}

/// `4 dec`, `4. dec`, `the 4th of december`, `dec 4th`; the month may lack the day.
pub fn day_month(reader: &mut Reader) -> Option<DayMonth> {
    let day_first = |ahead: &mut Reader| {
        ahead.skip(&["the"]);
        let day = ahead.take(names::ordinal_number).or_else(|| {
            let day = ahead.take(plain_day);
            ahead.over(".");
            day
        })?;
        ahead.skip(&["of"]);
        Some((day, ahead.take(names::month)?))
    };
    let month_first = |ahead: &mut Reader| {
        let month = ahead.take(names::month)?;
        Some((ahead.take(|word| names::ordinal_number(word).or_else(|| plain_day(word)))?, month))
    };
    let (day, month) = reader.attempt(day_first).or_else(|| reader.attempt(month_first))?;
    (1..=31).contains(&day).then_some(DayMonth { day, month })
}

fn plain_day(word: &str) -> Option<i8> {
    i8::try_from(names::digits(word, 2)?).ok()
}

fn written_year(word: &str) -> Option<i16> {
    let year = i16::try_from(names::digits(word, 4)?).ok()?;
    YEARS.contains(&year).then_some(year)
}

fn dated(day_month: DayMonth, year: Option<i16>) -> Option<Dated> {
    let DayMonth { day, month } = day_month;
    let longest = DayMonth::days_in(month, year);
    if day <= longest {
        return Some(Dated::Day(match year {
            Some(year) => Day::On(civil::Date::new(year, month, day).ok()?),
            None => Day::DayMonth(day_month),
        }));
    }
    // Without a year Feb 29 is not proposed: most years have none.
    let last = if year.is_none() && longest == 29 { 28 } else { longest };
    let year = year.map(|year| format!(" {year}")).unwrap_or_default();
    let name = names::short_month(month);
    Some(Dated::Impossible(format!("“{day} {name}{year}” does not exist. Did you mean {last} {name}{year}?")))
}

impl DayMonth {
    fn of(day: u32, month: u32) -> Option<Self> {
        let (day, month) = (i8::try_from(day).ok()?, i8::try_from(month).ok()?);
        ((1..=31).contains(&day) && (1..=12).contains(&month)).then_some(Self { day, month })
    }

    /// Whether some year has it.
    pub fn exists(self) -> bool {
        self.day <= Self::days_in(self.month, None)
    }

    /// How long the month is, at its longest without a year.
    fn days_in(month: i8, year: Option<i16>) -> i8 {
        const LEAP_YEAR: i16 = 2000;
        civil::Date::new(year.unwrap_or(LEAP_YEAR), month, 1).map_or(0, civil::Date::days_in_month)
    }
}
