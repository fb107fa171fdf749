//! People and how they like their days.

use jiff::{Timestamp, civil};

use crate::{Email, PersonName, UserId, Zone, preferences::Preferences};

/// The time of day at which whole-day tasks remind, unless a person chose another.
pub const DEFAULT_ALL_DAY_TIME: civil::Time = civil::Time::constant(9, 0, 0, 0);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub name: PersonName,
    /// For dates that come without a zone of their own.
    pub zone: Zone,
    /// When whole-day tasks remind, local time.
    pub all_day_time: civil::Time,
    pub is_admin: bool,
    /// May not sign in.
    pub is_disabled: bool,
    pub preferences: Preferences,
    pub version: i64,
    pub created_at: Timestamp,
}
