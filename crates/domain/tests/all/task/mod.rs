//! Tasks: what each change of one does to its timers, its events and its version.

mod editing;
mod firing;
mod lifecycle;

use domain::{
    Change, Due, TaskId, Timers, Title, UserId, Zone,
    event::{Actor, EventData, EventType, TaskData},
    reminder::Reminder,
    task::{Context, Task, TaskDraft},
    timer::{Timer, TimerKind},
    user::DEFAULT_ALL_DAY_TIME,
};
use uuid::Uuid;

use crate::recurrence::at;

/// Due at this moment, if nothing else is said.
pub const DUE: &str = "2026-01-15T17:00:00Z";

pub fn context(now: &str) -> Context {
    Context { at: at(now), actor: Actor::Scheduler, all_day: DEFAULT_ALL_DAY_TIME }
}

pub fn due(text: &str) -> Due {
    Due::parse(text, Zone::parse("Europe/Berlin").unwrap()).unwrap()
}

pub fn draft() -> TaskDraft {
    TaskDraft { due: Some(due(DUE)), ..TaskDraft::titled(Title::parse("Buy milk").unwrap()) }
}

pub fn create(draft: TaskDraft, now: &str) -> Change<Task> {
    Task::create(TaskId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)), draft, &context(now))
}

/// Made on the first of January, due on the fifteenth.
pub fn task() -> Task {
    create(draft(), "2026-01-01T12:00:00Z").state
}

pub fn with_reminders(list: &[Reminder]) -> Task {
    create(TaskDraft { reminders: Some(list.to_vec()), ..draft() }, "2026-01-01T12:00:00Z").state
}

/// Kind and time of each timer that takes the place of those before, or of those of them that lie ahead.
pub fn timers(change: &Change<Task>) -> Vec<(TimerKind, String)> {
    replaced(change).into_iter().map(|timer| (timer.kind, timer.fire_at.to_string())).collect()
}

pub fn replaced(change: &Change<Task>) -> Vec<Timer> {
    match &change.timers {
        Timers::Replace(timers) | Timers::ReplaceAhead { timers, .. } => timers.clone(),
        Timers::Keep => panic!("the timers are kept"),
    }
}

/// The one event of a change, and what it says.
pub fn event(change: &Change<Task>) -> (EventType, TaskData) {
    let [event] = change.events.as_slice() else { panic!("one event: {:?}", change.events) };
    assert_eq!(event.version, change.state.version);
    let EventData::Task(data) = &event.data else { panic!("an event of a task") };
    assert_eq!(data.task, change.state.snapshot());
    (event.event_type, (**data).clone())
}

/// That a change moved the version on by one, from the one that it was decided on.
pub fn assert_one_on(change: &Change<Task>, before: i64) {
    assert_eq!((change.from_version, change.state.version), (before, before + 1));
}

pub fn assert_nothing(change: &Change<Task>, before: &Task) {
    assert!(change.is_none());
    assert_eq!((&change.state, change.from_version), (before, before.version));
}
