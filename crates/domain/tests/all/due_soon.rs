//! When a due-soon reminder is told, and when the due reminder says it instead.

use domain::{
    Due, TaskId, Timestamp, Title, UserId, Zone,
    event::{Actor, EventData},
    task::{Context, Fired, Task, TaskDraft},
    timer::TimerKind,
    user::DEFAULT_ALL_DAY_TIME,
};
use uuid::Uuid;

fn context(at: &str) -> Context {
    Context { at: at.parse().unwrap(), actor: Actor::Scheduler, all_day: DEFAULT_ALL_DAY_TIME }
}

/// Whether the person is told when the due-soon timer of a task, made at `made`, fires at `fires`.
fn told(due: &str, made: &str, fires: &str) -> bool {
    let due = Due::parse(due, Zone::parse("Europe/Berlin").unwrap()).unwrap();
    let draft = TaskDraft { due: Some(due), ..TaskDraft::titled(Title::parse("Pay the rent").unwrap()) };
    let made = Task::create(TaskId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)), draft, &context(made));
    let domain::Timers::Replace(timers) = made.timers else { panic!("a new task has timers") };
    let timer = timers.into_iter().find(|timer| timer.kind == TimerKind::DueSoon).unwrap();
    let change = made.state.fire(Fired::from(timer), None, &context(fires));
    let EventData::Task(data) = &change.events[0].data else { panic!("an event of a task") };
    data.reminder.as_ref().unwrap().notify
}

#[test]
fn at_its_moment_and_at_once_inside_the_window() {
    assert!(told("2026-11-26T12:00:00Z", "2026-11-01T00:00:00Z", "2026-11-25T12:00:00Z"));
    assert!(told("2026-11-26T12:00:00Z", "2026-11-26T11:00:00Z", "2026-11-26T11:00:00Z"));
}

/// Its reminder at 09:00 is past already: nothing else would tell of it.
#[test]
fn a_whole_day_made_after_its_reminder_of_the_morning() {
    assert!(told("2026-11-24", "2026-11-24T11:00:00Z", "2026-11-24T11:00:00Z"));
}

#[test]
fn not_when_everything_slept_until_the_due_reminder() {
    assert!(!told("2026-11-26T12:00:00Z", "2026-11-01T00:00:00Z", "2026-11-26T12:00:01Z"));
    let moment: Timestamp = "2026-11-26T11:59:59Z".parse().unwrap();
    assert!(told("2026-11-26T12:00:00Z", "2026-11-01T00:00:00Z", &moment.to_string()));
}
