//! A timer of a task fires: what is published, and whether the person is told.

use domain::{
    Change, NotificationId, Timers,
    event::{DigestData, EventType, ReminderData},
    notification::NotificationKind,
    reminder::Reminder,
    task::{Context, Fired, Task, TaskDraft, TaskPatch},
    timer::{Timer, TimerKind},
};
use jiff::civil;
use uuid::Uuid;

use super::{DUE, assert_nothing, assert_one_on, context, create, draft, due, event, replaced, task, with_reminders};
use crate::recurrence::at;

/// The timer of this kind that such a task has, made on the first of January.
fn timer(task: &Task, kind: TimerKind) -> Timer {
    let timers = task.reminding(context(DUE).all_day).timers(at("2026-01-01T12:00:00Z"));
    timers.into_iter().find(|timer| timer.kind == kind).unwrap()
}

fn fire(task: &Task, kind: TimerKind, now: &str) -> Change<Task> {
    task.clone().fire(Fired::from(timer(task, kind)), None, &context(now))
}

fn told(change: &Change<Task>) -> ReminderData {
    event(change).1.reminder.unwrap()
}

#[test]
fn the_due_moment_is_told_once() {
    let change = fire(&task(), TimerKind::Due, DUE);
    assert_one_on(&change, 1);
    assert_eq!((event(&change).0, change.timers.clone()), (EventType::TaskDue, Timers::Keep));
    assert!(change.state.notified);
    assert_eq!(change.state.updated_at, task().updated_at, "nobody edited it");
    let data = told(&change);
    assert_eq!((data.kind, data.moment, data.notify, data.late), (NotificationKind::Due, at(DUE), true, false));
    assert_nothing(&fire(&change.state, TimerKind::Due, DUE), &change.state);
}

#[test]
fn due_soon_and_an_own_reminder_are_told() {
    let soon = fire(&task(), TimerKind::DueSoon, "2026-01-14T17:00:00Z");
    assert_eq!((event(&soon).0, told(&soon).notify), (EventType::TaskDueSoon, true));
    assert!(!soon.state.notified);
    let own = with_reminders(&[Reminder::MinutesBefore(30)]);
    let change = fire(&own, TimerKind::Reminder, "2026-01-15T16:30:00Z");
    assert_eq!((event(&change).0, told(&change).kind), (EventType::TaskReminder, NotificationKind::Reminder));
    // What the list leaves out is published all the same.
    for kind in [TimerKind::DueSoon, TimerKind::Due] {
        assert!(!told(&fire(&own, kind, "2026-01-15T17:00:00Z")).notify);
    }
}

#[test]
fn more_than_a_minute_later_it_is_late() {
    assert!(!told(&fire(&task(), TimerKind::Due, "2026-01-15T17:01:00Z")).late);
    let late = told(&fire(&task(), TimerKind::Due, "2026-01-15T17:01:00.000001Z"));
    assert!(late.late && late.notify, "late, but told");
    // Fired at once inside the window it is not late, however long ago the window opened.
    let made = create(draft(), "2026-01-15T12:00:00Z");
    let timer = replaced(&made).into_iter().find(|timer| timer.kind == TimerKind::DueSoon).unwrap();
    let change = made.state.fire(Fired::from(timer), None, &context("2026-01-15T12:00:01Z"));
    let data = told(&change);
    assert_eq!(
        (data.late, data.moment, data.planned_at),
        (false, at("2026-01-14T17:00:00Z"), at("2026-01-15T12:00:00Z"))
    );
}

#[test]
fn due_soon_gives_way_to_a_due_moment_that_has_come_too() {
    let change = fire(&task(), TimerKind::DueSoon, DUE);
    assert_eq!((event(&change).0, told(&change).notify), (EventType::TaskDueSoon, false));
    assert!(told(&fire(&task(), TimerKind::DueSoon, "2026-01-15T16:59:59Z")).notify);
    assert!(told(&fire(&task(), TimerKind::Due, "2026-01-15T19:00:00Z")).notify);
}

#[test]
fn a_snooze_holds_what_comes_before_it_and_then_tells() {
    let until = "2026-01-15T18:00:00Z";
    let snoozed = task().snooze(at(until), &context("2026-01-15T16:00:00Z")).unwrap().state;
    let held = fire(&snoozed, TimerKind::Due, DUE);
    assert!(!told(&held).notify && held.state.notified);
    let back = fire(&held.state, TimerKind::Snooze, until);
    assert_eq!(
        (event(&back).0, told(&back).notify, told(&back).kind),
        (EventType::TaskReminder, true, NotificationKind::Reminder)
    );
    assert_eq!(back.state.snoozed_until, None);
    assert_one_on(&back, held.state.version);
    // Snoozed on, the old snooze is none.
    let on = snoozed.clone().snooze(at("2026-01-15T20:00:00Z"), &context("2026-01-15T17:30:00Z")).unwrap().state;
    let stale = Fired::from(timer(&snoozed, TimerKind::Snooze));
    assert_nothing(&on.clone().fire(stale, None, &context(until)), &on);
}

#[test]
fn a_timer_that_has_outlived_its_reason_tells_nothing() {
    let own =
        with_reminders(&[Reminder::MinutesBefore(24 * 60), Reminder::MinutesBefore(0), Reminder::MinutesBefore(30)]);
    let now = context("2026-01-02T12:00:00Z");
    let done = own.clone().complete(&now).unwrap().state;
    let gone = own.clone().trash(&now).state;
    let later = TaskPatch { due: Some(Some(due("2026-02-15T17:00:00Z"))), ..TaskPatch::default() };
    let moved = own.clone().edit(later, &now).unwrap().state;
    let cleared = own.clone().edit(TaskPatch { due: Some(None), ..TaskPatch::default() }, &now).unwrap().state;
    for kind in [TimerKind::DueSoon, TimerKind::Due] {
        let stale = Fired::from(timer(&own, kind));
        for task in [&done, &gone, &moved, &cleared] {
            assert_nothing(&task.clone().fire(stale, None, &context("2026-01-15T17:00:00Z")), task);
        }
    }
    for kind in [TimerKind::Slot, TimerKind::Resume] {
        let strange = Fired { kind, moment: at(DUE), planned_at: at(DUE) };
        assert_nothing(&own.clone().fire(strange, None, &context(DUE)), &own);
    }
}

#[test]
fn a_whole_day_is_told_whenever_that_person_wants_to_be_reminded() {
    let made = create(TaskDraft { due: Some(due("2026-01-15")), ..draft() }, "2026-01-01T12:00:00Z");
    let timer = replaced(&made).into_iter().find(|timer| timer.kind == TimerKind::Due).unwrap();
    assert_eq!(timer.fire_at, at("2026-01-15T08:00:00Z"));
    // The time was moved after the timer was planned.
    let noon = Context { all_day: civil::time(12, 0, 0, 0), ..context("2026-01-15T08:00:00Z") };
    let change = made.state.clone().fire(Fired::from(timer), None, &noon);
    assert!(told(&change).notify && change.state.notified);
    // The day was moved: the timer of the old one is none of the new one's.
    let patch = TaskPatch { due: Some(Some(due("2026-01-16"))), ..TaskPatch::default() };
    let moved = made.state.edit(patch, &context("2026-01-02T12:00:00Z")).unwrap().state;
    assert_nothing(&moved.clone().fire(Fired::from(timer), None, &context("2026-01-15T08:00:00Z")), &moved);
}

#[test]
fn only_what_is_told_folds_into_a_digest() {
    let digest = DigestData { id: NotificationId(Uuid::from_u128(5)), count: 12 };
    let fires = |task: Task| {
        let due = Fired::from(timer(&task, TimerKind::Due));
        told(&task.fire(due, Some(digest.clone()), &context("2026-01-16T17:00:00Z"))).digest
    };
    assert_eq!(fires(task()), Some(digest.clone()));
    assert_eq!(fires(with_reminders(&[Reminder::MinutesBefore(30)])), None);
}
