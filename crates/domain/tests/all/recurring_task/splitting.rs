//! «This and future»: one rule becomes two, without a gap or a double slot at the seam.

use domain::{
    RecurringTaskId, Timestamp,
    event::EventType,
    recurrence::{Pattern, RecurrenceType, Rule, RuleInput, Slot, Start},
    recurring_task::{OverridePatch, Phase, RecurringTask, RecurringTaskError, RecurringTaskPatch, Split},
};
use uuid::Uuid;

use super::{World, context, daily, draft, title};
use crate::recurrence::{at, date};

/// The rule before the slot, and the one from it on: the same pattern, anchored there.
pub fn split_rules(rule: &Rule, slot: &Slot) -> (Option<Rule>, Rule) {
    let mut pattern = rule.pattern().clone();
    let by_month = matches!(pattern.recurrence_type, RecurrenceType::Monthly | RecurrenceType::Yearly);
    if by_month && pattern.nth_weekday.is_none() {
        // The 31st, also where the slot is the 28th.
        let start = match rule.start() {
            Start::At(at) => rule.zone().local(*at).date(),
            Start::Day(date) => *date,
        };
        pattern.month_day.get_or_insert(start.day());
    }
    let start = if rule.is_all_day() { Start::Day(slot.local.date()) } else { Start::At(slot.at) };
    let count = rule.count().map(|count| count - u32::try_from(slot.n).unwrap());
    let goes_on =
        RuleInput { pattern, start, zone: rule.zone().clone(), end_date: rule.end_date(), count, basis: rule.basis() };
    let ended = slot.n.checked_sub(1).and_then(|n| rule.nth(n)).map(|last| RuleInput {
        pattern: rule.pattern().clone(),
        start: rule.start().clone(),
        zone: rule.zone().clone(),
        end_date: Some(last.local.date()),
        count: None,
        basis: rule.basis(),
    });
    (ended.map(|input| Rule::parse(input).unwrap()), Rule::parse(goes_on).unwrap())
}

pub fn split(
    rule: RecurringTask,
    slot: Timestamp,
    ended: Option<Rule>,
    rest: Rule,
    now: Timestamp,
) -> Result<Split, RecurringTaskError> {
    let id = RecurringTaskId(Uuid::from_u128(9));
    rule.split(slot, ended, RecurringTaskPatch::default(), rest, id, &context(now))
}

/// Splits the world's rule; what it becomes, and the new one.
pub fn split_world(world: &mut World, slot: Timestamp, now: Timestamp) -> Result<World, RecurringTaskError> {
    let found = world.rule.rule.first_from(slot).ok_or(RecurringTaskError::NoSuchSlot)?;
    let (ended, rest) = split_rules(&world.rule.rule, &found);
    let Split { before, after } = split(world.rule.clone(), slot, ended, rest, now)?;
    world.apply(before);
    assert_eq!((after.from_version, after.state.version), (0, 1));
    let mut new = World { rule: after.state.clone(), timer: None, tasks: Vec::new(), events: Vec::new(), ids: 1 << 64 };
    new.rule.version = 0;
    new.apply(after);
    Ok(new)
}

fn world() -> World {
    World::create(draft(Rule::parse(daily()).unwrap()), "2025-01-01T12:00:00Z")
}

#[test]
fn the_old_one_ends_before_the_slot_and_the_new_one_begins_with_it() {
    let mut before = world();
    let slot = at("2025-01-04T09:00:00Z");
    let mut after = split_world(&mut before, slot, at("2025-01-01T13:00:00Z")).unwrap();
    assert_eq!(after.rule.split_from, Some(before.rule.id));
    assert_eq!((after.rule.last_slot, after.rule.next_due_at()), (None, Some(slot)));
    assert_eq!(after.events, [EventType::RecurringTaskCreated]);
    for world in [&mut before, &mut after] {
        world.run_until(at("2025-01-06T12:00:00Z"));
    }
    assert_eq!(before.slots(), ["2025-01-01T09:00:00Z", "2025-01-02T09:00:00Z", "2025-01-03T09:00:00Z"]);
    assert_eq!((before.rule.phase, before.events.last()), (Phase::Ended, Some(&EventType::RecurringTaskEnded)));
    assert_eq!(after.slots(), ["2025-01-04T09:00:00Z", "2025-01-05T09:00:00Z", "2025-01-06T09:00:00Z"]);
}

#[test]
fn at_its_next_slot_the_old_one_is_over_at_once() {
    let mut before = world();
    split_world(&mut before, at("2025-01-02T09:00:00Z"), at("2025-01-01T13:00:00Z")).unwrap();
    assert_eq!((before.rule.phase, before.events.last()), (Phase::Ended, Some(&EventType::RecurringTaskEnded)));
    // At its very first one nothing is left of it.
    let mut future = World::create(draft(Rule::parse(daily()).unwrap()), "2024-12-01T12:00:00Z");
    let after = split_world(&mut future, at("2025-01-01T09:00:00Z"), at("2024-12-02T12:00:00Z")).unwrap();
    assert_eq!((future.rule.phase, future.timer), (Phase::Ended, None));
    assert_eq!(after.next().unwrap(), "2025-01-01T09:00:00Z");
}

#[test]
fn what_was_said_of_slots_goes_with_them() {
    let mut before = world();
    let now = at("2025-01-01T13:00:00Z");
    for slot in ["2025-01-03T09:00:00Z", "2025-01-04T09:00:00Z", "2025-01-06T09:00:00Z"] {
        before.apply(before.rule.clone().skip(Some(at(slot)), &context(now)).unwrap());
    }
    let patch = OverridePatch { title: Some(title("Only once")), ..OverridePatch::default() };
    before.apply(before.rule.clone().edit_slot(at("2025-01-05T09:00:00Z"), patch, &context(now)).unwrap());
    let mut after = split_world(&mut before, at("2025-01-04T09:00:00Z"), now).unwrap();
    for world in [&mut before, &mut after] {
        world.run_until(at("2025-01-07T12:00:00Z"));
    }
    assert_eq!(before.slots(), ["2025-01-01T09:00:00Z", "2025-01-02T09:00:00Z"]);
    assert_eq!(after.slots(), ["2025-01-05T09:00:00Z", "2025-01-07T09:00:00Z"]);
    assert_eq!(after.occurrences().next().unwrap().title.as_str(), "Only once");
}

#[test]
fn a_slot_that_was_edited_alone_takes_the_edit_of_all_that_follow() {
    let mut before = world();
    let (slot, now) = (at("2025-01-04T09:00:00Z"), at("2025-01-01T13:00:00Z"));
    let patch = OverridePatch { title: Some(title("Only once")), ..OverridePatch::default() };
    before.apply(before.rule.clone().edit_slot(slot, patch, &context(now)).unwrap());
    let mut after = split_world(&mut before, slot, now).unwrap();
    after.run_until(slot);
    assert_eq!(after.occurrences().next().unwrap().title.as_str(), "Water the plants");
}

#[test]
fn it_cannot_be_split_where_no_slot_lies_ahead() {
    let mut wanted = draft(Rule::parse(daily()).unwrap());
    wanted.lead_minutes = 24 * 60;
    let mut world = World::create(wanted, "2025-01-01T12:00:00Z");
    world.wake("2025-01-01T12:00:00Z");
    let now = at("2025-01-01T13:00:00Z");
    // Passed; off the rule; made already, so that the new rule would make it again.
    for slot in ["2025-01-01T09:00:00Z", "2025-01-03T10:00:00Z", "2025-01-02T09:00:00Z"] {
        let result = split_world(&mut world, at(slot), now);
        assert_eq!(result.err(), Some(RecurringTaskError::NoSuchSlot), "{slot}");
    }
    assert!(split_world(&mut world, at("2025-01-03T09:00:00Z"), now).is_ok());
}

#[test]
fn of_a_paused_rule_both_parts_stay_paused() {
    let mut before = world();
    before.apply(before.rule.clone().pause(None, &context(at("2025-01-01T13:00:00Z"))).unwrap());
    let after = split_world(&mut before, at("2025-01-04T09:00:00Z"), at("2025-01-01T14:00:00Z")).unwrap();
    for world in [before, after] {
        assert_eq!((world.rule.phase, world.timer), (Phase::Paused { until: None }, None));
    }
}

#[test]
fn the_count_goes_on_where_it_was() {
    let mut before =
        World::create(draft(Rule::parse(RuleInput { count: Some(5), ..daily() }).unwrap()), "2025-01-01T12:00:00Z");
    let mut after = split_world(&mut before, at("2025-01-03T09:00:00Z"), at("2025-01-01T13:00:00Z")).unwrap();
    for world in [&mut before, &mut after] {
        world.run_until(at("2025-02-01T12:00:00Z"));
    }
    assert_eq!((before.slots().len(), after.slots().len()), (2, 3));
}

#[test]
fn the_31st_comes_back_also_when_split_at_a_28th() {
    let pattern = Pattern::every(RecurrenceType::Monthly, 1);
    let rule = Rule::parse(RuleInput { pattern, start: Start::Day(date("2025-01-31")), ..daily() }).unwrap();
    let slot = rule.nth(1).unwrap();
    let (ended, rest) = split_rules(&rule, &slot);
    assert_eq!(ended.unwrap().last_until(Timestamp::MAX).unwrap().n, 0);
    let days: Vec<_> = (0..3).map(|n| rest.nth(n).unwrap().local.date()).collect();
    assert_eq!(days, [date("2025-02-28"), date("2025-03-31"), date("2025-04-30")]);
}
