//! Completing, reopening, trashing, restoring and snoozing.

use domain::{
    event::EventType,
    notification::NotificationKind,
    reminder::Reminder,
    task::{TaskDraft, TaskError},
    timer::TimerKind,
};

use super::{assert_nothing, assert_one_on, context, create, draft, due, event, task, timers, with_reminders};
use crate::recurrence::at;

const NOW: &str = "2026-01-10T12:00:00Z";

#[test]
fn a_new_task_plans_its_reminders() {
    let made = create(draft(), NOW);
    assert_eq!((made.from_version, made.state.version), (0, 1));
    assert_eq!(
        timers(&made),
        [(TimerKind::DueSoon, "2026-01-14T17:00:00Z".into()), (TimerKind::Due, "2026-01-15T17:00:00Z".into())]
    );
    assert_eq!(event(&made).0, EventType::TaskCreated);
    let overdue = create(draft(), "2026-01-15T17:00:00Z");
    assert!(timers(&overdue).is_empty(), "created overdue it reminds of nothing");
}

#[test]
fn completing_calls_off_what_lies_ahead() {
    let done = task().complete(&context(NOW)).unwrap();
    assert_one_on(&done, 1);
    assert_eq!((done.state.completed_at, done.state.updated_at), (Some(at(NOW)), at(NOW)));
    assert!(timers(&done).is_empty());
    let (event_type, data) = event(&done);
    assert_eq!((event_type, data.changed.as_slice()), (EventType::TaskCompleted, ["completed".to_owned()].as_slice()));
    let cancelled: Vec<_> = data.cancelled_reminders.iter().map(|c| (c.kind, c.moment)).collect();
    assert_eq!(
        cancelled,
        [(NotificationKind::DueSoon, at("2026-01-14T17:00:00Z")), (NotificationKind::Due, at("2026-01-15T17:00:00Z"))]
    );
    // In the window, due-soon has been told: only what has not is called off.
    let late = task().complete(&context("2026-01-15T12:00:00Z")).unwrap();
    let cancelled = event(&late).1.cancelled_reminders;
    assert_eq!(cancelled.iter().map(|c| c.kind).collect::<Vec<_>>(), [NotificationKind::Due]);
}

#[test]
fn what_the_list_leaves_out_is_not_called_off() {
    let done = with_reminders(&[Reminder::MinutesBefore(30)]).complete(&context(NOW)).unwrap();
    let cancelled: Vec<_> = event(&done).1.cancelled_reminders.iter().map(|c| (c.kind, c.moment)).collect();
    assert_eq!(cancelled, [(NotificationKind::Reminder, at("2026-01-15T16:30:00Z"))]);
}

#[test]
fn completing_twice_changes_nothing() {
    let done = task().complete(&context(NOW)).unwrap().state;
    assert_nothing(&done.clone().complete(&context("2026-01-11T12:00:00Z")).unwrap(), &done);
    let open = task();
    assert_nothing(&open.clone().reopen(&context(NOW)).unwrap(), &open);
}

#[test]
fn reopened_it_reminds_of_what_still_lies_ahead() {
    let done = task().complete(&context(NOW)).unwrap().state;
    let open = done.clone().reopen(&context("2026-01-11T12:00:00Z")).unwrap();
    assert_one_on(&open, 2);
    assert_eq!(open.state.completed_at, None);
    assert_eq!(timers(&open).len(), 2);
    assert_eq!(event(&open).0, EventType::TaskUpdated);
    let overdue = done.reopen(&context("2026-02-01T12:00:00Z")).unwrap();
    assert!(timers(&overdue).is_empty());
}

#[test]
fn in_the_trash_only_restoring_and_trashing_are_possible() {
    let trashed = task().trash(&context(NOW));
    assert_one_on(&trashed, 1);
    assert_eq!((event(&trashed).0, trashed.state.deleted_at), (EventType::TaskDeleted, Some(at(NOW))));
    assert!(timers(&trashed).is_empty());
    assert_eq!(event(&trashed).1.cancelled_reminders.len(), 2);
    let gone = trashed.state;
    let now = context("2026-01-11T12:00:00Z");
    assert_nothing(&gone.clone().trash(&now), &gone);
    assert_eq!(gone.clone().complete(&now).unwrap_err(), TaskError::InTrash);
    assert_eq!(gone.clone().reopen(&now).unwrap_err(), TaskError::InTrash);
    assert_eq!(gone.clone().snooze(at("2026-01-12T12:00:00Z"), &now).unwrap_err(), TaskError::InTrash);
    assert_eq!(gone.clone().edit(Default::default(), &now).unwrap_err(), TaskError::InTrash);
    let back = gone.restore(&now);
    assert_one_on(&back, 2);
    assert_eq!((event(&back).0, back.state.deleted_at, timers(&back).len()), (EventType::TaskUpdated, None, 2));
    assert_nothing(&back.state.clone().restore(&now), &back.state);
}

#[test]
fn what_was_done_when_it_went_to_the_trash_is_done_when_it_comes_back() {
    let done = task().complete(&context(NOW)).unwrap().state;
    let trashed = done.trash(&context(NOW));
    assert!(event(&trashed).1.cancelled_reminders.is_empty(), "they were called off before");
    let back = trashed.state.restore(&context(NOW));
    assert_eq!(back.state.completed_at, Some(at(NOW)));
    assert!(timers(&back).is_empty());
}

#[test]
fn a_snooze_moves_the_reminder_and_never_the_due_date() {
    let until = at("2026-01-15T18:00:00Z");
    let snoozed = task().snooze(until, &context("2026-01-15T16:00:00Z")).unwrap();
    assert_one_on(&snoozed, 1);
    assert_eq!((snoozed.state.snoozed_until, &snoozed.state.due), (Some(until), &Some(due(super::DUE))));
    // The due moment is still published; it is the snooze that tells. The open window is not told of again.
    assert_eq!(
        timers(&snoozed),
        [(TimerKind::Due, "2026-01-15T17:00:00Z".into()), (TimerKind::Snooze, "2026-01-15T18:00:00Z".into())]
    );
    let (event_type, data) = event(&snoozed);
    assert_eq!((event_type, data.changed), (EventType::TaskUpdated, vec!["snoozed_until".to_owned()]));
    let again = snoozed.state.snooze(at("2026-01-15T19:00:00Z"), &context("2026-01-15T16:30:00Z")).unwrap();
    assert_eq!(timers(&again)[1], (TimerKind::Snooze, "2026-01-15T19:00:00Z".into()));
}

#[test]
fn a_snooze_lies_ahead_at_most_a_year_and_of_an_open_task() {
    for until in ["2026-01-10T12:00:00Z", "2026-01-09T12:00:00Z", "2027-01-11T12:00:00.000001Z"] {
        let refused = task().snooze(at(until), &context(NOW));
        assert_eq!(refused.unwrap_err(), TaskError::SnoozeOutOfRange, "{until}");
    }
    assert!(task().snooze(at("2027-01-11T12:00:00Z"), &context(NOW)).is_ok());
    let done = task().complete(&context(NOW)).unwrap().state;
    assert_eq!(done.snooze(at("2026-01-12T12:00:00Z"), &context(NOW)).unwrap_err(), TaskError::Completed);
}

#[test]
fn a_snooze_is_called_off_with_the_rest_and_comes_back_with_it() {
    let snoozed = || task().snooze(at("2026-01-12T12:00:00Z"), &context(NOW)).unwrap().state;
    let now = context("2026-01-11T12:00:00Z");
    let kinds = |change: &domain::Change<domain::task::Task>| {
        event(change).1.cancelled_reminders.iter().map(|c| c.kind).collect::<Vec<_>>()
    };
    let all = [NotificationKind::Reminder, NotificationKind::DueSoon, NotificationKind::Due];
    let done = snoozed().complete(&now).unwrap();
    assert_eq!((kinds(&done), timers(&done)), (all.to_vec(), Vec::new()));
    let trashed = snoozed().trash(&now);
    assert_eq!((kinds(&trashed), timers(&trashed)), (all.to_vec(), Vec::new()));
    for back in [done.state.reopen(&now).unwrap(), trashed.state.restore(&now)] {
        assert!(timers(&back).contains(&(TimerKind::Snooze, "2026-01-12T12:00:00Z".into())));
    }
}

#[test]
fn a_task_without_a_due_date_reminds_only_by_its_list() {
    let list = vec![Reminder::MinutesBefore(30), Reminder::At(at("2026-01-12T12:00:00Z"))];
    let made = create(TaskDraft { due: None, reminders: Some(list), ..draft() }, NOW);
    assert_eq!(timers(&made), [(TimerKind::Reminder, "2026-01-12T12:00:00Z".into())]);
}
