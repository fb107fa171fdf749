//! The two things that no rule may reach for by itself: the time and chance. The `todo` crate brings the real ones,
//! tests bring their own.

use jiff::Timestamp;
use uuid::{Builder, Uuid};

use crate::id::Id;

/// Tells the time, truncated to the microsecond, so that memory and both databases agree on every instant.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// A source of unpredictable bytes, fit for secrets.
pub trait Random: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// A new UUIDv7 for an event that happens at `at`.
pub fn new_uuid(at: Timestamp, random: &dyn Random) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// A new typed id; see [`new_uuid`].
pub fn new_id<I: Id>(at: Timestamp, random: &dyn Random) -> I {
    I::from(new_uuid(at, random))
}
