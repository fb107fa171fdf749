//! The one way in which anything changes.

use jiff::Timestamp;

use crate::{event::Event, timer::Timer};

/// A new state, the events that tell of it and the timers that follow from it. The store accepts nothing less, and
/// stores all of it or nothing.
#[must_use = "a change means nothing until it is committed"]
#[derive(Debug, Clone, PartialEq)]
pub struct Change<T> {
    /// The version that the change was decided on; 0 for something new. Guards the write: if the row has moved on,
    /// nothing is stored.
    pub from_version: i64,
    pub state: T,
    pub events: Vec<Event>,
    pub timers: Timers,
}

/// What becomes of the timers of the changed thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timers {
    Keep,
    /// These and no others.
    Replace(Vec<Timer>),
    /// These in place of those that fire after `now`. One whose moment has come but that has not fired yet is on its
    /// way, and stays.
    ReplaceAhead {
        now: Timestamp,
        timers: Vec<Timer>,
    },
}

impl<T> Change<T> {
    /// The state as it was: nothing happened, nothing is told.
    pub fn none(state: T, version: i64) -> Self {
        Self { from_version: version, state, events: Vec::new(), timers: Timers::Keep }
    }

    pub fn is_none(&self) -> bool {
        self.events.is_empty() && self.timers == Timers::Keep
    }
}
