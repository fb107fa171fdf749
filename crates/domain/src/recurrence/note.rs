//! Why a slot is not quite what its rule says, in words for the preview.

use jiff::{Timestamp, civil};

use super::{Rule, Slot, months::Day};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The month is too short for the day that was wanted.
    ClampedToMonthEnd { wanted: i8 },
    /// The clocks skip the wall time.
    ShiftedOverGap { to: civil::DateTime },
    /// The wall time comes twice.
    FirstOfOverlap,
}

impl Note {
    /// A clock change says more than a short month, where both are true.
    pub(super) fn of(rule: &Rule, local: civil::DateTime, at: Timestamp) -> Option<Self> {
        let shown = rule.zone().local(at);
        if shown != local {
            return Some(Self::ShiftedOverGap { to: shown });
        }
        if rule.zone().tz().to_ambiguous_timestamp(local).is_ambiguous() && !rule.is_all_day() {
            return Some(Self::FirstOfOverlap);
        }
        match rule.months.as_ref().map(super::months::Months::day) {
            Some(Day::OfMonth(wanted)) if wanted > local.day() => Some(Self::ClampedToMonthEnd { wanted }),
            _ => None,
        }
    }

    pub fn in_words(&self, slot: &Slot) -> String {
        let time = |at: civil::DateTime| at.strftime("%H:%M").to_string();
        match self {
            Self::ClampedToMonthEnd { .. } => {
                let date = slot.local.date();
                let year = if date.month() == 2 { date.strftime(" %Y").to_string() } else { String::new() };
                format!("{}{year} has {} days", date.strftime("%B"), date.days_in_month())
            }
            Self::ShiftedOverGap { to } if to.date() != slot.local.date() => {
                format!(
                    "{} does not exist here, {} instead",
                    slot.local.strftime("%-d %b %Y"),
                    to.strftime("%-d %b %Y, %H:%M")
                )
            }
            Self::ShiftedOverGap { to } => format!("{} does not exist, {} instead", time(slot.local), time(*to)),
            Self::FirstOfOverlap => format!("{} comes twice, the first one", time(slot.local)),
        }
    }
}
