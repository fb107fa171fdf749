//! Recurrence: our slots against those of another implementation, and what holds for every rule.

mod properties;
mod reading;
mod rrule;
mod rules;
mod vectors;

use domain::{
    Invalid, Zone,
    recurrence::{Basis, NthWeekday, Pattern, RecurrenceType, Rule, RuleInput, Slot, Start, Weekday},
};
use jiff::{Timestamp, civil};

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn date(text: &str) -> civil::Date {
    text.parse().unwrap()
}

pub fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

pub fn every(interval: u32, kind: RecurrenceType) -> Pattern {
    Pattern::every(kind, interval)
}

/// A rule whose start is written on the wall clock of its zone, or is a date.
pub fn input(pattern: Pattern, start: &str, zone_name: &str) -> RuleInput {
    let zone = zone(zone_name);
    let start = match start.len() {
        10 => Start::Day(date(start)),
        _ => Start::At(zone.instant(start.parse().unwrap()).unwrap()),
    };
    RuleInput { pattern, start, zone, end_date: None, count: None, basis: Basis::Schedule }
}

pub fn rule(pattern: Pattern, start: &str, zone_name: &str) -> Rule {
    Rule::parse(input(pattern, start, zone_name)).unwrap()
}

pub fn nth_weekday(nth: i8, weekday: Weekday) -> Option<NthWeekday> {
    Some(NthWeekday { nth, weekday })
}

/// The first wall times of a rule.
pub fn locals(rule: &Rule, count: u64) -> Vec<String> {
    (0..count).map_while(|n| rule.nth(n)).map(|slot| slot.local.strftime("%F %H:%M").to_string()).collect()
}

pub fn instants(rule: &Rule, count: u64) -> Vec<String> {
    (0..count).map_while(|n| rule.nth(n)).map(|slot| slot.at.to_string()).collect()
}

pub fn words(slot: &Slot) -> Option<String> {
    slot.note.as_ref().map(|note| note.in_words(slot))
}

/// `field: message` of each fault.
pub fn faults<T: std::fmt::Debug>(result: Result<T, Invalid>) -> Vec<String> {
    result.unwrap_err().0.into_iter().map(|fault| format!("{}: {}", fault.field, fault.message)).collect()
}
