//! A rule as RFC 5545 writes it, so that other calendars show the same dates.
//!
//! Every expander skips months without a 31st where we clamp, so a clamping day is written as the last of several:
//! `BYMONTHDAY=28,29,30,31;BYSETPOS=-1`. RFC 5545 has no words for a rule that counts from completion: what is written
//! of one is its schedule, as if each were completed at its moment. Nor has it any for the second of two equal wall
//! times: a rule that starts with it is written as starting with the first.

use jiff::civil;

use super::{
    NthWeekday, RecurrenceType, Rule, Start, Weekday,
    months::{Day, Months},
};

impl Rule {
    /// The value of the RRULE property: `FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=…`.
    pub fn rrule(&self) -> String {
        let frequency = match self.pattern.recurrence_type {
            RecurrenceType::Daily => "DAILY",
            RecurrenceType::Weekly => "WEEKLY",
            RecurrenceType::Monthly => "MONTHLY",
            RecurrenceType::Yearly => "YEARLY",
        };
        let mut parts = vec![format!("FREQ={frequency}")];
        if self.pattern.recurrence_interval != 1 {
            parts.push(format!("INTERVAL={}", self.pattern.recurrence_interval));
        }
        if self.pattern.recurrence_type == RecurrenceType::Yearly {
            parts.push(format!("BYMONTH={}", self.pattern.month.unwrap_or(self.local.month())));
        }
        match &self.months {
            Some(months) => parts.extend(by_day(months)),
            None if self.pattern.recurrence_type == RecurrenceType::Weekly => parts.push(self.by_weekdays()),
            None => {}
        }
        if let Some(end) = self.end_date() {
            parts.push(format!("UNTIL={}", self.until(end)));
        }
        if let Some(count) = self.count() {
            parts.push(format!("COUNT={count}"));
        }
        if self.pattern.recurrence_type == RecurrenceType::Weekly {
            parts.push("WKST=MO".to_owned());
        }
        parts.join(";")
    }

    /// With its DTSTART line, as a calendar holds it. The start itself is an instance there (RFC 5545, section
    /// 3.8.5.3), so DTSTART is the first slot, not a start that is off the rule.
    pub fn to_rrule(&self) -> String {
        let first = self.nth(0).map_or(self.local, |slot| slot.local);
        let start = match self.start() {
            Start::Day(_) => first.strftime("DTSTART;VALUE=DATE:%Y%m%d").to_string(),
            Start::At(_) if self.zone().name() == "UTC" => first.strftime("DTSTART:%Y%m%dT%H%M%SZ").to_string(),
            Start::At(_) => format!("DTSTART;TZID={}:{}", self.zone(), first.strftime("%Y%m%dT%H%M%S")),
        };
        format!("{start}\nRRULE:{}", self.rrule())
    }

    fn by_weekdays(&self) -> String {
        let days = self.weekdays.iter().filter_map(|day| Weekday::ALL.get(usize::try_from(*day).ok()?));
        format!("BYDAY={}", days.map(|day| day.code()).collect::<Vec<_>>().join(","))
    }

    /// A date for whole days, else the moment of a slot on the last day, in UTC (RFC 5545, section 3.3.10). The end of
    /// that day would not do: where the clocks skip midnight, it may lie after a slot of the next day.
    fn until(&self, end: civil::Date) -> String {
        if self.is_all_day() {
            return end.strftime("%Y%m%d").to_string();
        }
        let last = self.instant(end.to_datetime(self.local.time())).unwrap_or(jiff::Timestamp::MAX);
        last.strftime("%Y%m%dT%H%M%SZ").to_string()
    }
}

fn by_day(months: &Months) -> Vec<String> {
    match months.day() {
        Day::OfMonth(day) if months.may_clamp() => {
            let days: Vec<_> = (28..=day).map(|day| day.to_string()).collect();
            vec![format!("BYMONTHDAY={}", days.join(",")), "BYSETPOS=-1".to_owned()]
        }
        Day::OfMonth(day) => vec![format!("BYMONTHDAY={day}")],
        Day::Nth(NthWeekday { nth, weekday }) => vec![format!("BYDAY={nth}{}", weekday.code())],
    }
}

impl Weekday {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Monday => "MO",
            Self::Tuesday => "TU",
            Self::Wednesday => "WE",
            Self::Thursday => "TH",
            Self::Friday => "FR",
            Self::Saturday => "SA",
            Self::Sunday => "SU",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.code() == code)
    }
}
