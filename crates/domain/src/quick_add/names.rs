//! The words of the grammar that name weekdays, months, units and numbers.

use crate::recurrence::Weekday;

pub const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// In the order of [`WEEK`].
const WEEKDAY_NAMES: [&[&str]; 7] = [
    &["mon", "monday"],
    &["tue", "tues", "tuesday"],
    &["wed", "weds", "wednesday"],
    &["thu", "thur", "thurs", "thursday"],
    &["fri", "friday"],
    &["sat", "saturday"],
    &["sun", "sunday"],
];

const MONTH_NAMES: [&[&str]; 12] = [
    &["jan", "january"],
    &["feb", "february"],
    &["mar", "march"],
    &["apr", "april"],
    &["may"],
    &["jun", "june"],
    &["jul", "july"],
    &["aug", "august"],
    &["sep", "sept", "september"],
    &["oct", "october"],
    &["nov", "november"],
    &["dec", "december"],
];

const NUMBER_NAMES: [&[&str]; 10] = [
    &["a", "an", "one"],
    &["two"],
    &["three"],
    &["four"],
    &["five"],
    &["six"],
    &["seven"],
    &["eight"],
    &["nine"],
    &["ten"],
];

const ORDINAL_NAMES: [&[&str]; 5] = [&["first"], &["second"], &["third"], &["fourth"], &["fifth"]];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// A month has no letter of its own: `m` are minutes.
const UNIT_NAMES: [(Unit, &[&str]); 6] = [
    (Unit::Minute, &["m", "min", "mins", "minute", "minutes"]),
    (Unit::Hour, &["h", "hr", "hrs", "hour", "hours"]),
    (Unit::Day, &["d", "day", "days"]),
    (Unit::Week, &["w", "week", "weeks"]),
    (Unit::Month, &["month", "months"]),
    (Unit::Year, &["y", "year", "years"]),
];

fn index_in(table: &[&[&str]], word: &str) -> Option<usize> {
    table.iter().position(|names| names.contains(&word))
}

pub fn weekday(word: &str) -> Option<Weekday> {
    index_in(&WEEKDAY_NAMES, word).map(|index| WEEK[index])
}

/// 1–12.
pub fn month(word: &str) -> Option<i8> {
    index_in(&MONTH_NAMES, word).and_then(|index| i8::try_from(index + 1).ok())
}

/// As in `4 Dec`.
pub fn short_month(month: i8) -> String {
    let name = usize::try_from(month - 1).ok().and_then(|index| MONTH_NAMES.get(index)).map_or("", |names| names[0]);
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

pub fn unit(word: &str) -> Option<Unit> {
    UNIT_NAMES.iter().find(|(_, names)| names.contains(&word)).map(|(unit, _)| *unit)
}

/// `3`, `three`: at most four digits.
pub fn number(word: &str) -> Option<u32> {
    digits(word, 4).or_else(|| index_in(&NUMBER_NAMES, word).and_then(|index| u32::try_from(index + 1).ok()))
}

/// Nothing but digits, at most `most` of them.
pub fn digits(word: &str, most: usize) -> Option<u32> {
    let fits = (1..=most).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    if fits { word.parse().ok() } else { None }
}

/// `3d` apart: a number and a unit in one word.
pub fn compact(word: &str) -> Option<(u32, Unit)> {
    let (count, name) = word.split_at(word.find(|c: char| !c.is_ascii_digit())?);
    Some((digits(count, 4)?, unit(name)?))
}

/// `1st`, `2nd`, `31st`.
pub fn ordinal_number(word: &str) -> Option<i8> {
    let digits_end = word.find(|c: char| !c.is_ascii_digit())?;
    let (count, suffix) = word.split_at(digits_end);
    if !["st", "nd", "rd", "th"].contains(&suffix) {
        return None;
    }
    i8::try_from(digits(count, 2)?).ok()
}

/// `first` to `fifth`, or `last` (-1).
pub fn ordinal_word(word: &str) -> Option<i8> {
    if word == "last" {
        return Some(-1);
    }
    index_in(&ORDINAL_NAMES, word).and_then(|index| i8::try_from(index + 1).ok())
}
