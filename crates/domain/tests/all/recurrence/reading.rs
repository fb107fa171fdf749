//! RRULEs from elsewhere, against an expansion that follows RFC 5545 to the letter, period by period: what is read has
//! the same slots, or is refused.

use domain::recurrence::{Rule, Start, Weekday};
use jiff::{Span, civil};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::zone;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Freq {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// The parts of an RRULE, as RFC 5545 has them.
#[derive(Debug, Clone)]
struct Parts {
    freq: Freq,
    interval: i64,
    by_day: Vec<(Option<i8>, Weekday)>,
    by_month_day: Vec<i8>,
    by_month: Vec<i8>,
    by_set_pos: Option<i8>,
    wkst: Option<Weekday>,
    count: Option<usize>,
}

fn code(day: Weekday) -> &'static str {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][usize::try_from(day.days_from_monday()).unwrap()]
}

fn joined<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(",")
}

impl Parts {
    fn text(&self) -> String {
        let mut text = format!("FREQ={}", format!("{:?}", self.freq).to_uppercase());
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                text.push_str(&format!(";{name}={value}"));
            }
        };
        add("INTERVAL", (self.interval > 1).then(|| self.interval.to_string()));
        let day =
            |(nth, day): &(Option<i8>, _)| format!("{}{}", nth.map_or(String::new(), |n| n.to_string()), code(*day));
        add("BYDAY", Some(joined(&self.by_day, day)));
        add("BYMONTHDAY", Some(joined(&self.by_month_day, i8::to_string)));
        add("BYMONTH", Some(joined(&self.by_month, i8::to_string)));
        add("BYSETPOS", self.by_set_pos.map(|pos| pos.to_string()));
        add("WKST", self.wkst.map(|day| code(day).to_owned()));
        add("COUNT", self.count.map(|count| count.to_string()));
        text
    }

    /// The first dates of the rule, from the start on.
    fn dates(&self, start: civil::Date, most: usize) -> Vec<civil::Date> {
        let mut dates = Vec::new();
        let periods = if self.freq == Freq::Yearly { 130 } else { 1500 };
        for period in 0..periods {
            dates
                .extend(self.chosen(self.set(start, period * self.interval)).into_iter().filter(|date| *date >= start));
            if dates.len() >= most {
                break;
            }
        }
        dates.truncate(most);
        dates
    }

    fn chosen(&self, set: Vec<civil::Date>) -> Vec<civil::Date> {
        let Some(pos) = self.by_set_pos else { return set };
        let index = if pos > 0 {
            Some(usize::from(pos.unsigned_abs()) - 1)
        } else {
            set.len().checked_sub(usize::from(pos.unsigned_abs()))
        };
        index.and_then(|index| set.get(index)).copied().into_iter().collect()
    }

    /// The dates of the period that lies so many days, weeks, months or years after the start's.
    fn set(&self, start: civil::Date, after: i64) -> Vec<civil::Date> {
        let (first, days) = match self.freq {
            Freq::Daily => (start + Span::new().days(after), 1),
            Freq::Weekly => {
                let first = i64::from(self.wkst.unwrap_or(Weekday::Monday).days_from_monday());
                let into = (i64::from(start.weekday().to_monday_zero_offset()) - first).rem_euclid(7);
                (start + Span::new().days(after * 7 - into), 7)
            }
            Freq::Monthly => {
                let first = start.first_of_month() + Span::new().months(after);
                (first, i64::from(first.days_in_month()))
            }
            Freq::Yearly => {
                let first = civil::date(start.year(), 1, 1) + Span::new().years(after);
                (first, i64::from(first.days_in_year()))
            }
        };
        let days = (0..days).map(|day| first + Span::new().days(day));
        days.filter(|date| self.has(start, *date)).collect()
    }

    fn has(&self, start: civil::Date, date: civil::Date) -> bool {
        let months_ok = self.by_month.is_empty() || self.by_month.contains(&date.month());
        let from_end = date.day() - date.days_in_month() - 1;
        let month_days_ok =
            self.by_month_day.is_empty() || self.by_month_day.iter().any(|day| *day == date.day() || *day == from_end);
        let days_ok = self.by_day.is_empty() || self.by_day.iter().any(|day| self.is_day(*day, date));
        months_ok && month_days_ok && days_ok && self.given_by_start(start, date)
    }

    /// What the parts leave open is the start's.
    fn given_by_start(&self, start: civil::Date, date: civil::Date) -> bool {
        let names_day = !self.by_day.is_empty() || !self.by_month_day.is_empty();
        match self.freq {
            Freq::Daily => true,
            Freq::Weekly => !self.by_day.is_empty() || date.weekday() == start.weekday(),
            Freq::Monthly => names_day || date.day() == start.day(),
            Freq::Yearly => {
                let month = names_day || !self.by_month.is_empty() || date.month() == start.month();
                month && (names_day || date.day() == start.day())
            }
        }
    }

    /// A number counts in the month, or in the year where no month is named.
    fn is_day(&self, (nth, weekday): (Option<i8>, Weekday), date: civil::Date) -> bool {
        if weekday.to_civil() != date.weekday() {
            return false;
        }
        let in_year = self.freq == Freq::Yearly && self.by_month.is_empty();
        let (day, days) = match in_year {
            true => (i32::from(date.day_of_year()), i32::from(date.days_in_year())),
            false => (i32::from(date.day()), i32::from(date.days_in_month())),
        };
        nth.is_none_or(|nth| i32::from(nth) == (day + 6) / 7 || -i32::from(nth) == (days - day) / 7 + 1)
    }
}

fn parts() -> impl Strategy<Value = Parts> {
    let weekday = || prop::sample::select(Weekday::ALL.to_vec());
    let plain = prop::sample::subsequence(Weekday::ALL.to_vec(), 1..=4)
        .prop_map(|days| days.into_iter().map(|day| (None, day)).collect::<Vec<_>>());
    let numbered = (prop_oneof![1..=5_i8, Just(-1), Just(-2)], weekday()).prop_map(|(nth, day)| vec![(Some(nth), day)]);
    let single = weekday().prop_map(|day| vec![(None, day)]);
    let by_day = prop_oneof![3 => Just(Vec::new()), 2 => plain, 2 => numbered, 2 => single];
    let by_month_day = prop_oneof![
        6 => Just(Vec::new()),
        2 => (1..=31_i8).prop_map(|day| vec![day]),
        1 => Just(vec![-1]),
        2 => (29..=31_i8).prop_map(|day| (28..=day).collect()),
        1 => (1..=15_i8, 16..=31_i8).prop_map(|(a, b)| vec![a, b]),
    ];
    let by_month = prop_oneof![
        4 => Just(Vec::new()),
        2 => (1..=12_i8).prop_map(|month| vec![month]),
        1 => Just(vec![1, 7]),
    ];
    let by_set_pos = prop_oneof![4 => Just(None), 1 => Just(Some(-1)), 1 => (1..=5_i8).prop_map(Some)];
    (
        prop::sample::select(vec![Freq::Daily, Freq::Weekly, Freq::Monthly, Freq::Yearly]),
        prop_oneof![Just(1), 1..=4_i64],
        by_day,
        by_month_day,
        by_month,
        by_set_pos,
        prop::option::of(weekday()),
        prop::option::weighted(0.2, 1..=9_usize),
    )
        .prop_map(|(freq, interval, by_day, by_month_day, by_month, by_set_pos, wkst, count)| Parts {
            freq,
            interval,
            by_day,
            by_month_day,
            by_month,
            by_set_pos,
            wkst,
            count,
        })
}

#[test]
fn what_is_read_has_the_slots_that_the_standard_says() {
    let starts = ["2025-01-01", "2025-01-31", "2024-02-29", "2026-06-15", "2025-12-28"];
    let start = prop::sample::select(starts.map(super::date).to_vec());
    let accepted = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(2500) });
    let result = runner.run(&(parts(), start), |(parts, start)| {
        let Ok(rule) = Rule::from_rrule(&parts.text(), Start::Day(start), zone("UTC")) else { return Ok(()) };
        accepted.set(accepted.get() + 1);
        let most = parts.count.map_or(10, |count| count.min(10));
        let expected = parts.dates(start, most);
        let found: Vec<_> = (0..10).map_while(|n| rule.nth(n)).map(|slot| slot.local.date()).collect();
        prop_assert_eq!(found.len(), most, "{} from {}", parts.text(), start);
        // Of a rare day fewer lie in the years looked through.
        prop_assert_eq!(&found[..expected.len()], &expected[..], "{} from {}", parts.text(), start);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(accepted.get() > 150, "proves little: only {} were accepted", accepted.get());
}
