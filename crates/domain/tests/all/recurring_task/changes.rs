//! Pausing, resuming, skipping, and editing all of it or one slot.

use domain::{
    Timestamp,
    event::EventType,
    recurrence::{Pattern, RecurrenceType, Rule, RuleInput},
    recurring_task::{
        CatchUp, ExceptionKind, MAX_EXCEPTIONS, OverridePatch, Phase, RecurringTaskError, RecurringTaskPatch,
    },
    timer::TimerKind,
};

use super::{World, context, daily, draft, title};
use crate::recurrence::{at, date, input};

/// Daily at 09:00, made on the first of January at noon.
fn world() -> World {
    World::create(draft(Rule::parse(daily()).unwrap()), "2025-01-01T12:00:00Z")
}

fn renamed(to: &str) -> OverridePatch {
    OverridePatch { title: Some(title(to)), ..OverridePatch::default() }
}

fn pause(world: &mut World, until: Option<&str>, now: &str) {
    let change = world.rule.clone().pause(until.map(at), &context(at(now)));
    world.apply(change.unwrap());
}

fn skip(world: &mut World, slot: &str, now: &str) -> Result<(), RecurringTaskError> {
    let change = world.rule.clone().skip(Some(at(slot)), &context(at(now)))?;
    world.apply(change);
    Ok(())
}

fn edit(world: &mut World, patch: RecurringTaskPatch, now: &str) {
    let change = world.rule.clone().edit(patch, &context(at(now)));
    world.apply(change);
}

fn with_rule(input: RuleInput) -> RecurringTaskPatch {
    RecurringTaskPatch { rule: Some(Rule::parse(input).unwrap()), ..RecurringTaskPatch::default() }
}

#[test]
fn what_comes_during_a_pause_is_never_made_up_for() {
    for catch_up in [CatchUp::Latest, CatchUp::All] {
        let mut wanted = draft(Rule::parse(daily()).unwrap());
        wanted.catch_up = catch_up;
        let mut world = World::create(wanted, "2025-01-01T12:00:00Z");
        pause(&mut world, None, "2025-01-01T13:00:00Z");
        assert_eq!((world.next(), world.timer, world.rule.is_active()), (None, None, false));
        world.wake("2025-01-20T09:00:00Z");
        world.apply(world.rule.clone().resume(&context(at("2025-01-20T09:30:00Z"))));
        assert_eq!(world.next().unwrap(), "2025-01-21T09:00:00Z");
        world.wake("2025-01-21T09:00:00Z");
        assert_eq!(world.slots(), ["2025-01-01T09:00:00Z", "2025-01-21T09:00:00Z"]);
    }
}

#[test]
fn a_pause_ends_by_itself() {
    let mut world = world();
    pause(&mut world, Some("2025-01-05T00:00:00Z"), "2025-01-01T13:00:00Z");
    assert_eq!(world.timer.map(|timer| timer.kind), Some(TimerKind::Resume));
    world.run_until(at("2025-01-06T12:00:00Z"));
    assert_eq!(world.slots(), ["2025-01-01T09:00:00Z", "2025-01-05T09:00:00Z", "2025-01-06T09:00:00Z"]);
}

#[test]
fn what_comes_after_a_pause_is_caught_up_with_if_its_end_is_noticed_late() {
    for (catch_up, made) in [(CatchUp::Latest, 1), (CatchUp::All, 3), (CatchUp::Skip, 0)] {
        let mut wanted = draft(Rule::parse(daily()).unwrap());
        wanted.catch_up = catch_up;
        let mut world = World::create(wanted, "2025-01-01T12:00:00Z");
        // It ends with a slot, which is the first to come again.
        pause(&mut world, Some("2025-01-05T09:00:00Z"), "2025-01-01T13:00:00Z");
        world.wake("2025-01-07T10:00:00Z");
        assert_eq!(world.slots().len(), 1 + made, "{catch_up:?}");
        assert!(world.slots().iter().all(|slot| slot != "2025-01-04T09:00:00Z"));
        assert_eq!(world.next().unwrap(), "2025-01-08T09:00:00Z");
    }
}

#[test]
fn pausing_and_resuming_in_the_wrong_place() {
    let mut world = world();
    let now = context(at("2025-01-01T13:00:00Z"));
    world.apply(world.rule.clone().resume(&now));
    assert_eq!(world.rule.version, 1, "it was not paused");
    let past = world.rule.clone().pause(Some(now.at), &now);
    assert_eq!(past.unwrap_err(), RecurringTaskError::ResumeInPast);
    pause(&mut world, None, "2025-01-01T13:00:00Z");
    pause(&mut world, None, "2025-01-01T14:00:00Z");
    assert_eq!(world.rule.version, 2, "twice is once");
    pause(&mut world, Some("2025-01-09T00:00:00Z"), "2025-01-01T14:00:00Z");
    assert_eq!(world.rule.phase, Phase::Paused { until: Some(at("2025-01-09T00:00:00Z")) });
    let mut over = World::create(draft(Rule::parse(daily()).unwrap()), "2025-01-01T12:00:00Z");
    edit(&mut over, with_rule(RuleInput { end_date: Some(date("2025-01-01")), ..daily() }), "2025-01-01T13:00:00Z");
    assert_eq!(over.rule.clone().pause(None, &now).unwrap_err(), RecurringTaskError::Ended);
    assert_eq!(over.rule.skip(None, &now).unwrap_err(), RecurringTaskError::Ended);
}

#[test]
fn a_slot_that_is_skipped_does_not_come() {
    let mut world = world();
    let next = world.rule.clone().skip(None, &context(at("2025-01-01T13:00:00Z"))).unwrap();
    world.apply(next);
    assert_eq!(world.next().unwrap(), "2025-01-03T09:00:00Z");
    skip(&mut world, "2025-01-04T09:00:00Z", "2025-01-01T14:00:00Z").unwrap();
    let version = world.rule.version;
    skip(&mut world, "2025-01-04T09:00:00Z", "2025-01-01T15:00:00Z").unwrap();
    assert_eq!(world.rule.version, version, "twice is once");
    world.run_until(at("2025-01-05T12:00:00Z"));
    assert_eq!(world.slots(), ["2025-01-01T09:00:00Z", "2025-01-03T09:00:00Z", "2025-01-05T09:00:00Z"]);
}

#[test]
fn what_is_no_slot_ahead_cannot_be_skipped_or_edited() {
    let mut wanted = draft(Rule::parse(daily()).unwrap());
    wanted.lead_minutes = 24 * 60;
    let mut world = World::create(wanted, "2025-01-01T12:00:00Z");
    world.wake("2025-01-01T12:00:00Z");
    let now = context(at("2025-01-01T13:00:00Z"));
    // Passed, off the rule, and made already.
    for slot in ["2025-01-01T09:00:00Z", "2025-01-03T09:00:01Z", "2025-01-02T09:00:00Z"] {
        assert_eq!(skip(&mut world, slot, "2025-01-01T13:00:00Z"), Err(RecurringTaskError::NoSuchSlot), "{slot}");
        let edited = world.rule.clone().edit_slot(at(slot), renamed("x"), &now);
        assert_eq!(edited.unwrap_err(), RecurringTaskError::NoSuchSlot, "{slot}");
    }
}

#[test]
fn exceptions_have_an_end() {
    let mut world = world();
    let slots: Vec<Timestamp> =
        world.rule.rule.slots_from(at("2025-02-01T00:00:00Z")).take(201).map(|s| s.at).collect();
    for slot in &slots[..MAX_EXCEPTIONS] {
        skip(&mut world, &slot.to_string(), "2025-01-01T13:00:00Z").unwrap();
    }
    let one_more = skip(&mut world, &slots[MAX_EXCEPTIONS].to_string(), "2025-01-01T13:00:00Z");
    assert_eq!(one_more, Err(RecurringTaskError::TooManyExceptions));
    world.wake("2025-01-31T12:00:00Z");
    assert_eq!(world.next().unwrap(), slots[MAX_EXCEPTIONS].to_string(), "all of them are passed over");
}

#[test]
fn a_rule_whose_last_slots_are_skipped_is_over() {
    let short = Rule::parse(RuleInput { count: Some(2), ..daily() }).unwrap();
    let mut world = World::create(draft(short), "2025-01-01T12:00:00Z");
    skip(&mut world, "2025-01-02T09:00:00Z", "2025-01-01T13:00:00Z").unwrap();
    assert_eq!(world.rule.phase, Phase::Ended, "skipped ones count");
    assert_eq!(world.events.last(), Some(&EventType::RecurringTaskEnded));
}

/// Between the moment of a slot and the scheduler's turn anything may be changed; the slot has come all the same.
#[test]
fn a_slot_that_has_come_is_not_lost_to_a_change_before_its_task_is_made() {
    let now = "2025-01-02T09:00:00.5Z";
    type Edit = fn(&mut World, &str);
    let changes: [(&str, Edit); 6] = [
        ("skips another", |world, now| skip(world, "2025-01-05T09:00:00Z", now).unwrap()),
        ("edits another", |world, now| {
            let change = world.rule.clone().edit_slot(at("2025-01-05T09:00:00Z"), renamed("x"), &context(at(now)));
            world.apply(change.unwrap());
        }),
        ("gives it a lead", |world, now| {
            edit(world, RecurringTaskPatch { lead_minutes: Some(5), ..RecurringTaskPatch::default() }, now);
        }),
        ("gives it an end", |world, now| {
            edit(world, with_rule(RuleInput { end_date: Some(date("2025-03-01")), ..daily() }), now);
        }),
        ("renames it", |world, now| {
            edit(world, RecurringTaskPatch { title: Some(title("x")), ..RecurringTaskPatch::default() }, now);
        }),
        ("splits it", |world, now| {
            let slot = world.rule.rule.first_from(at("2025-01-05T09:00:00Z")).unwrap();
            let (ended, rest) = super::splitting::split_rules(&world.rule.rule, &slot);
            let split = super::splitting::split(world.rule.clone(), slot.at, ended, rest, at(now)).unwrap();
            world.apply(split.before);
        }),
    ];
    for (what, change) in changes {
        let mut world = world();
        change(&mut world, now);
        world.wake("2025-01-02T09:00:01Z");
        assert_eq!(world.slots(), ["2025-01-01T09:00:00Z", "2025-01-02T09:00:00Z"], "somebody {what}");
        world.wake("2025-01-03T09:00:00Z");
        assert_eq!(world.slots().len(), 3, "somebody {what}");
    }
}

#[test]
fn after_a_stop_what_was_said_of_slots_still_holds_when_another_is_changed_first() {
    let mut wanted = draft(Rule::parse(daily()).unwrap());
    wanted.catch_up = CatchUp::All;
    let mut world = World::create(wanted, "2025-01-01T12:00:00Z");
    skip(&mut world, "2025-01-03T09:00:00Z", "2025-01-01T13:00:00Z").unwrap();
    let edited = world.rule.clone().edit_slot(
        at("2025-01-04T09:00:00Z"),
        renamed("Only once"),
        &context(at("2025-01-01T13:00:00Z")),
    );
    world.apply(edited.unwrap());
    skip(&mut world, "2025-01-09T09:00:00Z", "2025-01-05T10:00:00Z").unwrap();
    world.wake("2025-01-05T10:00:01Z");
    let made: Vec<_> = world.occurrences().skip(1).map(|task| task.title.as_str()).collect();
    assert_eq!(made, ["Water the plants", "Only once", "Water the plants"]);
    assert!(!world.slots().contains(&"2025-01-03T09:00:00Z".to_owned()));
}

#[test]
fn and_when_the_end_of_a_pause_is_noticed_late() {
    let mut world = world();
    skip(&mut world, "2025-01-06T09:00:00Z", "2025-01-01T13:00:00Z").unwrap();
    pause(&mut world, Some("2025-01-05T12:00:00Z"), "2025-01-01T14:00:00Z");
    skip(&mut world, "2025-01-09T09:00:00Z", "2025-01-06T10:00:00Z").unwrap();
    world.wake("2025-01-06T10:00:01Z");
    assert_eq!(world.slots(), ["2025-01-01T09:00:00Z"]);
    assert_eq!(world.next().unwrap(), "2025-01-07T09:00:00Z");
}

#[test]
fn editing_one_slot_brings_it_back_if_it_was_skipped() {
    let mut world = world();
    skip(&mut world, "2025-01-02T09:00:00Z", "2025-01-01T13:00:00Z").unwrap();
    let change =
        world.rule.clone().edit_slot(at("2025-01-02T09:00:00Z"), renamed("x"), &context(at("2025-01-01T14:00:00Z")));
    world.apply(change.unwrap());
    assert_eq!(world.next().unwrap(), "2025-01-02T09:00:00Z");
    assert_eq!(world.rule.exceptions.len(), 1, "one exception for one slot");
    assert!(matches!(world.rule.exceptions[0].kind, ExceptionKind::Changed(_)));
}

#[test]
fn a_rule_that_was_over_without_its_last_slot_goes_on_if_that_is_edited_back() {
    let short = Rule::parse(RuleInput { count: Some(2), ..daily() }).unwrap();
    let mut world = World::create(draft(short), "2025-01-01T12:00:00Z");
    let slot = "2025-01-02T09:00:00Z";
    skip(&mut world, slot, "2025-01-01T13:00:00Z").unwrap();
    let change = world.rule.clone().edit_slot(at(slot), renamed("x"), &context(at("2025-01-01T14:00:00Z")));
    world.apply(change.unwrap());
    world.run_until(at("2025-01-05T12:00:00Z"));
    assert_eq!((world.slots().len(), world.rule.phase), (2, Phase::Ended));
}

#[test]
fn editing_all_plans_anew_and_makes_nothing_twice() {
    let mut world = world();
    edit(&mut world, RecurringTaskPatch::default(), "2025-01-01T13:00:00Z");
    assert_eq!(world.rule.version, 1, "nothing to change");
    // At another hour, which has passed today: today's was made.
    let later = input(Pattern::every(RecurrenceType::Daily, 1), "2025-01-01T08:00", "UTC");
    edit(&mut world, with_rule(later), "2025-01-01T13:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-02T08:00:00Z");
    // And every two days, counted from the start.
    let two = input(Pattern::every(RecurrenceType::Daily, 2), "2025-01-01T08:00", "UTC");
    edit(&mut world, with_rule(two), "2025-01-01T14:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-03T08:00:00Z");
    assert_eq!(world.timer.unwrap().fire_at, at("2025-01-03T08:00:00Z"));
}

#[test]
fn editing_all_keeps_what_was_said_of_slots_that_stay() {
    let mut world = world();
    skip(&mut world, "2025-01-03T09:00:00Z", "2025-01-01T13:00:00Z").unwrap();
    skip(&mut world, "2025-01-04T09:00:00Z", "2025-01-01T13:00:00Z").unwrap();
    edit(&mut world, with_rule(RuleInput { end_date: Some(date("2025-12-31")), ..daily() }), "2025-01-01T14:00:00Z");
    assert_eq!(world.rule.exceptions.len(), 2, "a new end does not bring back what was skipped");
    let two = input(Pattern::every(RecurrenceType::Daily, 2), "2025-01-01T09:00", "UTC");
    edit(&mut world, with_rule(two), "2025-01-01T15:00:00Z");
    let kept: Vec<_> = world.rule.exceptions.iter().map(|e| e.slot).collect();
    assert_eq!(kept, [at("2025-01-03T09:00:00Z")], "the fourth is no slot any more");
    assert_eq!(world.next().unwrap(), "2025-01-05T09:00:00Z");
}

#[test]
fn a_rule_made_ahead_is_not_made_again_when_its_lead_changes() {
    let mut wanted = draft(Rule::parse(daily()).unwrap());
    wanted.lead_minutes = 3 * 24 * 60;
    let mut world = World::create(wanted, "2024-12-31T12:00:00Z");
    world.wake("2024-12-31T12:00:00Z");
    assert_eq!(world.slots().len(), 3);
    edit(
        &mut world,
        RecurringTaskPatch { lead_minutes: Some(0), ..RecurringTaskPatch::default() },
        "2024-12-31T13:00:00Z",
    );
    assert_eq!(world.next().unwrap(), "2025-01-04T09:00:00Z");
    let lead = RecurringTaskPatch { lead_minutes: Some(5 * 24 * 60), ..RecurringTaskPatch::default() };
    edit(&mut world, lead, "2024-12-31T14:00:00Z");
    world.wake("2024-12-31T14:00:00Z");
    assert_eq!(world.slots().len(), 5);
    world.run_until(at("2025-01-06T12:00:00Z"));
    let mut slots = world.slots();
    slots.dedup();
    assert_eq!(slots.len(), world.slots().len());
}

#[test]
fn an_end_may_come_and_go() {
    let mut world = world();
    edit(&mut world, with_rule(RuleInput { end_date: Some(date("2025-01-01")), ..daily() }), "2025-01-01T13:00:00Z");
    assert_eq!((world.rule.phase, world.events.last()), (Phase::Ended, Some(&EventType::RecurringTaskEnded)));
    edit(
        &mut world,
        RecurringTaskPatch { title: Some(title("x")), ..RecurringTaskPatch::default() },
        "2025-01-02T00:00:00Z",
    );
    let ends = world.events.iter().filter(|event| **event == EventType::RecurringTaskEnded).count();
    assert_eq!(ends, 1, "it says so once");
    edit(&mut world, with_rule(daily()), "2025-01-05T12:00:00Z");
    assert_eq!(world.next().unwrap(), "2025-01-06T09:00:00Z", "what it missed stays missed");
}

#[test]
fn a_paused_rule_stays_paused_through_an_edit() {
    let mut world = world();
    pause(&mut world, None, "2025-01-01T13:00:00Z");
    let two = input(Pattern::every(RecurrenceType::Daily, 2), "2025-01-01T09:00", "UTC");
    edit(&mut world, with_rule(two), "2025-01-02T13:00:00Z");
    assert_eq!((world.rule.phase, world.timer), (Phase::Paused { until: None }, None));
    world.apply(world.rule.clone().resume(&context(at("2025-01-03T13:00:00Z"))));
    assert_eq!(world.next().unwrap(), "2025-01-05T09:00:00Z");
}

#[test]
fn a_deleted_rule_has_no_timer() {
    let mut world = world();
    world.apply(world.rule.clone().delete(&context(at("2025-01-01T13:00:00Z"))));
    assert_eq!((world.timer, world.events.last()), (None, Some(&EventType::RecurringTaskDeleted)));
}
