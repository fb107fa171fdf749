//! The real clock and real chance: the only place in the project that reads either.

use domain::{Clock, Random, Timestamp};

pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[allow(clippy::disallowed_methods, reason = "this is where time comes in")]
        let now = Timestamp::now();
        // Memory and both databases agree on microseconds.
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

/// The operating system's generator.
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, bytes: &mut [u8]) {
        #[allow(clippy::disallowed_methods, reason = "this is where chance comes in")]
        rand::Rng::fill_bytes(&mut rand::rng(), bytes);
    }
}
