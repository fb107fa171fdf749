//! IANA time zones by name. A zone that the bundled database does not know is refused at the edge.

use std::{fmt, hash};

use jiff::{Timestamp, civil, tz::TimeZone};

/// A time zone with its IANA name, such as `Europe/Berlin` or `UTC`. Cheap to clone.
#[derive(Clone)]
pub struct Zone(TimeZone);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an IANA time zone such as Europe/Berlin, got {0:?}")]
pub struct UnknownZone(String);

impl Zone {
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        let unknown = || UnknownZone(name.chars().take(64).collect());
        let zone = TimeZone::get(name).map_err(|_| unknown())?;
        // jiff also answers POSIX strings and "unknown"; only names can be kept and given back.
        zone.iana_name().ok_or_else(unknown)?;
        Ok(Self(zone))
    }

    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    pub fn tz(&self) -> &TimeZone {
        &self.0
    }

    /// The wall clock here at `at`.
    pub fn local(&self, at: Timestamp) -> civil::DateTime {
        self.0.to_datetime(at)
    }

    /// The instant at which the wall clock shows `local`: shifted forward by the gap if it is skipped here, the
    /// first of the two if it comes twice (RFC 5545, section 3.3.5). `None` outside of the years that can be kept.
    pub fn instant(&self, local: civil::DateTime) -> Option<Timestamp> {
        self.0.to_ambiguous_timestamp(local).compatible().ok()
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl hash::Hash for Zone {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
