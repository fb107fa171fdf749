//! Editing a task.

use domain::{
    Tag, Timers, Title,
    event::EventType,
    notification::NotificationKind,
    reminder::Reminder,
    task::{Fired, Priority, Task, TaskPatch},
    timer::TimerKind,
};

use super::{assert_nothing, assert_one_on, context, due, event, replaced, task, timers, with_reminders};
use crate::recurrence::at;

const NOW: &str = "2026-01-10T12:00:00Z";

fn moved(to: &str) -> TaskPatch {
    TaskPatch { due: Some(Some(due(to))), ..TaskPatch::default() }
}

fn listed(list: &[Reminder]) -> TaskPatch {
    TaskPatch { reminders: Some(Some(list.to_vec())), ..TaskPatch::default() }
}

/// Its due moment came and was told.
fn notified() -> Task {
    let timers = replaced(&super::create(super::draft(), "2026-01-01T12:00:00Z"));
    let timer = timers.into_iter().find(|timer| timer.kind == TimerKind::Due).unwrap();
    let told = task().fire(Fired::from(timer), None, &context(super::DUE)).state;
    assert!(told.notified);
    told
}

#[test]
fn what_changes_nothing_is_no_change() {
    let before = task();
    assert_nothing(&before.clone().edit(TaskPatch::default(), &context(NOW)).unwrap(), &before);
    let same = TaskPatch { title: Some(before.title.clone()), ..moved(super::DUE) };
    assert_nothing(&before.clone().edit(same, &context(NOW)).unwrap(), &before);
}

#[test]
fn only_what_really_changed_is_named_and_timers_stay() {
    let patch = TaskPatch {
        title: Some(Title::parse("Buy oat milk").unwrap()),
        priority: Some(Priority::High),
        tags: Some(vec![Tag::parse("shop").unwrap()]),
        description: Some(domain::Description::empty()),
        ..TaskPatch::default()
    };
    let change = task().edit(patch, &context(NOW)).unwrap();
    assert_one_on(&change, 1);
    assert_eq!(change.timers, Timers::Keep);
    let (event_type, data) = event(&change);
    assert_eq!(
        (event_type, data.changed),
        (EventType::TaskUpdated, ["title", "priority", "tags"].map(String::from).to_vec())
    );
    assert!(data.cancelled_reminders.is_empty());
}

#[test]
fn a_due_date_that_moves_takes_its_reminders_with_it() {
    let change = task().edit(moved("2026-02-15T17:00:00Z"), &context(NOW)).unwrap();
    assert_eq!(
        timers(&change),
        [(TimerKind::DueSoon, "2026-02-14T17:00:00Z".into()), (TimerKind::Due, "2026-02-15T17:00:00Z".into())]
    );
    let cancelled: Vec<_> = event(&change).1.cancelled_reminders.iter().map(|c| c.moment).collect();
    assert_eq!(cancelled, [at("2026-01-14T17:00:00Z"), at("2026-01-15T17:00:00Z")]);
    let cleared = task().edit(TaskPatch { due: Some(None), ..TaskPatch::default() }, &context(NOW)).unwrap();
    assert!(timers(&cleared).is_empty());
    assert_eq!(event(&cleared).1.cancelled_reminders.len(), 2);
}

#[test]
fn moved_into_the_window_it_is_due_soon_at_once_and_into_the_past_never() {
    let soon = task().edit(moved("2026-01-11T11:00:00Z"), &context(NOW)).unwrap();
    assert_eq!(timers(&soon)[0], (TimerKind::DueSoon, "2026-01-10T12:00:00Z".into()));
    let past = task().edit(moved("2026-01-10T11:00:00Z"), &context(NOW)).unwrap();
    assert!(timers(&past).is_empty());
}

#[test]
fn a_due_date_that_moves_may_be_told_again() {
    let change = notified().edit(moved("2026-02-15T17:00:00Z"), &context("2026-01-16T12:00:00Z")).unwrap();
    assert!(!change.state.notified);
    assert_eq!(timers(&change).len(), 2);
    let renamed = TaskPatch { title: Some(Title::parse("x").unwrap()), ..TaskPatch::default() };
    assert!(notified().edit(renamed, &context("2026-01-16T12:00:00Z")).unwrap().state.notified);
}

#[test]
fn a_due_date_that_moves_ends_a_snooze() {
    let snoozed = task().snooze(at("2026-01-12T12:00:00Z"), &context(NOW)).unwrap().state;
    let renamed = TaskPatch { title: Some(Title::parse("x").unwrap()), ..TaskPatch::default() };
    let kept = snoozed.clone().edit(renamed, &context(NOW)).unwrap();
    assert!(kept.state.snoozed_until.is_some());
    let change = snoozed.edit(moved("2026-02-15T17:00:00Z"), &context(NOW)).unwrap();
    assert_eq!(change.state.snoozed_until, None);
    assert!(timers(&change).iter().all(|(kind, _)| *kind != TimerKind::Snooze));
    let cancelled: Vec<_> = event(&change).1.cancelled_reminders.iter().map(|c| c.kind).collect();
    assert!(cancelled.contains(&NotificationKind::Reminder), "the ledger learns of the snooze too");
}

#[test]
fn a_new_list_calls_off_only_what_it_leaves_out() {
    let before = with_reminders(&[Reminder::MinutesBefore(30), Reminder::MinutesBefore(60)]);
    let change =
        before.edit(listed(&[Reminder::MinutesBefore(60), Reminder::MinutesBefore(0)]), &context(NOW)).unwrap();
    let cancelled: Vec<_> = event(&change).1.cancelled_reminders.iter().map(|c| (c.kind, c.moment)).collect();
    assert_eq!(cancelled, [(NotificationKind::Reminder, at("2026-01-15T16:30:00Z"))]);
    let kinds: Vec<_> = timers(&change).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [TimerKind::DueSoon, TimerKind::Due, TimerKind::Reminder]);
}

#[test]
fn a_new_list_does_not_open_a_window_that_was_open() {
    let now = "2026-01-15T12:00:00Z";
    let change = task().edit(listed(&[Reminder::MinutesBefore(24 * 60)]), &context(now)).unwrap();
    assert!(timers(&change).iter().all(|(kind, _)| *kind != TimerKind::DueSoon));
}

#[test]
fn what_is_done_plans_nothing_until_it_is_open_again() {
    let done = task().complete(&context(NOW)).unwrap().state;
    let change = done.edit(moved("2026-02-15T17:00:00Z"), &context(NOW)).unwrap();
    assert_eq!(change.timers, Timers::Keep);
    let open = change.state.reopen(&context(NOW)).unwrap();
    assert_eq!(timers(&open)[1], (TimerKind::Due, "2026-02-15T17:00:00Z".into()));
}

#[test]
fn a_tag_goes_also_from_the_trash() {
    let tag = Tag::parse("shop").unwrap();
    let tagged = TaskPatch { tags: Some(vec![tag.clone()]), ..TaskPatch::default() };
    let trashed = task().edit(tagged, &context(NOW)).unwrap().state.trash(&context(NOW)).state;
    let change = trashed.untag(&tag, &context(NOW));
    assert!(change.state.tags.is_empty());
    assert_eq!((change.timers.clone(), event(&change).1.changed), (Timers::Keep, vec!["tags".to_owned()]));
    assert_nothing(&change.state.clone().untag(&tag, &context(NOW)), &change.state);
}
