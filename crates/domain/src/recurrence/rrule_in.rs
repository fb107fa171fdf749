//! RFC 5545 rules from elsewhere. What cannot be kept is refused by name, never silently changed.
//!
//! Every fault is one of the field `rrule`; its message names the part.

use std::collections::BTreeMap;

use jiff::civil;

use super::{Basis, NthWeekday, Pattern, RecurrenceType, Rule, RuleInput, Start, Weekday};
use crate::{FieldError, Invalid, Zone};

const FIELD: &str = "rrule";
/// Far more than any rule that can be kept; faults quote what was written.
const MAX_LENGTH: usize = 1000;

fn refuse<T>(why: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid::field(FIELD, why))
}

impl Rule {
    /// Reads an RRULE, with or without its property name, with or without a DTSTART line, which then takes the place
    /// of `start` and `zone`. Folded lines are unfolded.
    pub fn from_rrule(text: &str, start: Start, zone: Zone) -> Result<Self, Invalid> {
        if text.len() > MAX_LENGTH {
            return refuse(format!("must have at most {MAX_LENGTH} characters"));
        }
        let text = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
        let (mut start, mut zone, mut rrule) = (start, zone, None);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let upper = line.to_ascii_uppercase();
            let value = upper.strip_prefix("RRULE:").unwrap_or(&upper);
            if upper.starts_with("DTSTART") {
                (start, zone) = dtstart(line, zone)?;
            } else if value.contains(':') {
                // Another property: no value of an RRULE has a colon.
                let name = line.split([':', ';']).next().unwrap_or(line);
                return refuse(format!("{name} cannot be kept: one rule, with its DTSTART at most"));
            } else if rrule.replace(value.to_owned()).is_some() {
                return refuse("a second RRULE cannot be kept");
            }
        }
        let Some(rrule) = rrule else { return refuse("must hold an RRULE such as FREQ=WEEKLY;BYDAY=MO") };
        Reader { parts: Parts::read(&rrule)?, start, zone }.rule()
    }
}

fn dtstart(line: &str, zone: Zone) -> Result<(Start, Zone), Invalid> {
    let Some((name, value)) = line.split_once(':') else { return refuse("DTSTART has no value") };
    let parameters = name.split(';').filter_map(|part| part.split_once('='));
    let named = parameters.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("TZID"));
    let zone = match named {
        Some((_, name)) => match Zone::parse(name.trim_matches('"')) {
            Ok(zone) => zone,
            Err(error) => return refuse(format!("TZID {error}")),
        },
        None => zone,
    };
    if let Ok(date) = civil::Date::strptime("%Y%m%d", value) {
        return Ok((Start::Day(date), zone));
    }
    let (digits, is_utc) = value.strip_suffix(['Z', 'z']).map_or((value, false), |digits| (digits, true));
    let Ok(local) = civil::DateTime::strptime("%Y%m%dT%H%M%S", digits) else {
        return refuse("DTSTART must be such as 20260101T090000");
    };
    let written_in = if is_utc { Zone::utc() } else { zone.clone() };
    let zone = if is_utc && named.is_none() { Zone::utc() } else { zone };
    match written_in.instant(local) {
        // Shifted, it would move every slot after it too.
        Some(at) if written_in.local(at) != local => refuse(format!("DTSTART does not exist in {zone}: {local}")),
        Some(at) => Ok((Start::At(at), zone)),
        None => refuse("DTSTART lies too far away"),
    }
}

/// The parts of a rule by name.
struct Parts(BTreeMap<String, String>);

impl Parts {
    fn read(rrule: &str) -> Result<Self, Invalid> {
        let mut parts = BTreeMap::new();
        for part in rrule.split(';').filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                return refuse(format!("{part} is no part of an RRULE such as FREQ=WEEKLY;BYDAY=MO"));
            };
            if parts.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
                return refuse(format!("{name} is there twice"));
            }
        }
        Ok(Self(parts))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    fn number(&mut self, name: &str) -> Result<Option<u32>, Invalid> {
        let Some(text) = self.take(name) else { return Ok(None) };
        text.parse().map(Some).or_else(|_| refuse(format!("{name}={text} is no number")))
    }

    fn nothing_left(&self) -> Result<(), Invalid> {
        match self.0.first_key_value() {
            Some((name, value)) => refuse(format!("{name}={value} cannot be kept")),
            None => Ok(()),
        }
    }
}

/// Takes each part that it understands; what is left is refused.
struct Reader {
    parts: Parts,
    start: Start,
    zone: Zone,
}

impl Reader {
    fn rule(mut self) -> Result<Rule, Invalid> {
        let kind = match self.parts.take("FREQ").as_deref() {
            Some("DAILY") => RecurrenceType::Daily,
            Some("WEEKLY") => RecurrenceType::Weekly,
            Some("MONTHLY") => RecurrenceType::Monthly,
            Some("YEARLY") => RecurrenceType::Yearly,
            Some(other) => {
                return refuse(format!("FREQ={other} cannot be kept: DAILY, WEEKLY, MONTHLY or YEARLY"));
            }
            None => return refuse("FREQ is missing"),
        };
        let interval = self.parts.number("INTERVAL")?.unwrap_or(1);
        let mut pattern = Pattern::every(kind, interval);
        let clamps = self.month_days(&mut pattern)?;
        self.days(&mut pattern)?;
        self.months(&mut pattern)?;
        self.week_start(&pattern)?;
        let count = self.parts.number("COUNT")?;
        let end_date = self.parts.take("UNTIL").map(|text| self.until(&text)).transpose()?;
        self.parts.nothing_left()?;
        let Self { start, zone, .. } = self;
        let input = RuleInput { pattern, start, zone, end_date, count, basis: Basis::Schedule };
        let rule = Rule::parse(input).map_err(by_part)?;
        match &rule.months {
            Some(months) if months.may_clamp() && !clamps => refuse(
                "a day that some months lack is skipped there, which cannot be kept: ours takes their last day, \
                 BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
            ),
            _ => Ok(rule),
        }
    }

    /// Whether it is the form that clamps, the last of the days from 28 on.
    fn month_days(&mut self, pattern: &mut Pattern) -> Result<bool, Invalid> {
        let Some(text) = self.parts.take("BYMONTHDAY") else { return Ok(false) };
        let days: Result<Vec<i8>, _> = text.split(',').map(str::parse).collect();
        let Ok(mut days) = days else { return refuse(format!("BYMONTHDAY={text} is no list of days")) };
        days.sort_unstable();
        days.dedup();
        let (first, last) = (days.first().copied().unwrap_or(0), days.last().copied().unwrap_or(0));
        let clamps = first == 28 && days.iter().copied().eq(28..=last) && self.parts.get("BYSETPOS") == Some("-1");
        if clamps {
            self.parts.take("BYSETPOS");
        } else if days.len() != 1 {
            return refuse(format!("BYMONTHDAY={text} cannot be kept: one day, or 28 to n with BYSETPOS=-1"));
        }
        pattern.month_day = Some(last);
        Ok(clamps)
    }

    fn days(&mut self, pattern: &mut Pattern) -> Result<(), Invalid> {
        let Some(text) = self.parts.take("BYDAY") else { return Ok(()) };
        let mut days = text.split(',').map(numbered_day).collect::<Result<Vec<_>, _>>()?;
        days.sort_unstable();
        days.dedup();
        let are_plain = days.iter().all(|(nth, _)| nth.is_none());
        match (pattern.recurrence_type, days.as_slice()) {
            (RecurrenceType::Weekly, _) if are_plain => {
                pattern.weekdays = days.into_iter().map(|(_, day)| day).collect();
            }
            (RecurrenceType::Daily, _) if are_plain && pattern.recurrence_interval == 1 => {
                pattern.recurrence_type = RecurrenceType::Weekly;
                pattern.weekdays = days.into_iter().map(|(_, day)| day).collect();
            }
            (RecurrenceType::Monthly | RecurrenceType::Yearly, [(None, weekday)]) => {
                let Some(nth) = self.parts.take("BYSETPOS") else {
                    return refuse(format!("BYDAY={text} cannot be kept: every such day of a month; name which one"));
                };
                let Ok(nth) = nth.parse() else { return refuse(format!("BYSETPOS={nth} cannot be kept")) };
                pattern.nth_weekday = Some(NthWeekday { nth, weekday: *weekday });
            }
            (RecurrenceType::Monthly | RecurrenceType::Yearly, [(Some(nth), weekday)]) => {
                pattern.nth_weekday = Some(NthWeekday { nth: *nth, weekday: *weekday });
            }
            _ => return refuse(format!("BYDAY={text} cannot be kept in this form")),
        }
        Ok(())
    }

    fn months(&mut self, pattern: &mut Pattern) -> Result<(), Invalid> {
        let is_yearly = pattern.recurrence_type == RecurrenceType::Yearly;
        let Some(text) = self.parts.take("BYMONTH") else {
            return match pattern {
                Pattern { nth_weekday: Some(_), .. } if is_yearly => {
                    refuse("BYDAY counts days of the whole year, which cannot be kept: add BYMONTH")
                }
                Pattern { month_day: Some(_), .. } if is_yearly => {
                    refuse("BYMONTHDAY comes every month, which cannot be kept: add BYMONTH or use FREQ=MONTHLY")
                }
                _ => Ok(()),
            };
        };
        match text.parse() {
            Ok(month) if is_yearly => {
                pattern.month = Some(month);
                Ok(())
            }
            _ => refuse(format!("BYMONTH={text} cannot be kept: one month, with FREQ=YEARLY")),
        }
    }

    /// Where weeks begin matters only if it tears a day of a rule that skips weeks from the start's week.
    fn week_start(&mut self, pattern: &Pattern) -> Result<(), Invalid> {
        let Some(code) = self.parts.take("WKST") else { return Ok(()) };
        let Some(first) = Weekday::from_code(&code) else { return refuse(format!("WKST={code} is no weekday")) };
        if pattern.recurrence_type != RecurrenceType::Weekly || pattern.recurrence_interval == 1 {
            return Ok(());
        }
        let start = i64::from(self.local().weekday().to_monday_zero_offset());
        let first = i64::from(first.days_from_monday());
        let in_week = |day: i64| (day - first).rem_euclid(7);
        let is_same = |day: &Weekday| {
            let day = i64::from(day.days_from_monday());
            in_week(day) - in_week(start) == day - start
        };
        if pattern.weekdays.iter().all(is_same) {
            Ok(())
        } else {
            refuse(format!("WKST={code} cannot be kept: weeks begin on Monday"))
        }
    }

    /// The last local date on which a slot may lie. An instant before the slot's moment leaves that day out.
    fn until(&self, text: &str) -> Result<civil::Date, Invalid> {
        if let Ok(date) = civil::Date::strptime("%Y%m%d", text) {
            return Ok(date);
        }
        let wrong = || refuse(format!("UNTIL={text} must be such as 20261231 or 20261231T235959Z"));
        let (digits, is_utc) = text.strip_suffix('Z').map_or((text, false), |digits| (digits, true));
        let Ok(written) = civil::DateTime::strptime("%Y%m%dT%H%M%S", digits) else { return wrong() };
        // UNTIL has whole seconds only.
        let Ok(time) = self.local().time().with().subsec_nanosecond(0).build() else { return wrong() };
        let last = Zone::utc().instant(written);
        let holds = |date: &civil::Date| {
            let slot = date.to_datetime(time);
            if is_utc { self.zone.instant(slot).is_some_and(|at| Some(at) <= last) } else { slot <= written }
        };
        // Near enough: no zone is further from UTC, and no clock change longer, than a day.
        let latest = written.date().checked_add(jiff::Span::new().days(1)).unwrap_or(written.date());
        let days = std::iter::successors(Some(latest), |date| date.yesterday().ok());
        days.take(4).find(holds).map_or_else(wrong, Ok)
    }

    fn local(&self) -> civil::DateTime {
        match self.start {
            Start::At(at) => self.zone.local(at),
            Start::Day(date) => date.to_datetime(civil::Time::midnight()),
        }
    }
}

/// `MO`, `1MO`, `-1FR`.
fn numbered_day(text: &str) -> Result<(Option<i8>, Weekday), Invalid> {
    let split = text.len().saturating_sub(2);
    let weekday = text.get(split..).and_then(Weekday::from_code);
    let nth = text.get(..split).map(|nth| if nth.is_empty() { Ok(None) } else { nth.parse().map(Some) });
    match (weekday, nth) {
        (Some(weekday), Some(Ok(nth))) => Ok((nth, weekday)),
        _ => refuse(format!("BYDAY={text} is no weekday")),
    }
}

/// A fault of the rule under the names that the text has.
fn by_part(invalid: Invalid) -> Invalid {
    let faults = invalid.0.into_iter().map(|fault| {
        let part = match fault.field.as_str() {
            "recurrence_interval" => "INTERVAL",
            "weekdays" | "nth_weekday" | "nth_weekday.nth" => "BYDAY",
            "month_day" => "BYMONTHDAY",
            "month" => "BYMONTH",
            "start_date" => "DTSTART",
            "end_date" => "UNTIL",
            "count" => "COUNT",
            other => other,
        };
        FieldError::new(FIELD, format!("{part} {}", fault.message))
    });
    Invalid(faults.collect())
}
