//! Rules that count from completion.

use domain::{
    event::EventType,
    recurrence::{Basis, Pattern, RecurrenceType, Rule, RuleInput},
    recurring_task::{OverridePatch, Phase, RecurringTaskError, RecurringTaskPatch},
};

use super::{World, context, daily, draft};
use crate::recurrence::{at, date};

/// Three days after completion, at 09:00.
fn every_three_days() -> RuleInput {
    RuleInput { pattern: Pattern::every(RecurrenceType::Daily, 3), basis: Basis::Completion, ..daily() }
}

fn create(input: RuleInput, now: &str) -> World {
    World::create(draft(Rule::parse(input).unwrap()), now)
}

fn complete(world: &mut World, now: &str) {
    let slot = world.rule.last_slot.unwrap();
    world.apply(world.rule.clone().occurrence_done(slot, at(now), &context(at(now))));
}

fn edit(world: &mut World, input: RuleInput, now: &str) {
    let patch = RecurringTaskPatch { rule: Some(Rule::parse(input).unwrap()), ..RecurringTaskPatch::default() };
    world.apply(world.rule.clone().edit(patch, &context(at(now))));
}

#[test]
fn it_waits_for_the_last_one_to_be_done() {
    let mut world = create(every_three_days(), "2025-01-01T12:00:00Z");
    assert_eq!((world.slots().len(), world.rule.phase, world.timer), (1, Phase::Active { next: None }, None));
    world.wake("2025-02-01T00:00:00Z");
    assert_eq!(world.slots().len(), 1);
    complete(&mut world, "2025-02-10T23:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-02-13T09:00:00Z");
    world.wake("2025-02-20T09:00:00Z");
    assert_eq!(world.slots(), ["2025-01-01T09:00:00Z", "2025-02-13T09:00:00Z"]);
    assert_eq!(world.next(), None);
}

#[test]
fn only_the_last_one_counts_and_once() {
    let mut world = create(every_three_days(), "2025-01-01T12:00:00Z");
    let now = context(at("2025-01-02T12:00:00Z"));
    world.apply(world.rule.clone().occurrence_done(at("2024-12-01T09:00:00Z"), now.at, &now));
    assert_eq!(world.rule.phase, Phase::Active { next: None }, "another one");
    complete(&mut world, "2025-01-02T12:00:00Z");
    complete(&mut world, "2025-01-08T12:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-05T09:00:00Z", "reopened and done again: it has gone on already");
    let schedule = create(daily(), "2025-01-01T12:00:00Z");
    let change = schedule.rule.clone().occurrence_done(at("2025-01-01T09:00:00Z"), now.at, &now);
    assert!(change.is_none(), "the calendar does not wait");
}

#[test]
fn it_ends_with_its_count_skipped_ones_included() {
    let mut world = create(RuleInput { count: Some(3), ..every_three_days() }, "2025-01-01T12:00:00Z");
    complete(&mut world, "2025-01-01T13:00:00Z");
    world.wake("2025-01-04T09:00:00Z");
    complete(&mut world, "2025-01-04T13:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-07T09:00:00Z");
    let mut skipping = create(RuleInput { count: Some(3), ..every_three_days() }, "2025-01-01T12:00:00Z");
    complete(&mut skipping, "2025-01-01T13:00:00Z");
    for next in ["2025-01-07T09:00:00Z", "none"] {
        skipping.apply(skipping.rule.clone().skip(None, &context(at("2025-01-02T13:00:00Z"))).unwrap());
        assert_eq!(skipping.next().unwrap_or("none".into()), next);
    }
    assert_eq!((skipping.rule.phase, skipping.events.last()), (Phase::Ended, Some(&EventType::RecurringTaskEnded)));
    world.wake("2025-01-07T09:00:00Z");
    complete(&mut world, "2025-01-07T13:00:00Z");
    assert_eq!((world.rule.phase, world.events.last()), (Phase::Ended, Some(&EventType::RecurringTaskEnded)));
    assert_eq!(world.slots().len(), 3);
}

#[test]
fn it_ends_with_its_end_date_and_goes_on_with_a_later_one() {
    let ends = RuleInput { end_date: Some(date("2025-01-05")), ..every_three_days() };
    let mut world = create(ends.clone(), "2025-01-01T12:00:00Z");
    complete(&mut world, "2025-01-03T08:00:00Z");
    assert_eq!(world.rule.phase, Phase::Ended);
    // The last one is done: nothing would wake it but this.
    edit(&mut world, RuleInput { end_date: Some(date("2025-02-05")), ..ends }, "2025-01-10T08:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-13T09:00:00Z");
}

#[test]
fn an_edit_keeps_what_is_planned_unless_that_lies_behind_the_new_end() {
    let mut world = create(every_three_days(), "2025-01-01T12:00:00Z");
    let five = || RuleInput { pattern: Pattern::every(RecurrenceType::Daily, 5), ..every_three_days() };
    edit(&mut world, five(), "2025-01-01T13:00:00Z");
    assert_eq!(world.rule.phase, Phase::Active { next: None }, "still waiting");
    complete(&mut world, "2025-01-02T12:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-07T09:00:00Z");
    edit(&mut world, every_three_days(), "2025-01-03T12:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-07T09:00:00Z");
    edit(&mut world, RuleInput { end_date: Some(date("2025-01-06")), ..every_three_days() }, "2025-01-03T13:00:00Z");
    assert_eq!(world.rule.phase, Phase::Ended);
}

#[test]
fn one_that_could_never_come_again_is_over() {
    let ends = RuleInput { end_date: Some(date("2025-01-12")), ..every_three_days() };
    let world = create(ends, "2025-01-11T12:00:00Z");
    assert_eq!((world.rule.phase, world.timer), (Phase::Ended, None));
}

#[test]
fn before_its_start_a_pause_does_not_move_the_start() {
    let mut world = create(every_three_days(), "2024-12-01T12:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-01T09:00:00Z");
    world.apply(world.rule.clone().pause(None, &context(at("2024-12-02T12:00:00Z"))).unwrap());
    world.apply(world.rule.clone().resume(&context(at("2024-12-03T12:00:00Z"))));
    assert_eq!(world.next().unwrap(), "2025-01-01T09:00:00Z");
}

#[test]
fn after_a_pause_it_begins_anew_or_is_over() {
    let counted = RuleInput { count: Some(1), ..every_three_days() };
    for (input, phase) in [
        (every_three_days(), Phase::Active { next: Some(at("2025-01-08T09:00:00Z")) }),
        (counted, Phase::Ended),
        (RuleInput { end_date: Some(date("2025-01-06")), ..every_three_days() }, Phase::Ended),
    ] {
        let mut world = create(input, "2025-01-01T12:00:00Z");
        world.apply(world.rule.clone().pause(None, &context(at("2025-01-02T12:00:00Z"))).unwrap());
        complete(&mut world, "2025-01-03T12:00:00Z");
        assert_eq!(world.rule.phase, Phase::Paused { until: None });
        world.apply(world.rule.clone().resume(&context(at("2025-01-05T12:00:00Z"))));
        assert_eq!(world.rule.phase, phase);
    }
}

#[test]
fn it_has_no_slots_ahead_to_edit_or_to_split_at() {
    let mut world = create(every_three_days(), "2025-01-01T12:00:00Z");
    complete(&mut world, "2025-01-01T13:00:00Z");
    let (slot, now) = (at("2025-01-04T09:00:00Z"), at("2025-01-02T12:00:00Z"));
    assert_eq!(world.rule.next_due_at(), Some(slot));
    let edited = world.rule.clone().edit_slot(slot, OverridePatch::default(), &context(now));
    assert_eq!(edited.unwrap_err(), RecurringTaskError::NoSuchSlot);
    let rest = world.rule.rule.clone();
    let split = super::splitting::split(world.rule.clone(), slot, None, rest, now);
    assert_eq!(split.unwrap_err(), RecurringTaskError::NoSuchSlot);
    let other = world.rule.clone().skip(Some(at("2025-01-07T09:00:00Z")), &context(now));
    assert_eq!(other.unwrap_err(), RecurringTaskError::NoSuchSlot);
}
