//! What becomes of reminders when a task changes at an awkward moment. Each was a fault once.

use domain::{
    Due, TaskId, Timers, Timestamp, Title, UserId, Zone,
    event::{Actor, EventData},
    reminder::Reminder,
    task::{Context, Fired, Task, TaskDraft, TaskPatch},
    timer::TimerKind,
    user::DEFAULT_ALL_DAY_TIME,
};
use uuid::Uuid;

const DUE: &str = "2026-11-26T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn context(moment: &str) -> Context {
    Context { at: at(moment), actor: Actor::Scheduler, all_day: DEFAULT_ALL_DAY_TIME }
}

fn task(reminders: Option<Vec<Reminder>>) -> Task {
    let due = Due::parse(DUE, Zone::utc()).unwrap();
    let draft = TaskDraft { due: Some(due), reminders, ..TaskDraft::titled(Title::parse("Pay the rent").unwrap()) };
    Task::create(TaskId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)), draft, &context("2026-11-01T00:00:00Z")).state
}

fn fired(kind: TimerKind, moment: &str) -> Fired {
    Fired { kind, moment: at(moment), planned_at: at(moment) }
}

fn told(task: Task, fired: Fired, now: &str) -> Option<bool> {
    let change = task.fire(fired, None, &context(now));
    change.events.first().map(|event| {
        let EventData::Task(data) = &event.data else { panic!("an event of a task") };
        data.reminder.as_ref().unwrap().notify
    })
}

/// Its due moment has come and its timer is on its way when the list changes: the timer must survive the change.
#[test]
fn a_changed_list_leaves_what_is_on_its_way() {
    let patch = TaskPatch { reminders: Some(Some(vec![Reminder::MinutesBefore(0)])), ..TaskPatch::default() };
    let change = task(None).edit(patch, &context("2026-11-26T12:00:00.1Z")).unwrap();
    let Timers::ReplaceAhead { now, timers } = change.timers else { panic!("only what lies ahead is replaced") };
    assert_eq!(now, at("2026-11-26T12:00:00.1Z"));
    assert!(timers.is_empty());
    assert_eq!(told(change.state, fired(TimerKind::Due, DUE), "2026-11-26T12:00:00.2Z"), Some(true));
}

#[test]
fn what_is_on_its_way_but_left_the_list_says_nothing() {
    let before = task(Some(vec![Reminder::MinutesBefore(30)]));
    let half_an_hour = fired(TimerKind::Reminder, "2026-11-26T11:30:00Z");
    assert_eq!(told(before.clone(), half_an_hour, "2026-11-26T11:30:00Z"), Some(true));
    let patch = TaskPatch { reminders: Some(Some(vec![Reminder::MinutesBefore(5)])), ..TaskPatch::default() };
    let after = before.edit(patch, &context("2026-11-26T11:30:00.1Z")).unwrap().state;
    assert_eq!(told(after, half_an_hour, "2026-11-26T11:30:00.2Z"), None);
}

/// Nobody is told at due, so the due-soon reminder must not give way to it.
#[test]
fn a_day_before_only_is_told_after_a_long_stop_too() {
    let only = task(Some(vec![Reminder::MinutesBefore(1440)]));
    assert_eq!(told(only, fired(TimerKind::DueSoon, "2026-11-25T12:00:00Z"), "2026-11-26T13:00:00Z"), Some(true));
    assert_eq!(
        told(task(None), fired(TimerKind::DueSoon, "2026-11-25T12:00:00Z"), "2026-11-26T13:00:00Z"),
        Some(false)
    );
}

#[test]
fn undoing_a_completion_brings_the_snooze_back() {
    let snoozed = task(None).snooze(at("2026-11-26T15:00:00Z"), &context("2026-11-26T11:00:00Z")).unwrap().state;
    let done = snoozed.complete(&context("2026-11-26T13:00:00Z")).unwrap();
    assert_eq!(done.timers, Timers::Replace(Vec::new()));
    let undone = done.state.reopen(&context("2026-11-26T13:01:00Z")).unwrap();
    let Timers::Replace(timers) = undone.timers else { panic!("a reopened task has its timers") };
    assert_eq!(timers.iter().map(|timer| timer.kind).collect::<Vec<_>>(), [TimerKind::Snooze]);
}

/// The ledger has one row for a kind and a moment: naming it twice stopped the consumer on PostgreSQL.
#[test]
fn a_snooze_to_the_moment_of_a_reminder_is_called_off_once() {
    let until = at("2026-11-26T11:00:00Z");
    let snoozed = task(Some(vec![Reminder::At(until)])).snooze(until, &context("2026-11-26T10:00:00Z")).unwrap().state;
    let done = snoozed.complete(&context("2026-11-26T10:30:00Z")).unwrap();
    let EventData::Task(data) = &done.events[0].data else { panic!("an event of a task") };
    assert_eq!(data.cancelled_reminders.len(), 1);
}
