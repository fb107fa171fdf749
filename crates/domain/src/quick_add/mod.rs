//! The quick-add line: `call Ana tomorrow 5pm every mon #Home @phone p1 !30m`.
//!
//! [`parse`] is total: it reads what it understands, and every other word stays in the title. English words, in any
//! case; the clock and the zone come in. `tests/vectors/quick_add.json` says what each line means, for this parser
//! and for the one in the browser.
//!
//! - Date: `today` `tonight` `this evening` `tomorrow` `tmr` `fri` `next mon` `next week` (its Monday) `next month` (its
//!   1st) `this weekend` (Saturday) `in 3 days` `in 2h` `4 dec` `dec 4, 2027` `the 4th of december` `2026-12-04` `4.12.`
//!   `4.12.2026`; before it `on` `by` `due` `starting`.
//! - Time: `17:00` `5pm` `5:30 pm` `noon` `at 9`; before it `at` `by` `due`.
//! - Recurrence: `every day` `every 3 weeks` `every other day` `every mon, wed and fri` `every mon-fri` `every weekday`
//!   `every weekend` (Saturday) `every 31st` `every last day` `every last friday` `every 2nd tue of march` `every 4 dec`
//!   `every month on the 15th` `daily`; `every! 3 days` counts from completion.
//!   Only beside one: `from` and `until` with a date, `for 5 times`.
//! - Project, tag, priority: `#Home` `#"Home garden"` `@phone` `p1` `p2` `p3`.
//! - Reminder: `!30m` `!2h` `!1d` `!2w` `!1h30m` before due, `!9:00` on the due day.
//! - Quoted: `"…"` `“…”` `„…“` `«…»` are never read, and the quotes drop off.
//!
//! What is decided where the words leave it open:
//! - The first one of a kind wins, later ones stay in the title; tags and reminders may be many.
//! - Punctuation behind a word goes with it, and so does a comma before the words at the end that were taken.
//! - `fri` is the next Friday; on a Friday it is today only with a time that lies ahead. `next fri` is in the week
//!   after this one; weeks begin on Monday.
//! - A time alone is today, or tomorrow if it has passed. A named day keeps a time that has passed.
//! - `tonight` is 18:00, or today as a whole once that has passed; `tonight 8:30` is in the evening.
//! - A date without a year is the next such date. Years are 1970–2199.
//! - Words that are as often something else (`sat`, `sun`, `wed`, `weekend`, `daily` and its like, `at 3`) count only
//!   where no plain word follows: `buy sun cream`, `weekly report`, `look at 3 flats` stay what they are.
//! - A rule starts on the first day that fits it, from today or from the day named beside it, at a time that lies
//!   ahead and that the clocks do not skip that day; a rule that names no day (`every month`) fits any.

mod date;
mod marker;
mod names;
mod recurrence;
mod resolve;
mod scan;
mod time;
mod words;

use jiff::{Timestamp, civil};
use serde::Serialize;

use crate::{Due, Zone, recurrence::RuleInput};

/// What a line means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickAdd {
    /// The words left over, with single spaces; may be empty, and may be too long for a title.
    pub title: String,
    /// With a rule, its first occurrence.
    pub due: Option<Due>,
    /// A rule that can be made, and whose first slot is its start: the moment of `due`.
    pub recurrence: Option<RuleInput>,
    /// A name that is fit for a project; whether there is such a project is not known here.
    pub project: Option<String>,
    /// Each once, in lower case.
    pub tags: Vec<String>,
    /// 1 high, 2 medium, 3 low.
    pub priority: Option<u8>,
    /// Each once.
    pub reminders: Vec<QuickReminder>,
    /// What was understood, in the order of the line; they do not overlap.
    pub tokens: Vec<Token>,
    /// What looks meant but cannot be.
    pub hints: Vec<Hint>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuickReminder {
    MinutesBefore(u32),
    /// At that time on the due day, which is `at`. Without a due date `at` is the next such time.
    AtTime {
        time: civil::Time,
        at: Timestamp,
    },
}

impl QuickReminder {
    /// As minutes before a due time on the same day, for the template of a recurring task. `None` if it comes after.
    pub fn minutes_before(self, due: civil::Time) -> Option<u32> {
        match self {
            Self::MinutesBefore(minutes) => Some(minutes),
            Self::AtTime { time, .. } => u32::try_from(time.duration_until(due).as_mins()).ok(),
        }
    }
}

/// A part of the line: in bytes for Rust, in UTF-16 code units for JavaScript. The end is exclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub utf16_start: usize,
    pub utf16_end: usize,
}

/// A part that was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Token {
    #[serde(flatten)]
    pub span: Span,
    pub kind: TokenKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    Date,
    Time,
    Recurrence,
    Project,
    Tag,
    Priority,
    Reminder,
    /// Kept out of all reading; its words are in the title.
    Quoted,
}

/// A part that cannot be what it looks like, with a sentence for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hint {
    #[serde(flatten)]
    pub span: Span,
    pub message: String,
}

/// Reads a line typed at `now` by somebody in `zone`.
pub fn parse(text: &str, now: Timestamp, zone: &Zone) -> QuickAdd {
    let present = Present { now, zone, date: zone.local(now).date() };
    let words = words::split(text);
    resolve::resolve(scan::scan(&words, &present), &words, &present)
}

/// When and where a line is read.
struct Present<'p> {
    now: Timestamp,
    zone: &'p Zone,
    /// The local date.
    date: civil::Date,
}

/// What a recogniser made of the words from where it was asked up to, not including, `end`.
#[derive(Debug)]
struct Read<T> {
    value: T,
    end: usize,
    /// To be taken only if no plain word follows.
    loose: bool,
}

impl<T> Read<T> {
    fn map<U>(self, make: impl FnOnce(T) -> U) -> Read<U> {
        Read { value: make(self.value), end: self.end, loose: self.loose }
    }
}
