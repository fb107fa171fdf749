//! A rule as a person would say it.

use super::{
    Basis, NthWeekday, RecurrenceType, Rule, Weekday,
    months::{Day, Months},
};

impl Rule {
    /// `every 2 weeks on Monday and Friday at 09:00 (Europe/Berlin), until 31 Dec 2026`.
    pub fn in_words(&self) -> String {
        let mut words = format!("every {}", self.unit());
        if self.basis() == Basis::Completion {
            words.push_str(" after completion");
        } else {
            words.push_str(&self.on());
        }
        if !self.is_all_day() {
            let format = if self.local.second() == 0 { " at %H:%M" } else { " at %H:%M:%S" };
            words.push_str(&self.local.strftime(format).to_string());
        }
        words.push_str(&format!(" ({})", self.zone()));
        if let Some(end) = self.end_date() {
            words.push_str(&end.strftime(", until %-d %b %Y").to_string());
        }
        match self.count() {
            Some(1) => words.push_str(", once"),
            Some(count) => words.push_str(&format!(", {count} times")),
            None => {}
        }
        words
    }

    fn unit(&self) -> String {
        let unit = match self.pattern.recurrence_type {
            RecurrenceType::Daily => "day",
            RecurrenceType::Weekly => "week",
            RecurrenceType::Monthly => "month",
            RecurrenceType::Yearly => "year",
        };
        match self.pattern.recurrence_interval {
            1 => unit.to_owned(),
            interval => format!("{interval} {unit}s"),
        }
    }

    fn on(&self) -> String {
        match (self.pattern.recurrence_type, &self.months) {
            (RecurrenceType::Weekly, _) => format!(" on {}", list(&self.weekday_names())),
            (RecurrenceType::Monthly, Some(months)) => format!(" on {}{}", day_name(months), or_last(months)),
            (RecurrenceType::Yearly, Some(months)) => {
                let month = month_name(self.pattern.month.unwrap_or(self.local.month()));
                format!(" on {} of {month}{}", day_name(months), or_last(months))
            }
            _ => String::new(),
        }
    }

    fn weekday_names(&self) -> Vec<&'static str> {
        self.weekdays
            .iter()
            .filter_map(|day| Weekday::ALL.get(usize::try_from(*day).ok()?))
            .map(|day| day.title())
            .collect()
    }
}

impl Weekday {
    pub const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    pub fn title(self) -> &'static str {
        match self {
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
            Self::Sunday => "Sunday",
        }
    }
}

fn day_name(months: &Months) -> String {
    match months.day() {
        Day::OfMonth(-1) => "the last day".to_owned(),
        Day::OfMonth(day) => format!("the {}", ordinal(day)),
        Day::Nth(NthWeekday { nth: -1, weekday }) => format!("the last {}", weekday.title()),
        Day::Nth(NthWeekday { nth, weekday }) => format!("the {} {}", ordinal(nth), weekday.title()),
    }
}

fn or_last(months: &Months) -> &'static str {
    if months.may_clamp() { " (or the last day)" } else { "" }
}

fn ordinal(number: i8) -> String {
    let suffix = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}

fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::try_from(month - 1).ok().and_then(|index| NAMES.get(index)).copied().unwrap_or("?")
}

fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
