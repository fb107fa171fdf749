//! Which tasks a rule makes, when, and whether they are told of.

use domain::{
    Due, Timers,
    event::{EventData, EventType},
    notification::NotificationKind,
    recurrence::{Pattern, RecurrenceType, Rule, RuleInput},
    recurring_task::{CATCH_UP_CAP, CatchUp, OverridePatch, Phase, RecurringTaskDraft},
    reminder::Reminder,
    timer::TimerKind,
};

use super::{World, context, daily, draft, title, told};
use crate::recurrence::{at, date, input};

fn weekly() -> Rule {
    Rule::parse(input(Pattern::every(RecurrenceType::Weekly, 1), "2025-01-01T09:00", "UTC")).unwrap()
}

fn every_day(change: impl FnOnce(&mut RecurringTaskDraft)) -> RecurringTaskDraft {
    let mut draft = draft(Rule::parse(daily()).unwrap());
    change(&mut draft);
    draft
}

#[test]
fn a_slot_of_today_that_has_passed_is_made_at_once() {
    let world = World::create(draft(weekly()), "2025-01-01T12:00:00Z");
    assert_eq!(world.slots(), ["2025-01-01T09:00:00Z"]);
    assert_eq!(world.next().unwrap(), "2025-01-08T09:00:00Z");
    assert_eq!(world.events, [EventType::RecurringTaskCreated]);
    assert_eq!(world.rule.last_created_at, Some(at("2025-01-01T12:00:00Z")));
    // It is shown as overdue, and nobody is told.
    assert!(!told(&world.tasks[0]).notify);
    assert!(!world.tasks[0].state.notified);
    assert_eq!(world.tasks[0].timers, Timers::Replace(Vec::new()));
}

#[test]
fn today_is_the_local_one() {
    // In Auckland it is the second already.
    let rule = || Rule::parse(input(Pattern::every(RecurrenceType::Weekly, 1), "2025-01-02T01:00", "Pacific/Auckland"));
    let world = World::create(draft(rule().unwrap()), "2025-01-01T20:00:00Z");
    assert_eq!(world.slots(), ["2025-01-01T12:00:00Z"]);
    let world = World::create(draft(rule().unwrap()), "2025-01-02T11:00:00Z");
    assert!(world.slots().is_empty(), "the second is over there");
}

#[test]
fn slots_of_other_days_are_passed_over() {
    let world = World::create(draft(weekly()), "2025-03-06T12:00:00Z");
    assert!(world.slots().is_empty());
    assert_eq!(world.next().unwrap(), "2025-03-12T09:00:00Z");
    assert_eq!(world.rule.last_created_at, None);
}

#[test]
fn a_slot_of_today_that_lies_ahead_comes_at_its_time() {
    let mut world = World::create(draft(weekly()), "2025-01-01T08:59:59Z");
    assert!(world.slots().is_empty());
    world.wake("2025-01-01T09:00:00Z");
    assert_eq!(world.slots(), ["2025-01-01T09:00:00Z"]);
    let told = told(&world.tasks[0]);
    assert!((told.notify, told.late, told.kind) == (true, false, NotificationKind::Recurring));
    assert!(world.tasks[0].state.notified, "the slot is the due moment: told once");
    assert_eq!(world.tasks[0].timers, Timers::Replace(Vec::new()));
}

#[test]
fn a_rule_of_the_future_begins_at_its_start() {
    let mut world = World::create(draft(weekly()), "2024-11-01T12:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-01T09:00:00Z");
    world.wake("2024-12-31T12:00:00Z");
    assert!(world.slots().is_empty());
    world.wake("2025-01-01T09:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-08T09:00:00Z");
}

#[test]
fn a_rule_that_is_over_is_kept_and_makes_nothing() {
    let over = Rule::parse(RuleInput { end_date: Some(date("2025-01-10")), ..daily() }).unwrap();
    let world = World::create(draft(over), "2025-02-01T00:00:00Z");
    assert_eq!((world.rule.phase, world.rule.is_active(), world.next()), (Phase::Ended, false, None));
    assert!(world.tasks.is_empty() && world.timer.is_none());
    // Its last slot is today's, and has passed.
    let last = Rule::parse(RuleInput { end_date: Some(date("2025-01-10")), ..daily() }).unwrap();
    let world = World::create(draft(last), "2025-01-10T10:00:00Z");
    assert_eq!((world.slots().len(), world.rule.phase), (1, Phase::Ended));
}

#[test]
fn after_the_last_slot_an_event_says_that_it_is_over() {
    for end in [RuleInput { end_date: Some(date("2025-01-03")), ..daily() }, RuleInput { count: Some(3), ..daily() }] {
        let mut world = World::create(draft(Rule::parse(end).unwrap()), "2024-12-31T00:00:00Z");
        world.run_until(at("2025-06-01T00:00:00Z"));
        assert_eq!(world.slots(), ["2025-01-01T09:00:00Z", "2025-01-02T09:00:00Z", "2025-01-03T09:00:00Z"]);
        assert!(!world.rule.is_active());
        let ends = world.events.iter().filter(|event| **event == EventType::RecurringTaskEnded).count();
        assert_eq!((ends, world.events.last()), (1, Some(&EventType::RecurringTaskEnded)));
    }
}

/// Everything stood still from the second of January until the tenth, half past nine.
fn after_a_stop(catch_up: CatchUp) -> World {
    let mut world = World::create(every_day(|draft| draft.catch_up = catch_up), "2025-01-01T12:00:00Z");
    world.wake("2025-01-10T09:30:00Z");
    world
}

#[test]
fn after_a_stop_the_latest_slot_comes_late() {
    let world = after_a_stop(CatchUp::Latest);
    assert_eq!(world.slots(), ["2025-01-01T09:00:00Z", "2025-01-10T09:00:00Z"]);
    assert_eq!(world.next().unwrap(), "2025-01-11T09:00:00Z");
    let told = told(&world.tasks[1]);
    assert_eq!((told.notify, told.late, told.moment), (true, true, at("2025-01-10T09:00:00Z")));
}

#[test]
fn after_a_stop_all_slots_come_in_their_order_the_latest_hundred_at_most() {
    let world = after_a_stop(CatchUp::All);
    assert_eq!(world.slots().len(), 10);
    assert!(world.slots().is_sorted());
    let mut world = World::create(every_day(|draft| draft.catch_up = CatchUp::All), "2025-01-01T12:00:00Z");
    world.wake("2035-01-01T09:30:00Z");
    assert_eq!(world.slots().len(), 1 + CATCH_UP_CAP);
    assert_eq!(world.slots()[1], "2034-09-24T09:00:00Z");
    assert_eq!(world.slots().last().unwrap(), "2035-01-01T09:00:00Z");
    assert_eq!(world.next().unwrap(), "2035-01-02T09:00:00Z");
}

#[test]
fn after_a_stop_nothing_comes_of_a_rule_that_skips() {
    let mut world = after_a_stop(CatchUp::Skip);
    assert_eq!(world.slots(), ["2025-01-01T09:00:00Z"]);
    assert_eq!(world.next().unwrap(), "2025-01-11T09:00:00Z");
    // One that is handled within the minute is not missed.
    world.wake("2025-01-11T09:00:59Z");
    assert_eq!(world.slots().len(), 2);
}

#[test]
fn skipped_slots_are_not_caught_up_with() {
    for catch_up in [CatchUp::Latest, CatchUp::All] {
        let mut world = World::create(every_day(|draft| draft.catch_up = catch_up), "2025-01-01T12:00:00Z");
        for slot in ["2025-01-04T09:00:00Z", "2025-01-10T09:00:00Z"] {
            let change = world.rule.clone().skip(Some(at(slot)), &context(at("2025-01-01T13:00:00Z")));
            world.apply(change.unwrap());
        }
        world.wake("2025-01-10T09:30:00Z");
        assert!(!world.slots().contains(&"2025-01-10T09:00:00Z".to_owned()), "{catch_up:?}");
        assert_eq!(world.slots().last().unwrap(), "2025-01-09T09:00:00Z");
        assert_eq!(world.slots().len(), if catch_up == CatchUp::All { 8 } else { 2 });
        assert!(world.rule.exceptions.is_empty(), "what has passed is forgotten");
    }
}

#[test]
fn with_a_lead_a_task_appears_before_its_slot() {
    let mut world = World::create(every_day(|draft| draft.lead_minutes = 36 * 60), "2024-12-01T12:00:00Z");
    assert_eq!(world.timer.unwrap().fire_at, at("2024-12-30T21:00:00Z"));
    world.wake("2024-12-30T20:59:59Z");
    assert!(world.slots().is_empty());
    world.wake("2024-12-30T21:00:00Z");
    assert_eq!(world.slots(), ["2025-01-01T09:00:00Z"]);
    assert_eq!(world.next().unwrap(), "2025-01-02T09:00:00Z");
    // It is not due yet: its own reminders tell of that.
    let made = &world.tasks[0];
    assert!(!told(made).notify && !told(made).late && !made.state.notified);
    let Timers::Replace(timers) = &made.timers else { panic!("a new task has timers") };
    let timers: Vec<_> = timers.iter().map(|timer| (timer.kind, timer.fire_at)).collect();
    assert_eq!(
        timers,
        [(TimerKind::DueSoon, at("2024-12-31T09:00:00Z")), (TimerKind::Due, at("2025-01-01T09:00:00Z"))]
    );
}

#[test]
fn what_lies_ahead_has_not_been_missed() {
    for (catch_up, slots) in [(CatchUp::Latest, 4), (CatchUp::Skip, 3)] {
        let wanted = every_day(|draft| {
            draft.lead_minutes = 3 * 24 * 60;
            draft.catch_up = catch_up;
        });
        let mut world = World::create(wanted, "2024-12-01T12:00:00Z");
        world.wake("2025-01-20T12:00:00Z");
        let expected = ["2025-01-20T09:00:00Z", "2025-01-21T09:00:00Z", "2025-01-22T09:00:00Z", "2025-01-23T09:00:00Z"];
        assert_eq!(world.slots(), expected[4 - slots..]);
    }
}

#[test]
fn with_a_lead_today_is_made_once() {
    let mut world = World::create(every_day(|draft| draft.lead_minutes = 2 * 24 * 60), "2025-01-01T12:00:00Z");
    world.wake("2025-01-01T12:00:00Z");
    assert_eq!(world.slots(), ["2025-01-01T09:00:00Z", "2025-01-02T09:00:00Z", "2025-01-03T09:00:00Z"]);
}

#[test]
fn whole_days_are_due_that_day() {
    let rule = Rule::parse(input(Pattern::every(RecurrenceType::Daily, 1), "2025-01-01", "America/New_York")).unwrap();
    let mut world = World::create(draft(rule), "2024-12-31T12:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-01T05:00:00Z");
    world.wake("2025-01-01T05:00:00Z");
    let made = &world.tasks[0];
    let Some(Due::Day { date: due, zone }) = &made.state.due else { panic!("a whole day") };
    assert_eq!((*due, zone.name()), (date("2025-01-01"), "America/New_York"));
    // In the night nobody is told of the slot: the morning's reminder does that.
    assert!(!told(made).notify && !made.state.notified);
    let Timers::Replace(timers) = &made.timers else { panic!("a new task has timers") };
    let due = timers.iter().find(|timer| timer.kind == TimerKind::Due).unwrap();
    assert_eq!(due.fire_at, at("2025-01-01T14:00:00Z"));
}

#[test]
fn a_slot_edited_before_it_came_differs() {
    let mut world = World::create(draft(Rule::parse(daily()).unwrap()), "2025-01-01T12:00:00Z");
    let later = Due::parse("2025-01-03T15:00:00Z", domain::Zone::utc()).unwrap();
    let patch = OverridePatch { title: Some(title("Only once")), due: Some(later.clone()), ..OverridePatch::default() };
    let change = world.rule.clone().edit_slot(at("2025-01-03T09:00:00Z"), patch, &context(at("2025-01-01T13:00:00Z")));
    world.apply(change.unwrap());
    world.run_until(at("2025-01-04T12:00:00Z"));
    let titles: Vec<_> = world.occurrences().map(|task| task.title.as_str()).collect();
    assert_eq!(titles, ["Water the plants", "Water the plants", "Only once", "Water the plants"]);
    let moved = &world.tasks[2];
    assert_eq!((moved.state.due.as_ref(), moved.state.slot), (Some(&later), Some(at("2025-01-03T09:00:00Z"))));
    assert!(!told(moved).notify, "it is not due at its slot");
}

#[test]
fn a_task_comes_with_its_subtasks_and_its_template() {
    let wanted = every_day(|draft| {
        draft.subtasks = vec![title("Kitchen"), title("Balcony")];
        draft.reminders = Some(vec![30, 5]);
        draft.priority = domain::task::Priority::High;
        draft.tags = vec![domain::Tag::parse("home").unwrap()];
    });
    let world = World::create(wanted, "2025-01-01T12:00:00Z");
    let [task, kitchen, balcony] = world.tasks.as_slice() else { panic!("one task and two subtasks") };
    assert_eq!(task.state.reminders, Some(vec![Reminder::MinutesBefore(30), Reminder::MinutesBefore(5)]));
    assert_eq!(task.state.priority, domain::task::Priority::High);
    assert_eq!(task.state.tags, [domain::Tag::parse("home").unwrap()]);
    assert_eq!(task.state.recurring_task_id, Some(world.rule.id));
    for (subtask, title) in [(kitchen, "Kitchen"), (balcony, "Balcony")] {
        assert_eq!((subtask.state.parent_id, subtask.state.title.as_str()), (Some(task.state.id), title));
        assert_eq!((subtask.state.slot, &subtask.state.due), (None, &None), "the slot is the task's alone");
        let events: Vec<_> = subtask.events.iter().map(|event| event.event_type).collect();
        assert_eq!(events, [EventType::TaskCreated]);
    }
    let events: Vec<_> = task.events.iter().map(|event| event.event_type).collect();
    assert_eq!(events, [EventType::TaskCreated, EventType::RecurringTaskDue]);
}

#[test]
fn a_list_without_the_due_moment_tells_nothing_at_the_slot() {
    let mut world = World::create(every_day(|draft| draft.reminders = Some(vec![30])), "2024-12-31T12:00:00Z");
    world.wake("2025-01-01T09:00:00Z");
    assert!(!told(&world.tasks[0]).notify);
    // Both of its events tell of the same task.
    for event in &world.tasks[0].events {
        let EventData::Task(data) = &event.data else { panic!("an event of a task") };
        assert_eq!(data.task, world.tasks[0].state.snapshot());
    }
}

#[test]
fn a_timer_that_comes_too_early_or_again_makes_nothing() {
    let mut world = World::create(draft(Rule::parse(daily()).unwrap()), "2025-01-01T12:00:00Z");
    for now in ["2025-01-01T12:00:00Z", "2025-01-02T08:59:59.999999Z"] {
        let made = world.rule.clone().make_occurrences(&context(at(now)), &mut || panic!("no task to be made"));
        assert!(made.recurring_task.is_none() && made.tasks.is_empty());
    }
    world.wake("2025-01-02T09:00:00Z");
    let made = world.rule.clone().make_occurrences(&context(at("2025-01-02T09:00:00Z")), &mut || panic!("twice"));
    assert!(made.recurring_task.is_none());
}
