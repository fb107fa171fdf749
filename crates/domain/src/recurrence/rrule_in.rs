//! RFC 5545 rules from elsewhere. What cannot be kept is refused by name, never silently changed.

use std::collections::BTreeMap;

use jiff::civil;

use super::{Basis, NthWeekday, Pattern, RecurrenceType, Rule, RuleInput, Start, Weekday};
use crate::{Invalid, Zone};

const FIELD: &str = "rrule";

fn refuse<T>(why: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid::field(FIELD, why))
}

impl Rule {
    /// Reads an RRULE, with or without its property name, with or without a DTSTART line, which then takes the place
    /// of `start` and `zone`. Folded lines are unfolded.
    pub fn from_rrule(text: &str, start: Start, zone: Zone) -> Result<Self, Invalid> {
        let text = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
        let (mut start, mut zone, mut rrule) = (start, zone, None);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let upper = line.to_ascii_uppercase();
            if upper.starts_with("DTSTART") {
                (start, zone) = dtstart(line, zone)?;
            } else if rrule.is_some() {
                return refuse("must be one rule: RDATE, EXDATE and a second RRULE cannot be kept");
            } else if let Some(value) = upper.strip_prefix("RRULE:") {
                rrule = Some(value.to_owned());
            } else if upper.starts_with("FREQ=") || upper.contains(";FREQ=") {
                rrule = Some(upper);
            } else {
                return refuse(format!("cannot read the line {line:?}"));
            }
        }
        let Some(rrule) = rrule else { return refuse("must hold an RRULE such as FREQ=WEEKLY;BYDAY=MO") };
        Parts::read(&rrule)?.rule(start, zone)
    }
}

fn dtstart(line: &str, zone: Zone) -> Result<(Start, Zone), Invalid> {
    let Some((name, value)) = line.split_once(':') else { return refuse("DTSTART has no value") };
    let named = name.split(';').find_map(|part| part.strip_prefix("TZID="));
    let zone = match named {
        Some(name) => Zone::parse(name).map_err(|error| Invalid::field(FIELD, format!("TZID {error}")))?,
        None => zone,
    };
    if let Ok(date) = civil::Date::strptime("%Y%m%d", value) {
        return Ok((Start::Day(date), zone));
    }
    let (digits, utc) = value.strip_suffix('Z').map_or((value, false), |digits| (digits, true));
    let Ok(local) = civil::DateTime::strptime("%Y%m%dT%H%M%S", digits) else {
        return refuse("DTSTART must be such as 20260101T090000");
    };
    let at = if utc { Zone::utc().instant(local) } else { zone.instant(local) };
    match at {
        Some(at) => Ok((Start::At(at), if utc && named.is_none() { Zone::utc() } else { zone })),
        None => refuse("DTSTART lies too far away"),
    }
}

/// The parts of a rule by name, each taken when it is understood; what is left is refused.
struct Parts(BTreeMap<String, String>);

impl Parts {
    fn read(rrule: &str) -> Result<Self, Invalid> {
        let mut parts = BTreeMap::new();
        for part in rrule.split(';').filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else { return refuse(format!("{part} has no value")) };
            if parts.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
                return refuse(format!("{name} is there twice"));
            }
        }
        Ok(Self(parts))
    }

    fn rule(mut self, start: Start, zone: Zone) -> Result<Rule, Invalid> {
        let kind = match self.take("FREQ").as_deref() {
            Some("DAILY") => RecurrenceType::Daily,
            Some("WEEKLY") => RecurrenceType::Weekly,
            Some("MONTHLY") => RecurrenceType::Monthly,
            Some("YEARLY") => RecurrenceType::Yearly,
            Some(other) => return refuse(format!("FREQ={other} cannot be kept: daily, weekly, monthly or yearly")),
            None => return refuse("FREQ is missing"),
        };
        let interval = self.number("INTERVAL")?.unwrap_or(1);
        let mut pattern = Pattern::every(kind, interval);
        self.week_start(&mut pattern)?;
        self.days(&mut pattern)?;
        self.months(&mut pattern)?;
        let count = self.number("COUNT")?;
        let end_date = self.take("UNTIL").map(|text| until(&text, &start, &zone)).transpose()?;
        if let Some((name, value)) = self.0.first_key_value() {
            return refuse(format!("{name}={value} cannot be kept"));
        }
        Rule::parse(RuleInput { pattern, start, zone, end_date, count, basis: Basis::Schedule })
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    fn number(&mut self, name: &str) -> Result<Option<u32>, Invalid> {
        let Some(text) = self.take(name) else { return Ok(None) };
        text.parse().map(Some).or_else(|_| refuse(format!("{name}={text} is no number")))
    }

    /// Where weeks begin matters only to a weekly rule that skips weeks.
    fn week_start(&mut self, pattern: &Pattern) -> Result<(), Invalid> {
        match self.take("WKST").as_deref() {
            None | Some("MO") => Ok(()),
            Some(_) if pattern.recurrence_type != RecurrenceType::Weekly || pattern.recurrence_interval == 1 => Ok(()),
            Some(day) => refuse(format!("WKST={day} cannot be kept: weeks begin on Monday")),
        }
    }

    fn days(&mut self, pattern: &mut Pattern) -> Result<(), Invalid> {
        let position = self.0.get("BYSETPOS").cloned();
        if let Some(text) = self.take("BYDAY") {
            let days = text.split(',').map(numbered_day).collect::<Result<Vec<_>, _>>()?;
            return self.weekdays(pattern, &days, position.as_deref());
        }
        let Some(text) = self.take("BYMONTHDAY") else { return Ok(()) };
        let days: Result<Vec<i8>, _> = text.split(',').map(str::parse).collect();
        let Ok(days) = days else { return refuse(format!("BYMONTHDAY={text} is no list of days")) };
        pattern.month_day = match (days.as_slice(), position.as_deref()) {
            // A day from 29 on, alone, is skipped by months that lack it; ours clamps, so it is another rule.
            ([day @ 29..=31], None) if !always_has(self.0.get("BYMONTH"), *day) => {
                return refuse(format!(
                    "BYMONTHDAY={day} skips short months, which cannot be kept: ours takes their last day"
                ));
            }
            ([day], None) => Some(*day),
            ([28, rest @ ..], Some("-1"))
                if rest.iter().copied().eq(29..=28 + i8::try_from(rest.len()).unwrap_or(0)) =>
            {
                self.take("BYSETPOS");
                rest.last().copied().or(Some(28))
            }
            _ => return refuse(format!("BYMONTHDAY={text} cannot be kept: one day, or 28 to n with BYSETPOS=-1")),
        };
        Ok(())
    }

    fn weekdays(
        &mut self,
        pattern: &mut Pattern,
        days: &[(i8, Weekday)],
        position: Option<&str>,
    ) -> Result<(), Invalid> {
        let plain = days.iter().all(|(nth, _)| *nth == 0);
        match (pattern.recurrence_type, days) {
            (RecurrenceType::Weekly, _) if plain => pattern.weekdays = days.iter().map(|(_, day)| *day).collect(),
            (RecurrenceType::Daily, _) if plain && pattern.recurrence_interval == 1 => {
                pattern.recurrence_type = RecurrenceType::Weekly;
                pattern.weekdays = days.iter().map(|(_, day)| *day).collect();
            }
            (RecurrenceType::Monthly | RecurrenceType::Yearly, [(0, weekday)]) => {
                let Some(nth) = position.and_then(|text| text.parse().ok()) else {
                    return refuse("BYDAY with every such weekday of a month cannot be kept: name which one");
                };
                self.take("BYSETPOS");
                pattern.nth_weekday = Some(NthWeekday { nth, weekday: *weekday });
            }
            (RecurrenceType::Monthly, [(nth, weekday)]) => {
                pattern.nth_weekday = Some(NthWeekday { nth: *nth, weekday: *weekday });
            }
            (RecurrenceType::Yearly, [(nth, weekday)]) if self.0.contains_key("BYMONTH") => {
                pattern.nth_weekday = Some(NthWeekday { nth: *nth, weekday: *weekday });
            }
            _ => return refuse("BYDAY cannot be kept in this form"),
        }
        Ok(())
    }

    fn months(&mut self, pattern: &mut Pattern) -> Result<(), Invalid> {
        let Some(text) = self.take("BYMONTH") else {
            if pattern.recurrence_type == RecurrenceType::Yearly && pattern.nth_weekday.is_some() {
                return refuse("a yearly weekday needs BYMONTH");
            }
            if pattern.recurrence_type == RecurrenceType::Yearly && pattern.month_day.is_some() {
                return refuse("a yearly BYMONTHDAY without BYMONTH comes every month, which cannot be kept");
            }
            return Ok(());
        };
        match text.parse() {
            Ok(month) if pattern.recurrence_type == RecurrenceType::Yearly => {
                pattern.month = Some(month);
                Ok(())
            }
            _ => refuse(format!("BYMONTH={text} cannot be kept: one month, with FREQ=YEARLY")),
        }
    }
}

/// Whether the month that the rule names has the day in every year.
fn always_has(month: Option<&String>, day: i8) -> bool {
    let month = month.and_then(|text| text.parse::<i8>().ok());
    month.and_then(|month| civil::Date::new(2001, month, 1).ok()).is_some_and(|first| first.days_in_month() >= day)
}

/// `MO`, `1MO`, `-1FR`.
fn numbered_day(text: &str) -> Result<(i8, Weekday), Invalid> {
    let split = text.len().saturating_sub(2);
    let weekday = text.get(split..).and_then(Weekday::from_code);
    let nth = text.get(..split).map(|nth| if nth.is_empty() { Ok(0) } else { nth.parse() });
    match (weekday, nth) {
        (Some(weekday), Some(Ok(nth))) => Ok((nth, weekday)),
        _ => refuse(format!("BYDAY={text} is no weekday")),
    }
}

/// The last local date on which a slot may lie. An instant before the slot's time of day leaves that day out.
fn until(text: &str, start: &Start, zone: &Zone) -> Result<civil::Date, Invalid> {
    if let Ok(date) = civil::Date::strptime("%Y%m%d", text) {
        return Ok(date);
    }
    let wrong = format!("UNTIL={text} must be such as 20261231 or 20261231T235959Z");
    let (digits, utc) = text.strip_suffix('Z').map_or((text, false), |digits| (digits, true));
    let Ok(local) = civil::DateTime::strptime("%Y%m%dT%H%M%S", digits) else { return refuse(wrong) };
    let last = if utc { Zone::utc().instant(local).map(|at| zone.local(at)) } else { Some(local) };
    let Some(last) = last else { return refuse(wrong) };
    let time = match start {
        Start::At(at) => zone.local(*at).time(),
        Start::Day(_) => civil::Time::midnight(),
    };
    let date = if last.time() < time { last.date().yesterday().ok() } else { Some(last.date()) };
    date.map_or_else(|| refuse(wrong), Ok)
}
