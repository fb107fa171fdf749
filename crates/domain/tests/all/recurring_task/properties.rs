//! What holds for every recurring task, whatever is done to it and whenever its timers fire.

use domain::{
    Timestamp,
    recurrence::{Note, NthWeekday, Pattern, RecurrenceType, Rule, RuleInput, Weekday},
    recurring_task::{CatchUp, OverridePatch, RecurringTaskPatch},
};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::{
    World, context, draft,
    splitting::{split_rules, split_world},
    title,
};
use crate::recurrence::{at, input};

fn rules() -> impl Strategy<Value = Rule> {
    let pattern = prop_oneof![
        (1..4_u32).prop_map(|n| Pattern::every(RecurrenceType::Daily, n)),
        (1..3_u32, prop::sample::subsequence(Weekday::ALL.to_vec(), 0..=7))
            .prop_map(|(n, weekdays)| Pattern { weekdays, ..Pattern::every(RecurrenceType::Weekly, n) }),
        (1..3_u32, prop::option::of(prop_oneof![Just(31), Just(-1), 1..=31_i8]))
            .prop_map(|(n, month_day)| Pattern { month_day, ..Pattern::every(RecurrenceType::Monthly, n) }),
        (prop::sample::select(vec![1, 5, -1]), prop::sample::select(Weekday::ALL.to_vec())).prop_map(
            |(nth, weekday)| {
                let nth_weekday = Some(NthWeekday { nth, weekday });
                Pattern { nth_weekday, ..Pattern::every(RecurrenceType::Monthly, 1) }
            }
        ),
        Just(Pattern::every(RecurrenceType::Yearly, 1)),
    ];
    let start = prop::sample::select(vec![
        "2024-12-31T02:30",
        "2025-01-31T09:00",
        "2024-02-29T00:30",
        "2025-01-01",
        "2025-03-30",
    ]);
    let zone = prop::sample::select(vec!["UTC", "Europe/Berlin", "America/Nuuk", "America/Santiago"]);
    let end = prop_oneof![
        2 => Just((None, None)),
        1 => (1..60_u32).prop_map(|count| (Some(count), None)),
        1 => (0..700_i64).prop_map(|days| (None, Some(days))),
    ];
    (pattern, start, zone, end).prop_map(|(pattern, start, zone, (count, days))| {
        let given = input(pattern, start, zone);
        let begins = Rule::parse(given.clone()).unwrap().nth(0).unwrap().local.date();
        let end_date = days.map(|days| begins + jiff::Span::new().days(days));
        Rule::parse(RuleInput { count, end_date, ..given }).unwrap()
    })
}

/// What may happen to a rule, at some slot ahead of it.
#[derive(Debug, Clone)]
enum Step {
    /// So many hours pass in which no timer fires, and what follows comes before any does.
    Sleep(i64),
    /// Timers that are late fire, and for so many hours each fires at its time.
    Run(i64),
    Skip(usize),
    EditSlot(usize),
    Pause(Option<i64>),
    Resume,
    Rename,
    Lead(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1..24 * 4_i64).prop_map(Step::Sleep),
        (1..24 * 60_i64).prop_map(Step::Run),
        (0..5_usize).prop_map(Step::Skip),
        (0..5_usize).prop_map(Step::EditSlot),
        prop::option::of(1..24 * 20_i64).prop_map(Step::Pause),
        Just(Step::Resume),
        Just(Step::Rename),
        prop::sample::select(vec![0, 30, 24 * 60, 10 * 24 * 60]).prop_map(Step::Lead),
    ];
    prop::collection::vec(step, 1..25)
}

fn hours(now: Timestamp, hours: i64) -> Timestamp {
    now + SignedDuration::from_hours(hours)
}

/// Plays the steps; what was skipped while it still lay ahead, and not edited back.
fn play(world: &mut World, steps: &[Step], mut now: Timestamp) -> (Timestamp, Vec<Timestamp>) {
    let mut skipped: Vec<Timestamp> = Vec::new();
    for step in steps {
        let rule = world.rule.clone();
        let ahead = |index: usize| {
            let slots = rule.rule.slots_from(now).filter(|slot| slot.at > now);
            slots.map(|slot| slot.at).nth(index)
        };
        match step {
            Step::Sleep(count) => now = hours(now, *count),
            Step::Run(count) => {
                world.wake_at(now);
                now = hours(now, *count);
                world.run_until(now);
            }
            Step::Skip(index) => {
                if let Some(slot) = ahead(*index)
                    && let Ok(change) = rule.skip(Some(slot), &context(now))
                {
                    world.apply(change);
                    skipped.push(slot);
                }
            }
            Step::EditSlot(index) => {
                let patch = OverridePatch { title: Some(title("x")), ..OverridePatch::default() };
                if let Some(slot) = ahead(*index)
                    && let Ok(change) = rule.edit_slot(slot, patch, &context(now))
                {
                    world.apply(change);
                    skipped.retain(|other| *other != slot);
                }
            }
            Step::Pause(until) => {
                if let Ok(change) = rule.pause(until.map(|count| hours(now, count)), &context(now)) {
                    world.apply(change);
                }
            }
            Step::Resume => world.apply(rule.resume(&context(now))),
            Step::Rename => {
                let patch = RecurringTaskPatch { title: Some(title("y")), ..RecurringTaskPatch::default() };
                world.apply(rule.edit(patch, &context(now)));
            }
            Step::Lead(minutes) => {
                let patch = RecurringTaskPatch { lead_minutes: Some(*minutes), ..RecurringTaskPatch::default() };
                world.apply(rule.edit(patch, &context(now)));
            }
        }
    }
    (now, skipped)
}

fn made(world: &World) -> Vec<Timestamp> {
    world.occurrences().map(|task| task.slot.unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_slot_is_made_twice_or_early_or_in_spite_of_a_skip(
        rule in rules(),
        steps in steps(),
        catch_up in prop::sample::select(vec![CatchUp::Latest, CatchUp::All, CatchUp::Skip]),
        lead_minutes in prop::sample::select(vec![0, 24 * 60]),
    ) {
        let mut wanted = draft(rule.clone());
        (wanted.catch_up, wanted.lead_minutes) = (catch_up, lead_minutes);
        let now = at("2025-01-10T12:00:00Z");
        let mut world = World::create_at(wanted, now);
        let (now, skipped) = play(&mut world, &steps, now);
        let slots = made(&world);
        prop_assert!(slots.windows(2).all(|pair| pair[0] < pair[1]), "in order, each once: {slots:?}");
        for (slot, change) in slots.iter().zip(world.tasks.iter().filter(|task| task.state.slot.is_some())) {
            prop_assert_eq!(rule.first_from(*slot).map(|found| found.at), Some(*slot), "a slot of the rule");
            prop_assert!(*slot <= hours(change.state.created_at, 24 * 10), "{} came early", slot);
            prop_assert!(!skipped.contains(slot), "{} was skipped", slot);
        }
        if let Some(next) = world.rule.next_due_at() {
            prop_assert!(slots.last().is_none_or(|last| next > *last));
            prop_assert!(!skipped.contains(&next));
            prop_assert!(world.timer.is_some());
        }
        prop_assert!(world.rule.updated_at <= now);
    }

    /// Without pauses, a rule that catches up with all has made every slot there was since it was written, however its
    /// timers fired and whatever was changed between.
    #[test]
    fn no_slot_is_lost(rule in rules(), steps in steps()) {
        let steps: Vec<_> = steps.into_iter().filter(|step| !matches!(step, Step::Pause(_) | Step::Lead(_))).collect();
        let mut wanted = draft(rule.clone());
        wanted.catch_up = CatchUp::All;
        let now = at("2025-01-10T12:00:00Z");
        let mut world = World::create_at(wanted, now);
        let (now, skipped) = play(&mut world, &steps, now);
        world.wake_at(now);
        let today = rule.zone().local(at("2025-01-10T12:00:00Z")).date();
        let slots = rule.slots_from(rule.start_at()).take_while(|slot| slot.at <= now);
        let expected = slots.filter(|slot| slot.local.date() >= today && !skipped.contains(&slot.at));
        prop_assert_eq!(made(&world), expected.map(|slot| slot.at).collect::<Vec<_>>());
    }

    #[test]
    fn a_rule_split_in_two_has_the_same_slots(rule in rules(), n in 0..40_u64) {
        let Some(slot) = rule.nth(n) else { return Ok(()) };
        // The wall time of a slot that the clocks shift is not the one that the rule keeps.
        prop_assume!(rule.is_all_day() || !matches!(slot.note, Some(Note::ShiftedOverGap { .. })));
        let (before, after) = split_rules(&rule, &slot);
        let instants = |rule: &Rule, most| rule.slots_from(Timestamp::MIN).take(most).map(|s| s.at).collect::<Vec<_>>();
        let mut parts = before.map_or(Vec::new(), |before| instants(&before, 100));
        prop_assert_eq!(parts.len() as u64, n);
        parts.extend(instants(&after, 30));
        prop_assert_eq!(&parts, &instants(&rule, parts.len()));
        prop_assert_eq!(after.nth(30).map(|slot| slot.at), rule.nth(n + 30).map(|slot| slot.at));
    }

    /// Side by side, one whole and one that is split on the way, both with the same slots skipped.
    #[test]
    fn at_the_seam_nothing_is_lost_and_nothing_comes_twice(
        rule in rules(),
        steps in steps(),
        index in 0..6_usize,
        lead_minutes in prop::sample::select(vec![0, 24 * 60]),
    ) {
        let steps: Vec<_> = steps.into_iter().filter(|step| !matches!(step, Step::Lead(_) | Step::EditSlot(_))).collect();
        let start = at("2025-01-10T12:00:00Z");
        let mut wanted = draft(rule.clone());
        (wanted.catch_up, wanted.lead_minutes) = (CatchUp::All, lead_minutes);
        let mut whole = World::create_at(wanted.clone(), start);
        let mut first = World::create_at(wanted, start);
        let (now, _) = play(&mut whole, &steps, start);
        play(&mut first, &steps, start);
        whole.wake_at(now);
        let Some(slot) = rule.slots_from(now).nth(index) else { return Ok(()) };
        prop_assume!(rule.is_all_day() || !matches!(slot.note, Some(Note::ShiftedOverGap { .. })));
        let Ok(mut second) = split_world(&mut first, slot.at, now) else { return Ok(()) };
        first.wake_at(now);
        let until = hours(now, 24 * 90);
        for world in [&mut whole, &mut first, &mut second] {
            world.run_until(until);
        }
        let mut parts = made(&first);
        prop_assert!(parts.iter().all(|made| *made < slot.at));
        parts.extend(made(&second));
        prop_assert_eq!(parts, made(&whole));
    }
}
