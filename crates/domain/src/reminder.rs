//! When a task reminds, and what becomes of its reminders.
//!
//! A task without a list of its own has the default one: 24 h before due and at due. The `due_soon` and `due` events
//! are published for every task with a due date; the list decides whether the person is told.

use jiff::{SignedDuration, Timestamp, civil};

use crate::{
    Due, FieldError, Invalid,
    due::DUE_SOON,
    event::CancelledReminder,
    notification::NotificationKind,
    timer::{Timer, TimerKind},
};

/// Most entries of a task's own list.
pub const MAX_REMINDERS: usize = 10;
/// Farthest before due: one year.
pub const MAX_MINUTES_BEFORE: u32 = 366 * 24 * 60;
const DUE_SOON_MINUTES: u32 = 24 * 60;

/// One entry of a task's own list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reminder {
    MinutesBefore(u32),
    At(Timestamp),
}

/// Checks a list as it is written: at most ten, within a year before due, none twice.
pub fn parse_list(reminders: &[Reminder]) -> Result<(), Invalid> {
    let mut faults = Vec::new();
    if reminders.len() > MAX_REMINDERS {
        faults.push(FieldError::new("reminders", format!("must be at most {MAX_REMINDERS}, got {}", reminders.len())));
    }
    for (index, reminder) in reminders.iter().enumerate() {
        if let Reminder::MinutesBefore(minutes) = reminder
            && *minutes > MAX_MINUTES_BEFORE
        {
            faults.push(FieldError::new(
                format!("reminders[{index}].minutes_before"),
                format!("must be at most {MAX_MINUTES_BEFORE} (a year)"),
            ));
        }
        if reminders[..index].contains(reminder) {
            faults.push(FieldError::new(format!("reminders[{index}]"), "is in the list twice"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Invalid(faults)) }
}

/// The part of a task that its reminders follow from.
pub struct Reminding<'a> {
    pub subject: uuid::Uuid,
    pub due: Option<&'a Due>,
    /// `None` for the default list.
    pub list: Option<&'a [Reminder]>,
    pub snoozed_until: Option<Timestamp>,
    pub all_day: civil::Time,
}

impl Reminding<'_> {
    /// The timers that lie ahead at `now`. None for a moment already past, save a due-soon window that is open: that
    /// one fires at once.
    pub fn timers(&self, now: Timestamp) -> Vec<Timer> {
        let mut timers = Vec::new();
        let mut add = |kind, moment, fire_at| timers.push(Timer { kind, subject: self.subject, moment, fire_at });
        if let Some(due) = self.due
            && now < due.deadline()
        {
            let soon = due.due_soon_moment();
            add(TimerKind::DueSoon, soon, soon.max(now));
            let moment = due.reminder_moment(self.all_day);
            if moment > now {
                add(TimerKind::Due, moment, moment);
            }
        }
        for moment in self.own_moments() {
            if moment > now {
                add(TimerKind::Reminder, moment, moment);
            }
        }
        if let Some(until) = self.snoozed_until
            && until > now
        {
            add(TimerKind::Snooze, until, until);
        }
        timers
    }

    /// Moments of the task's own list that are neither `due_soon` nor `due` themselves, each once.
    fn own_moments(&self) -> Vec<Timestamp> {
        let mut moments: Vec<_> = self
            .list
            .unwrap_or_default()
            .iter()
            .filter_map(|reminder| match reminder {
                Reminder::At(at) => Some(*at),
                Reminder::MinutesBefore(0 | DUE_SOON_MINUTES) => None,
                Reminder::MinutesBefore(minutes) => {
                    let due = self.due?.reminder_moment(self.all_day);
                    due.checked_sub(SignedDuration::from_mins(i64::from(*minutes))).ok()
                }
            })
            .collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// Whether the task's own list has this moment. For a whole day any: the time at which it reminds may have moved.
    pub fn has(&self, moment: Timestamp) -> bool {
        self.due.is_some_and(Due::is_whole_day) || self.own_moments().contains(&moment)
    }

    /// Whether the person is to be told when a timer of this kind fires: the list must have it, and no snooze may
    /// hold it.
    pub fn notifies(&self, kind: TimerKind, at: Timestamp) -> bool {
        let listed = |minutes| self.list.is_none_or(|list| list.contains(&Reminder::MinutesBefore(minutes)));
        let wanted = match kind {
            TimerKind::DueSoon => listed(DUE_SOON_MINUTES),
            TimerKind::Due => listed(0),
            _ => true,
        };
        let held = kind != TimerKind::Snooze && self.snoozed_until.is_some_and(|until| until > at);
        wanted && !held
    }

    /// What the ledger shows as called off, when everything that lies ahead is.
    pub fn cancelled(&self, now: Timestamp) -> Vec<CancelledReminder> {
        let mut cancelled: Vec<CancelledReminder> = self
            .timers(now)
            .into_iter()
            .filter(|timer| self.notifies(timer.kind, timer.fire_at))
            .filter(|timer| timer.kind != TimerKind::DueSoon || timer.moment > now)
            .map(|timer| CancelledReminder { kind: notification_kind(timer.kind), moment: timer.moment })
            .collect();
        // A snooze may end at the very moment of another reminder: the ledger has one row for both.
        cancelled.sort_by_key(|reminder| (reminder.moment, reminder.kind));
        cancelled.dedup();
        cancelled
    }
}

/// What a person is told when such a timer of a task fires.
pub fn notification_kind(kind: TimerKind) -> NotificationKind {
    match kind {
        TimerKind::DueSoon => NotificationKind::DueSoon,
        TimerKind::Due => NotificationKind::Due,
        TimerKind::Reminder | TimerKind::Snooze => NotificationKind::Reminder,
        TimerKind::Slot | TimerKind::Resume => NotificationKind::Recurring,
    }
}

const _: () =
    assert!(DUE_SOON.as_secs() == DUE_SOON_MINUTES as i64 * 60, "the default list and the due-soon window agree");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Zone;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn kinds(reminding: &Reminding, now: &str) -> Vec<(TimerKind, String)> {
        reminding.timers(at(now)).into_iter().map(|timer| (timer.kind, timer.fire_at.to_string())).collect()
    }

    fn reminding<'a>(due: &'a Due, list: Option<&'a [Reminder]>) -> Reminding<'a> {
        let all_day = crate::user::DEFAULT_ALL_DAY_TIME;
        Reminding { subject: uuid::Uuid::nil(), due: Some(due), list, snoozed_until: None, all_day }
    }

    #[test]
    fn by_default_a_day_before_and_at_due() {
        let due = Due::parse("2026-01-15T17:00:00Z", Zone::utc()).unwrap();
        assert_eq!(
            kinds(&reminding(&due, None), "2026-01-01T00:00:00Z"),
            [(TimerKind::DueSoon, "2026-01-14T17:00:00Z".into()), (TimerKind::Due, "2026-01-15T17:00:00Z".into())]
        );
    }

    #[test]
    fn inside_the_window_due_soon_fires_at_once_and_after_due_nothing_does() {
        let due = Due::parse("2026-01-15T17:00:00Z", Zone::utc()).unwrap();
        assert_eq!(
            kinds(&reminding(&due, None), "2026-01-15T16:59:55Z")[0],
            (TimerKind::DueSoon, "2026-01-15T16:59:55Z".into())
        );
        assert!(kinds(&reminding(&due, None), "2026-01-15T17:00:00Z").is_empty());
    }

    #[test]
    fn an_own_list_replaces_what_is_told_but_not_what_is_published() {
        let due = Due::parse("2026-01-15T17:00:00Z", Zone::utc()).unwrap();
        let list = [Reminder::MinutesBefore(30)];
        let reminding = reminding(&due, Some(&list));
        let now = "2026-01-01T00:00:00Z";
        assert_eq!(kinds(&reminding, now).len(), 3);
        assert!(!reminding.notifies(TimerKind::Due, at(now)));
        assert!(!reminding.notifies(TimerKind::DueSoon, at(now)));
        assert!(reminding.notifies(TimerKind::Reminder, at(now)));
    }

    #[test]
    fn a_snooze_holds_what_comes_before_it() {
        let due = Due::parse("2026-01-15T17:00:00Z", Zone::utc()).unwrap();
        let mut reminding = reminding(&due, None);
        reminding.snoozed_until = Some(at("2026-01-15T18:00:00Z"));
        assert!(!reminding.notifies(TimerKind::Due, at("2026-01-15T17:00:00Z")));
        assert!(reminding.notifies(TimerKind::Snooze, at("2026-01-15T18:00:00Z")));
        assert_eq!(kinds(&reminding, "2026-01-15T17:30:00Z"), [(TimerKind::Snooze, "2026-01-15T18:00:00Z".into())]);
    }

    #[test]
    fn a_whole_day_reminds_in_the_morning() {
        let due = Due::parse("2026-07-01", Zone::parse("Europe/Berlin").unwrap()).unwrap();
        assert_eq!(
            kinds(&reminding(&due, None), "2026-06-01T00:00:00Z"),
            [(TimerKind::DueSoon, "2026-06-30T22:00:00Z".into()), (TimerKind::Due, "2026-07-01T07:00:00Z".into())]
        );
    }

    #[test]
    fn lists_with_faults() {
        assert!(parse_list(&[Reminder::MinutesBefore(5), Reminder::MinutesBefore(5)]).is_err());
        assert!(parse_list(&[Reminder::MinutesBefore(MAX_MINUTES_BEFORE + 1)]).is_err());
        assert!(parse_list(&(0..11).map(Reminder::MinutesBefore).collect::<Vec<_>>()).is_err());
        assert!(parse_list(&[Reminder::MinutesBefore(0), Reminder::MinutesBefore(1)]).is_ok());
    }
}
