//! Each rule of recurrence by example.

use domain::recurrence::{Basis, Note, Pattern, RecurrenceType, Rule, RuleInput, Start, Weekday};
use jiff::{Timestamp, civil};

use super::{at, date, every, faults, input, instants, locals, nth_weekday, rule, words, zone};
use RecurrenceType::{Daily, Monthly, Weekly, Yearly};

fn on_day(pattern: Pattern, day: i8) -> Pattern {
    Pattern { month_day: Some(day), ..pattern }
}

fn on_weekdays(mut pattern: Pattern, weekdays: &[Weekday]) -> Pattern {
    pattern.weekdays = weekdays.to_vec();
    pattern
}

#[test]
fn a_weekly_rule_comes_on_the_weekday_of_its_start() {
    let rule = rule(every(1, Weekly), "2025-01-01T09:00", "UTC");
    assert_eq!(instants(&rule, 3), ["2025-01-01T09:00:00Z", "2025-01-08T09:00:00Z", "2025-01-15T09:00:00Z"]);
    assert_eq!(rule.first_after(at("2025-01-01T12:00:00Z")).unwrap().at, at("2025-01-08T09:00:00Z"));
    assert_eq!(rule.first_from(at("2025-01-08T09:00:00Z")).unwrap().n, 1);
    assert_eq!(rule.last_until(at("2025-01-01T08:59:59Z")), None);
}

#[test]
fn a_day_that_a_month_lacks_clamps_and_comes_back() {
    let rule = rule(every(1, Monthly), "2025-01-31T09:00", "Europe/Berlin");
    assert_eq!(locals(&rule, 4), ["2025-01-31 09:00", "2025-02-28 09:00", "2025-03-31 09:00", "2025-04-30 09:00"]);
    assert_eq!(words(&rule.nth(0).unwrap()), None);
    assert_eq!(words(&rule.nth(1).unwrap()).unwrap(), "February 2025 has 28 days");
    assert_eq!(words(&rule.nth(3).unwrap()).unwrap(), "April has 30 days");
}

#[test]
fn a_leap_day_clamps_and_comes_back() {
    let rule = rule(every(1, Yearly), "2024-02-29T09:00", "UTC");
    let days = ["2024-02-29 09:00", "2025-02-28 09:00", "2026-02-28 09:00", "2027-02-28 09:00", "2028-02-29 09:00"];
    assert_eq!(locals(&rule, 5), days);
}

#[test]
fn the_last_day_is_what_was_asked_for() {
    let rule = rule(on_day(every(1, Monthly), -1), "2025-01-01T09:00", "UTC");
    assert_eq!(locals(&rule, 3), ["2025-01-31 09:00", "2025-02-28 09:00", "2025-03-31 09:00"]);
    assert_eq!(rule.nth(1).unwrap().note, None);
}

#[test]
fn a_fifth_weekday_that_a_month_lacks_is_skipped() {
    let fifth_friday = Pattern { nth_weekday: nth_weekday(5, Weekday::Friday), ..every(1, Monthly) };
    let rule = rule(fifth_friday, "2025-01-01T09:00", "UTC");
    assert_eq!(locals(&rule, 4), ["2025-01-31 09:00", "2025-05-30 09:00", "2025-08-29 09:00", "2025-10-31 09:00"]);
}

#[test]
fn a_fifth_weekday_of_february_waits_for_its_leap_year() {
    let pattern = Pattern { nth_weekday: nth_weekday(5, Weekday::Thursday), month: Some(2), ..every(1, Yearly) };
    let rule = rule(pattern, "2025-01-01T09:00", "UTC");
    assert_eq!(locals(&rule, 3), ["2052-02-29 09:00", "2080-02-29 09:00", "2120-02-29 09:00"]);
}

#[test]
fn weeks_begin_on_monday_and_are_counted_from_the_starts() {
    // 1 January 2025 is a Wednesday: its Monday has passed, its Sunday is still of the same week.
    let pattern = on_weekdays(every(2, Weekly), &[Weekday::Sunday, Weekday::Monday]);
    let rule = rule(pattern, "2025-01-01T09:00", "UTC");
    assert_eq!(locals(&rule, 4), ["2025-01-05 09:00", "2025-01-13 09:00", "2025-01-19 09:00", "2025-01-27 09:00"]);
}

#[test]
fn no_slot_lies_before_the_start_and_a_start_off_the_rule_is_none() {
    let rule = rule(on_day(every(2, Monthly), 15), "2025-01-20T09:00", "UTC");
    assert_eq!(locals(&rule, 2), ["2025-03-15 09:00", "2025-05-15 09:00"]);
    assert_eq!(rule.first_from(rule.start_at()).unwrap().n, 0);
    let pattern = Pattern { month: Some(3), ..every(1, Yearly) };
    let rule = super::rule(pattern, "2025-04-10T09:00", "UTC");
    assert_eq!(locals(&rule, 2), ["2026-03-10 09:00", "2027-03-10 09:00"]);
}

#[test]
fn the_wall_time_is_kept_over_a_change_of_the_clocks() {
    let rule = rule(every(1, Daily), "2026-03-28T09:00", "Europe/Berlin");
    assert_eq!(instants(&rule, 2), ["2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z"]);
}

#[test]
fn in_a_gap_it_shifts_forward_and_is_back_the_day_after() {
    let rule = rule(every(1, Daily), "2026-03-28T02:30", "Europe/Berlin");
    assert_eq!(instants(&rule, 3), ["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"]);
    let shifted = rule.nth(1).unwrap();
    assert_eq!(shifted.local, civil::date(2026, 3, 29).at(2, 30, 0, 0));
    assert_eq!(words(&shifted).unwrap(), "02:30 does not exist, 03:30 instead");
}

#[test]
fn a_gap_before_midnight_shifts_into_the_next_day_but_keeps_its_date() {
    let mut input = input(every(1, Daily), "2026-03-27T23:30", "America/Nuuk");
    input.end_date = Some(date("2026-03-28"));
    let rule = Rule::parse(input).unwrap();
    assert_eq!(instants(&rule, 9), ["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z"]);
    assert_eq!(words(&rule.nth(1).unwrap()).unwrap(), "23:30 does not exist, 00:30 on 29 Mar 2026 instead");
}

#[test]
fn in_an_overlap_it_is_the_first_and_once() {
    let rule = rule(every(1, Daily), "2026-10-24T02:30", "Europe/Berlin");
    assert_eq!(instants(&rule, 3), ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    assert_eq!(words(&rule.nth(1).unwrap()).unwrap(), "02:30 comes twice, the first one");
    assert_eq!(rule.first_after(at("2026-10-25T00:30:00Z")).unwrap().n, 2);
}

#[test]
fn a_start_that_is_the_second_of_an_overlap_stays_so() {
    let start = Start::At(at("2026-10-25T01:30:00Z"));
    let rule = Rule::parse(RuleInput { start, ..input(every(1, Yearly), "2026-10-25", "Europe/Berlin") }).unwrap();
    assert_eq!(instants(&rule, 2), ["2026-10-25T01:30:00Z", "2027-10-25T00:30:00Z"]);
    assert_eq!(rule.nth(0).unwrap().note, None);
    assert_eq!(rule.first_from(at("2026-10-25T00:30:00Z")).unwrap().at, rule.start_at());
}

#[test]
fn a_whole_day_begins_where_the_clocks_skip_midnight() {
    let rule = rule(every(1, Daily), "2026-09-05", "America/Santiago");
    assert!(rule.is_all_day());
    assert_eq!(instants(&rule, 2), ["2026-09-05T04:00:00Z", "2026-09-06T04:00:00Z"]);
    assert_eq!(rule.nth(1).unwrap().note, None, "there is such a day");
}

#[test]
fn a_day_that_is_skipped_whole_counts_but_comes_with_the_next() {
    let rule = rule(every(1, Daily), "2011-12-29T09:00", "Pacific/Apia");
    let [thursday, friday, saturday] = [0, 1, 2].map(|n| rule.nth(n).unwrap());
    assert_eq!(words(&friday).unwrap(), "30 Dec 2011 does not exist here, 31 Dec 2011 instead");
    assert_eq!(friday.at, saturday.at);
    assert_eq!(rule.first_after(thursday.at).as_ref(), Some(&saturday));
    assert_eq!(rule.last_until(saturday.at).as_ref(), Some(&saturday));
    let numbers: Vec<_> = rule.slots_from(rule.start_at()).take(3).map(|slot| slot.n).collect();
    assert_eq!(numbers, [0, 2, 3]);
    // Ending with the day that is not, it is all there is.
    let mut input = input(every(1, Daily), "2011-12-29T09:00", "Pacific/Apia");
    input.count = Some(2);
    let numbers: Vec<_> = Rule::parse(input).unwrap().slots_from(Timestamp::MIN).map(|slot| slot.n).collect();
    assert_eq!(numbers, [0, 1]);
}

#[test]
fn the_end_date_is_the_last_day_and_the_count_counts_from_the_start() {
    let mut ends = input(every(2, Daily), "2025-01-01T09:00", "UTC");
    ends.end_date = Some(date("2025-01-05"));
    assert_eq!(locals(&Rule::parse(ends.clone()).unwrap(), 9).len(), 3);
    ends.end_date = Some(date("2025-01-04"));
    let rule = Rule::parse(ends.clone()).unwrap();
    assert_eq!(locals(&rule, 9).len(), 2);
    assert_eq!(rule.first_after(at("2025-01-03T09:00:00Z")), None);
    assert_eq!(rule.last_until(at("2200-01-01T00:00:00Z")).unwrap().n, 1);
    (ends.end_date, ends.count) = (None, Some(3));
    let rule = Rule::parse(ends).unwrap();
    assert_eq!(rule.last_until(Timestamp::MAX).unwrap().local, civil::date(2025, 1, 5).at(9, 0, 0, 0));
    assert_eq!(rule.nth(3), None);
}

#[test]
fn what_counts_from_completion_keeps_the_wall_time() {
    let input = RuleInput { basis: Basis::Completion, ..input(every(1, Monthly), "2026-01-05T09:00", "Europe/Berlin") };
    let rule = Rule::parse(input.clone()).unwrap();
    let next = rule.next_after_completion(at("2026-01-31T22:59:00Z")).unwrap();
    assert_eq!(next.at, at("2026-02-28T08:00:00Z"));
    assert_eq!(next.note, Some(Note::ClampedToMonthEnd { wanted: 31 }));
    // One minute on, it is February where the rule is.
    assert_eq!(rule.next_after_completion(at("2026-01-31T23:00:00Z")).unwrap().at, at("2026-03-01T08:00:00Z"));
    // Done before the start: as if done at the start.
    assert_eq!(rule.next_after_completion(at("2025-12-24T12:00:00Z")).unwrap().at, at("2026-02-05T08:00:00Z"));
    let ends = Rule::parse(RuleInput { end_date: Some(date("2026-02-27")), ..input }).unwrap();
    assert_eq!(ends.next_after_completion(at("2026-01-31T12:00:00Z")), None);
}

#[test]
fn a_hostile_rule_costs_nothing() {
    let often = rule(every(1, Daily), "1970-01-01T00:00", "UTC");
    assert_eq!(often.nth(2_932_000).unwrap().local.date(), date("9997-07-18"));
    assert_eq!(often.nth(10_000_000), None, "the calendar ends with the year 9999");
    assert_eq!(often.nth(u64::MAX), None);
    assert_eq!(often.first_after(at("9990-01-01T00:00:00Z")).unwrap().local.date(), date("9990-01-02"));
    let pattern = Pattern { nth_weekday: nth_weekday(5, Weekday::Friday), ..every(999, Yearly) };
    let rare = Rule::parse(input(pattern, "2025-03-01T00:00", "UTC"));
    assert_eq!(locals(&rare.unwrap(), 2), ["4023-03-31 00:00", "5022-03-29 00:00"]);
}

#[test]
fn every_impossible_rule_is_refused_by_field() {
    let refused = |pattern| faults(Rule::parse(input(pattern, "2025-01-01T09:00", "UTC")));
    for interval in [0, 1000] {
        assert!(refused(every(interval, Daily))[0].starts_with("recurrence_interval: must be 1 to 999"));
    }
    assert_eq!(refused(on_weekdays(every(1, Daily), &[Weekday::Monday])), ["weekdays: go with weekly only"]);
    let twice = on_weekdays(every(1, Weekly), &[Weekday::Monday, Weekday::Friday, Weekday::Monday]);
    assert_eq!(refused(twice), ["weekdays: must name each day once"]);
    assert_eq!(refused(on_day(every(1, Weekly), 1)), ["month_day: goes with monthly and yearly only"]);
    for day in [0, -2, 32, i8::MIN] {
        let message = "month_day: must be 1 to 31, or -1 for the last day";
        assert_eq!(refused(on_day(every(1, Monthly), day)), [message]);
    }
    for nth in [0, 6, -2] {
        let pattern = Pattern { nth_weekday: nth_weekday(nth, Weekday::Monday), ..every(1, Monthly) };
        assert_eq!(refused(pattern), ["nth_weekday.nth: must be 1 to 5, or -1 for the last one"]);
    }
    let friday = nth_weekday(1, Weekday::Friday);
    let both = Pattern { nth_weekday: friday, ..on_day(every(1, Monthly), 13) };
    assert_eq!(refused(both), ["nth_weekday: cannot be given together with month_day"]);
    let weekly = Pattern { nth_weekday: friday, ..every(1, Weekly) };
    assert_eq!(refused(weekly), ["nth_weekday: goes with monthly and yearly only"]);
    for month in [0, 13] {
        assert_eq!(refused(Pattern { month: Some(month), ..every(1, Yearly) }), ["month: must be 1 to 12"]);
    }
    assert_eq!(refused(Pattern { month: Some(1), ..every(1, Monthly) }), ["month: goes with yearly only"]);
    // Every fault at once.
    assert_eq!(refused(Pattern { month: Some(13), ..on_day(every(0, Yearly), 0) }).len(), 3);
}

#[test]
fn a_weekday_that_never_comes_is_refused() {
    // After 400 years the calendar is the same: a February without a fifth Thursday stays so.
    let never: Vec<_> = (2025..2053)
        .filter(|year| {
            let pattern =
                Pattern { nth_weekday: nth_weekday(5, Weekday::Thursday), month: Some(2), ..every(400, Yearly) };
            Rule::parse(input(pattern, &format!("{year}-01-01T09:00"), "UTC")).is_err()
        })
        .collect();
    assert_eq!(never.len(), 27, "2052 alone has one");
    let pattern = Pattern { nth_weekday: nth_weekday(5, Weekday::Thursday), month: Some(2), ..every(400, Yearly) };
    let message = "nth_weekday: never comes with this month and interval";
    assert_eq!(faults(Rule::parse(input(pattern, "2025-01-01T09:00", "UTC"))), [message]);
}

#[test]
fn every_impossible_end_and_start_is_refused_by_field() {
    let given = || input(every(1, Daily), "2025-01-01T01:00", "Asia/Tokyo");
    let refused = |input| faults(Rule::parse(input));
    let both = RuleInput { end_date: Some(date("2026-01-01")), count: Some(1), ..given() };
    assert_eq!(refused(both), ["count: cannot be given together with end_date"]);
    // 1 January in Tokyo is 31 December in UTC: the local date counts.
    let before = RuleInput { end_date: Some(date("2024-12-31")), ..given() };
    assert_eq!(refused(before), ["end_date: must not lie before start_date"]);
    assert!(Rule::parse(RuleInput { end_date: Some(date("2025-01-01")), ..given() }).is_ok());
    for count in [0, 100_001] {
        assert_eq!(refused(RuleInput { count: Some(count), ..given() }), ["count: must be 1 to 100000"]);
    }
    for start in ["1969-12-31", "2201-01-01"] {
        let start = Start::Day(date(start));
        assert_eq!(refused(RuleInput { start, ..given() }), ["start_date: must be in the years 1970 to 2200"]);
    }
    let named = RuleInput { pattern: on_day(every(1, Monthly), 1), basis: Basis::Completion, ..given() };
    assert!(refused(named)[0].starts_with("basis: a rule that counts from completion cannot name"));
}

#[test]
fn a_rule_in_words() {
    let berlin = |pattern, start| rule(pattern, start, "Europe/Berlin").in_words();
    let two = on_weekdays(every(2, Weekly), &[Weekday::Friday, Weekday::Monday]);
    let mut until = input(two, "2025-01-01T09:00", "Europe/Berlin");
    until.end_date = Some(date("2026-12-31"));
    assert_eq!(
        Rule::parse(until).unwrap().in_words(),
        "every 2 weeks on Monday and Friday at 09:00 (Europe/Berlin), until 31 Dec 2026"
    );
    assert_eq!(berlin(every(1, Daily), "2025-01-01"), "every day (Europe/Berlin)");
    assert_eq!(
        berlin(every(1, Monthly), "2025-01-31T09:00:05"),
        "every month on the 31st (or the last day) at 09:00:05 (Europe/Berlin)"
    );
    assert_eq!(berlin(every(12, Monthly), "2025-01-31"), "every 12 months on the 31st (Europe/Berlin)");
    assert_eq!(berlin(every(1, Yearly), "2025-01-31"), "every year on the 31st of January (Europe/Berlin)");
    assert_eq!(
        berlin(every(4, Yearly), "2024-02-29"),
        "every 4 years on the 29th of February (or the last day) (Europe/Berlin)"
    );
    let last_friday = Pattern { nth_weekday: nth_weekday(-1, Weekday::Friday), ..every(1, Monthly) };
    assert_eq!(berlin(last_friday, "2025-01-01"), "every month on the last Friday (Europe/Berlin)");
    let mut completion = input(every(3, Daily), "2025-01-01T09:00", "UTC");
    (completion.basis, completion.count) = (Basis::Completion, Some(5));
    assert_eq!(Rule::parse(completion).unwrap().in_words(), "every 3 days after completion at 09:00 (UTC), 5 times");
}

#[test]
fn a_rule_tells_what_it_was_made_of() {
    let given = RuleInput { count: Some(7), ..input(every(3, Weekly), "2025-01-01T09:00", "Asia/Tokyo") };
    let rule = Rule::parse(given.clone()).unwrap();
    assert_eq!((rule.pattern(), rule.start(), rule.zone()), (&given.pattern, &given.start, &zone("Asia/Tokyo")));
    assert_eq!((rule.end_date(), rule.count(), rule.basis()), (None, Some(7), Basis::Schedule));
    assert_eq!(rule.start_at(), at("2025-01-01T00:00:00Z"));
    assert_eq!(rule.clone(), Rule::parse(given).unwrap());
}
