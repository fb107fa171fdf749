//! Due dates: an instant, or a whole day, each in a time zone; and what a due date means right now.

use jiff::{SignedDuration, Timestamp, civil};
use serde::{Deserialize, Serialize};

use crate::zone::Zone;

/// A task warns this long before it is due.
pub const DUE_SOON: SignedDuration = SignedDuration::from_hours(24);

/// When a task should be done. On the wire an instant (RFC 3339) or a date (`YYYY-MM-DD`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    At {
        at: Timestamp,
        zone: Zone,
    },
    /// Any time that day; overdue when the day has ended where the zone is.
    Day {
        date: civil::Date,
        zone: Zone,
    },
}

/// Derived from the due date and the time, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueState {
    /// No due date, or already completed.
    None,
    Upcoming,
    /// Within 24 hours.
    DueSoon,
    Overdue,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an instant such as 2026-01-15T17:00:00Z or a date such as 2026-01-15")]
pub struct InvalidDue;

/// Years that may be written; the calendar arithmetic stays far from the ends of what can be kept.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=9000;

impl Due {
    pub fn parse(text: &str, zone: Zone) -> Result<Self, InvalidDue> {
        let due = if text.len() <= 10 {
            Self::Day { date: text.parse().map_err(|_| InvalidDue)?, zone }
        } else {
            Self::At { at: parse_instant(text).ok_or(InvalidDue)?, zone }
        };
        if YEARS.contains(&due.date().year()) { Ok(due) } else { Err(InvalidDue) }
    }

    pub fn zone(&self) -> &Zone {
        match self {
            Self::At { zone, .. } | Self::Day { zone, .. } => zone,
        }
    }

    pub fn is_whole_day(&self) -> bool {
        matches!(self, Self::Day { .. })
    }

    /// The local date of the due moment.
    pub fn date(&self) -> civil::Date {
        match self {
            Self::At { at, zone } => zone.local(*at).date(),
            Self::Day { date, .. } => *date,
        }
    }

    /// From here on the task is overdue: the instant, or the end of the local day.
    pub fn deadline(&self) -> Timestamp {
        match self {
            Self::At { at, .. } => *at,
            Self::Day { date, zone } => start_of_day(date.tomorrow().unwrap_or(*date), zone),
        }
    }

    /// When the `due` reminder comes: the instant, or `all_day` on the local day.
    pub fn reminder_moment(&self, all_day: civil::Time) -> Timestamp {
        match self {
            Self::At { at, .. } => *at,
            Self::Day { date, zone } => zone.instant(date.to_datetime(all_day)).unwrap_or_else(|| self.deadline()),
        }
    }

    /// From here on the task is due soon.
    pub fn due_soon_moment(&self) -> Timestamp {
        self.deadline().checked_sub(DUE_SOON).unwrap_or(Timestamp::MIN)
    }

    pub fn state(&self, now: Timestamp) -> DueState {
        if now >= self.deadline() {
            DueState::Overdue
        } else if now >= self.due_soon_moment() {
            DueState::DueSoon
        } else {
            DueState::Upcoming
        }
    }

    /// The same instant or date, meant elsewhere.
    pub fn in_zone(&self, zone: Zone) -> Self {
        match self {
            Self::At { at, .. } => Self::At { at: *at, zone },
            Self::Day { date, .. } => Self::Day { date: *date, zone },
        }
    }

    /// As on the wire.
    pub fn to_wire(&self) -> String {
        match self {
            Self::At { at, .. } => at.to_string(),
            Self::Day { date, .. } => date.to_string(),
        }
    }
}

/// The first instant of the local day, which is not midnight where the clocks skip it.
pub fn start_of_day(date: civil::Date, zone: &Zone) -> Timestamp {
    zone.instant(date.to_datetime(civil::Time::midnight())).unwrap_or(Timestamp::MAX)
}

/// RFC 3339 with an offset, truncated to the microsecond.
pub fn parse_instant(text: &str) -> Option<Timestamp> {
    let at: Timestamp = text.parse().ok()?;
    Timestamp::from_microsecond(at.as_microsecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_instant_is_due_soon_a_day_before_and_overdue_at_its_moment() {
        let due = Due::parse("2025-01-15T17:00:00Z", Zone::utc()).unwrap();
        assert_eq!(due.state(at("2025-01-14T16:59:59Z")), DueState::Upcoming);
        assert_eq!(due.state(at("2025-01-14T17:00:00Z")), DueState::DueSoon);
        assert_eq!(due.state(at("2025-01-15T16:59:59Z")), DueState::DueSoon);
        assert_eq!(due.state(at("2025-01-15T17:00:00Z")), DueState::Overdue);
    }

    #[test]
    fn a_whole_day_ends_with_the_local_day_which_may_have_23_hours() {
        let due = Due::parse("2026-03-29", Zone::parse("Europe/Berlin").unwrap()).unwrap();
        assert_eq!(due.deadline(), at("2026-03-29T22:00:00Z"));
        assert_eq!(due.due_soon_moment(), at("2026-03-28T22:00:00Z"));
        assert_eq!(due.reminder_moment(civil::time(9, 0, 0, 0)), at("2026-03-29T07:00:00Z"));
    }

    #[test]
    fn what_is_no_due_date() {
        for bad in ["", "tomorrow", "2025-02-30", "2025-01-15T17:00:00", "0001-01-01", "9999-12-31T00:00:00Z"] {
            assert!(Due::parse(bad, Zone::utc()).is_err(), "{bad}");
        }
    }
}
