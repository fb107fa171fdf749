//! What holds for every rule.

use domain::recurrence::{Basis, Note, NthWeekday, Pattern, RecurrenceType, Rule, RuleInput, Slot, Start, Weekday};
use jiff::{SignedDuration, Span, Timestamp, civil};
use proptest::prelude::*;

use super::{at, rule, zone};

/// Zones whose clocks change in every way there is: by half an hour, by two, at midnight, to the day before, and by a
/// day that is skipped.
const ZONES: [&str; 13] = [
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Nuuk",
    "America/Havana",
    "America/Santiago",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
];

fn weekday() -> impl Strategy<Value = Weekday> {
    prop::sample::select(Weekday::ALL.to_vec())
}

fn interval() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 1..=4_u32, 2 => 5..=60_u32, 1 => 61..=999_u32]
}

/// A day of the month, or a weekday, or what the start gives.
fn day() -> impl Strategy<Value = (Option<i8>, Option<NthWeekday>)> {
    let nth = prop_oneof![1..=5_i8, Just(5), Just(-1)];
    prop_oneof![
        Just((None, None)),
        prop_oneof![1..=31_i8, 28..=31_i8, Just(-1)].prop_map(|day| (Some(day), None)),
        (nth, weekday()).prop_map(|(nth, weekday)| (None, Some(NthWeekday { nth, weekday }))),
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let weekdays = prop::sample::subsequence(Weekday::ALL.to_vec(), 0..=7);
    prop_oneof![
        interval().prop_map(|interval| Pattern::every(RecurrenceType::Daily, interval)),
        (interval(), weekdays)
            .prop_map(|(interval, weekdays)| Pattern { weekdays, ..Pattern::every(RecurrenceType::Weekly, interval) }),
        (interval(), day()).prop_map(|(interval, (month_day, nth_weekday))| Pattern {
            month_day,
            nth_weekday,
            ..Pattern::every(RecurrenceType::Monthly, interval)
        }),
        (1..=12_u32, day(), prop::option::of(1..=12_i8)).prop_map(|(interval, (month_day, nth_weekday), month)| {
            Pattern { month_day, nth_weekday, month, ..Pattern::every(RecurrenceType::Yearly, interval) }
        }),
    ]
}

/// Between 1970 and 2200, often at a wall time that some clock change touches.
fn start() -> impl Strategy<Value = (Start, &'static str)> {
    let time = prop_oneof![
        prop::sample::select(vec![(0, 0), (0, 30), (1, 30), (2, 0), (2, 30), (3, 0), (23, 30)]),
        (0..24_i8, 0..60_i8),
    ];
    let date = (0..84_000_i64).prop_map(|days| civil::date(1970, 1, 2) + Span::new().days(days));
    (date, prop::option::of(time), prop::sample::select(ZONES.to_vec())).prop_map(|(date, time, name)| {
        let start = match time {
            Some((hour, minute)) => Start::At(zone(name).instant(date.at(hour, minute, 0, 0)).unwrap()),
            None => Start::Day(date),
        };
        (start, name)
    })
}

fn rules() -> impl Strategy<Value = Rule> {
    let end = prop_oneof![
        2 => Just((None, None)),
        1 => (1..=80_u32).prop_map(|count| (Some(count), None)),
        1 => (0..=3000_i64).prop_map(|days| (None, Some(days))),
    ];
    (pattern(), start(), end).prop_filter_map("the weekday never comes", |(pattern, (start, name), (count, days))| {
        let zone = zone(name);
        let end_date = days.map(|days| start_date(&start, name) + Span::new().days(days));
        Rule::parse(RuleInput { pattern, start, zone, end_date, count, basis: Basis::Schedule }).ok()
    })
}

fn start_date(start: &Start, name: &str) -> civil::Date {
    match start {
        Start::At(at) => zone(name).local(*at).date(),
        Start::Day(date) => *date,
    }
}

fn local_start(rule: &Rule) -> civil::DateTime {
    match rule.start() {
        Start::At(at) => rule.zone().local(*at),
        Start::Day(date) => date.to_datetime(civil::Time::midnight()),
    }
}

fn instants() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        8 => (0..7_500_000_000_i64).prop_map(|second| Timestamp::from_second(second).unwrap()),
        1 => Just(Timestamp::MIN),
        1 => Just(Timestamp::MAX),
    ]
}

/// Whether the pattern has a slot that day, told from the date alone.
fn comes_on(pattern: &Pattern, start: civil::Date, date: civil::Date) -> bool {
    let interval = i64::from(pattern.recurrence_interval);
    let monday = |date: civil::Date| days_since_1970(date) - i64::from(date.weekday().to_monday_zero_offset());
    let months = i64::from(date.year() - start.year()) * 12 + i64::from(date.month() - start.month());
    match pattern.recurrence_type {
        RecurrenceType::Daily => (days_since_1970(date) - days_since_1970(start)) % interval == 0,
        RecurrenceType::Weekly => {
            let is_named = match pattern.weekdays.as_slice() {
                [] => date.weekday() == start.weekday(),
                weekdays => weekdays.iter().any(|day| day.to_civil() == date.weekday()),
            };
            is_named && (monday(date) - monday(start)) / 7 % interval == 0
        }
        RecurrenceType::Monthly => months % interval == 0 && is_the_day(pattern, start, date),
        RecurrenceType::Yearly => {
            i64::from(date.year() - start.year()) % interval == 0
                && date.month() == pattern.month.unwrap_or(start.month())
                && is_the_day(pattern, start, date)
        }
    }
}

fn is_the_day(pattern: &Pattern, start: civil::Date, date: civil::Date) -> bool {
    let last = date.days_in_month();
    match (pattern.nth_weekday, pattern.month_day.unwrap_or(start.day())) {
        (Some(NthWeekday { nth: -1, weekday }), _) => weekday.to_civil() == date.weekday() && date.day() + 7 > last,
        (Some(NthWeekday { nth, weekday }), _) => weekday.to_civil() == date.weekday() && (date.day() + 6) / 7 == nth,
        (None, -1) => date.day() == last,
        (None, day) => date.day() == day.min(last),
    }
}

fn days_since_1970(date: civil::Date) -> i64 {
    date.duration_since(civil::date(1970, 1, 1)).as_hours() / 24
}

/// The slot that stands for the instant of this one.
fn settled(rule: &Rule, slot: Slot) -> Slot {
    rule.nth(slot.n + 1).filter(|next| next.at == slot.at).unwrap_or(slot)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn the_slots_are_those_of_a_walk_day_by_day(rule in rules()) {
        let start = local_start(&rule);
        let mut n = 0;
        let mut date = start.date();
        for _ in 0..2500 {
            let is_over = rule.count().is_some_and(|count| n >= u64::from(count))
                || rule.end_date().is_some_and(|end| date > end);
            if !is_over && comes_on(rule.pattern(), start.date(), date) {
                let slot = rule.nth(n);
                prop_assert_eq!(slot.map(|slot| slot.local), Some(date.to_datetime(start.time())), "slot {}", n);
                n += 1;
            }
            date = date.tomorrow().unwrap();
        }
        if let Some(slot) = rule.nth(n) {
            prop_assert!(slot.local.date() >= date, "{slot:?} is too many");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn numbers_and_moments_agree(rule in rules(), n in prop_oneof![0..60_u64, 0..20_000_u64]) {
        let Some(slot) = rule.nth(n) else { return Ok(()) };
        prop_assert!(slot.at >= rule.start_at());
        prop_assert!(rule.end_date().is_none_or(|end| slot.local.date() <= end));
        prop_assert_eq!(slot.at.as_nanosecond() % 1000, 0);
        if let Some(next) = rule.nth(n + 1) {
            prop_assert!(next.local > slot.local);
            let are_one = next.at == slot.at && matches!(slot.note, Some(Note::ShiftedOverGap { .. }));
            prop_assert!(next.at > slot.at || are_one, "{slot:?}, then {next:?}");
        }
        let instant = slot.at;
        let expected = Some(settled(&rule, slot));
        prop_assert_eq!(rule.first_from(instant), expected.clone());
        prop_assert_eq!(rule.last_until(instant), expected.clone());
        let before = instant - SignedDuration::from_micros(1);
        prop_assert_eq!(rule.first_after(before), expected.clone());
        if let Some(previous) = rule.last_until(before) {
            prop_assert_eq!(rule.first_after(previous.at), expected);
        }
    }

    #[test]
    fn nothing_lies_between_the_last_until_and_the_first_after(rule in rules(), at in instants()) {
        let (before, after) = (rule.last_until(at), rule.first_after(at));
        prop_assert!(before.as_ref().is_none_or(|slot| slot.at <= at));
        prop_assert!(after.as_ref().is_none_or(|slot| slot.at > at));
        let follows = rule.nth(before.map_or(0, |slot| slot.n + 1)).map(|slot| settled(&rule, slot));
        prop_assert_eq!(follows, after);
        let is_one = rule.last_until(at).filter(|slot| slot.at == at).or_else(|| rule.first_after(at));
        prop_assert_eq!(rule.first_from(at), is_one);
    }

    #[test]
    fn slots_come_each_once_and_in_order(rule in rules(), at in instants()) {
        let slots: Vec<_> = rule.slots_from(at).take(8).collect();
        prop_assert!(slots.iter().all(|slot| slot.at >= at));
        prop_assert!(slots.windows(2).all(|pair| pair[0].at < pair[1].at && pair[0].n < pair[1].n));
        prop_assert!(slots.iter().all(|slot| rule.nth(slot.n).as_ref() == Some(slot)));
    }

    #[test]
    fn a_written_rule_has_the_same_slots(rule in rules()) {
        let instants = |rule: &Rule| rule.slots_from(Timestamp::MIN).take(12).map(|slot| slot.at).collect::<Vec<_>>();
        let again = Rule::from_rrule(&rule.rrule(), rule.start().clone(), rule.zone().clone()).unwrap();
        prop_assert_eq!(instants(&again), instants(&rule));
        prop_assert_eq!(again.rrule(), rule.rrule());
        // A rule may start with the year 2200 at most, and so may DTSTART, which is the first slot.
        let Some(first) = rule.nth(0).filter(|slot| slot.local.year() <= 2200) else { return Ok(()) };
        // A whole day has no TZID: its zone is the reader's.
        let zone = if rule.is_all_day() { rule.zone().clone() } else { zone("UTC") };
        let whole = Rule::from_rrule(&rule.to_rrule(), Start::Day(civil::date(2000, 1, 1)), zone);
        if !rule.is_all_day() && matches!(first.note, Some(Note::ShiftedOverGap { .. })) {
            // A DTSTART that does not exist would change the wall time of all that follow.
            prop_assert!(whole.is_err());
        } else {
            prop_assert_eq!(instants(&whole.unwrap()), instants(&rule), "{}", rule.to_rrule());
        }
    }

    #[test]
    fn the_next_after_a_completion_lies_after_it(
        rule in rules().prop_filter("has an end", |rule| rule.end_date().is_none()),
        second in 1_400_000_000..4_000_000_000_i64,
    ) {
        let completed = Timestamp::from_second(second).unwrap();
        let next = rule.next_after_completion(completed).unwrap();
        prop_assert!(next.at > completed && next.at > rule.start_at());
        prop_assert_eq!(next.local.time(), local_start(&rule).time());
    }

    #[test]
    fn whatever_is_given_is_answered(
        kind in prop::sample::select(vec![RecurrenceType::Weekly, RecurrenceType::Monthly, RecurrenceType::Yearly]),
        recurrence_interval in any::<u32>(),
        month_day in any::<Option<i8>>(),
        nth in any::<Option<i8>>(),
        month in any::<Option<i8>>(),
        second in any::<i32>(),
        n in any::<u64>(),
    ) {
        let nth_weekday = nth.map(|nth| NthWeekday { nth, weekday: Weekday::Sunday });
        let interval = if recurrence_interval % 2 == 0 { recurrence_interval } else { recurrence_interval % 1000 };
        let pattern = Pattern { month_day, nth_weekday, month, ..Pattern::every(kind, interval) };
        let start = Start::At(Timestamp::from_second(second.into()).unwrap());
        let (zone, basis) = (zone("Pacific/Apia"), Basis::Schedule);
        if let Ok(rule) = Rule::parse(RuleInput { pattern, start, zone, end_date: None, count: None, basis }) {
            prop_assert!(rule.nth(0).is_some());
            let _ = (rule.nth(n), rule.next_after_completion(Timestamp::MAX));
        }
    }

    #[test]
    fn whatever_is_read_is_answered(
        text in prop_oneof![
            "(FREQ|INTERVAL|COUNT|BYDAY|BYMONTHDAY|BYSETPOS|UNTIL|WKST)=[-0-9A-Z,]{0,9}(;(FREQ=MONTHLY|BYDAY=-?[0-9]MO)){0,2}",
            "DTSTART(;TZID=[A-Z]{3})?:[0-9TZ]{0,16}\r?\n[ \t]?RRULE:FREQ=DAILY",
            "\\PC{0,60}",
        ],
    ) {
        let read = Rule::from_rrule(&text, Start::At(at("2025-01-31T09:00:00Z")), zone("Europe/Berlin"));
        if let Err(invalid) = read {
            prop_assert!(invalid.0.iter().all(|fault| fault.field == "rrule"));
        }
    }
}

/// The calendar repeats every 400 years, and a rule with it every 400 × interval years.
#[test]
fn slots_far_away_are_those_of_400_years_before() {
    for interval in [1, 2, 3, 7] {
        for (pattern, slots) in patterns_with_their_slots_in_400_years(interval) {
            let rule = rule(pattern.clone(), "2024-01-30T12:00", "UTC");
            let shift = Span::new().years(400 * i16::try_from(interval).unwrap());
            for n in [0, 1, 2, 99, slots / 2, slots - 1] {
                let (near, far) = (rule.nth(n).unwrap(), rule.nth(n + slots).unwrap());
                assert_eq!(near.local + shift, far.local, "slot {n} of {pattern:?}");
                assert_eq!(rule.first_from(far.at), Some(far));
            }
        }
    }
}

fn patterns_with_their_slots_in_400_years(interval: u32) -> Vec<(Pattern, u64)> {
    let every = |kind| Pattern::every(kind, interval);
    let weekdays = vec![Weekday::Monday, Weekday::Thursday, Weekday::Sunday];
    let fifth = |kind| {
        let nth_weekday = Some(NthWeekday { nth: 5, weekday: Weekday::Saturday });
        Pattern { nth_weekday, month: (kind == RecurrenceType::Yearly).then_some(3), ..every(kind) }
    };
    let mut patterns = vec![
        (every(RecurrenceType::Daily), 146_097),
        (Pattern { weekdays, ..every(RecurrenceType::Weekly) }, 20_871 * 3),
        (Pattern { month_day: Some(31), ..every(RecurrenceType::Monthly) }, 4800),
        (Pattern { month_day: Some(29), month: Some(2), ..every(RecurrenceType::Yearly) }, 400),
    ];
    for kind in [RecurrenceType::Monthly, RecurrenceType::Yearly] {
        let pattern = fifth(kind);
        let start = civil::date(2024, 1, 1);
        let years = i64::from(interval) * 400;
        let months = (0..years * 12).map(|month| start + Span::new().months(month));
        let days = months.flat_map(|first| (28..first.days_in_month()).map(move |day| first + Span::new().days(day)));
        let slots = days.filter(|date| comes_on(&pattern, start, *date)).count();
        patterns.push((pattern, u64::try_from(slots).unwrap()));
    }
    patterns
}
