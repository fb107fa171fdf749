//! Why a slot is not quite what its rule says, in words for the preview.

use jiff::{Timestamp, civil};

use super::{Rule, Slot};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The month is too short for the day that was wanted.
    ClampedToMonthEnd { wanted: i8 },
    /// The clocks skip the wall time, or the whole day.
    ShiftedOverGap { to: civil::DateTime },
    /// The wall time comes twice.
    FirstOfOverlap,
}

impl Note {
    /// `wanted` is the day of the month that the rule asks for. A clock change says more than a short month, where
    /// both are true. Of a whole day it only matters whether there is one.
    pub(super) fn of(rule: &Rule, local: civil::DateTime, at: Timestamp, wanted: Option<i8>) -> Option<Self> {
        let shown = rule.zone().local(at);
        let is_shifted = if rule.is_all_day() { shown.date() != local.date() } else { shown != local };
        if is_shifted {
            return Some(Self::ShiftedOverGap { to: shown });
        }
        if !rule.is_all_day() {
            let moments = rule.zone().tz().to_ambiguous_timestamp(local);
            // A rule may start with the second one, which then is just what was asked for.
            if moments.is_ambiguous() && moments.compatible().is_ok_and(|first| first == at) {
                return Some(Self::FirstOfOverlap);
            }
        }
        wanted.filter(|day| *day > local.day()).map(|wanted| Self::ClampedToMonthEnd { wanted })
    }

    pub fn in_words(&self, slot: &Slot) -> String {
        let day = |at: civil::DateTime| at.strftime("%-d %b %Y").to_string();
        let time = |at: civil::DateTime| at.strftime("%H:%M").to_string();
        let wanted = slot.local;
        match self {
            Self::ClampedToMonthEnd { .. } => {
                let date = wanted.date();
                let year = if date.month() == 2 { date.strftime(" %Y").to_string() } else { String::new() };
                format!("{}{year} has {} days", date.strftime("%B"), date.days_in_month())
            }
            // Shifted by a whole day: it is the day that is skipped.
            Self::ShiftedOverGap { to } if to.date() != wanted.date() && to.time() == wanted.time() => {
                format!("{} does not exist here, {} instead", day(wanted), day(*to))
            }
            Self::ShiftedOverGap { to } if to.date() != wanted.date() => {
                format!("{} does not exist, {} on {} instead", time(wanted), time(*to), day(*to))
            }
            Self::ShiftedOverGap { to } => format!("{} does not exist, {} instead", time(wanted), time(*to)),
            Self::FirstOfOverlap => format!("{} comes twice, the first one", time(wanted)),
        }
    }
}
