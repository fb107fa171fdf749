//! RRULE out and in.

use domain::{
    Invalid,
    recurrence::{Basis, Pattern, RecurrenceType, Rule, RuleInput, Start, Weekday},
};

use super::{at, date, every, faults, input, instants, locals, nth_weekday, rule, zone};
use RecurrenceType::{Daily, Monthly, Weekly, Yearly};

/// Read with a start of 1 January 2025, 09:00 in Berlin, a Wednesday.
fn read(text: &str) -> Result<Rule, Invalid> {
    read_at(text, "2025-01-01T09:00")
}

fn read_at(text: &str, start: &str) -> Result<Rule, Invalid> {
    let RuleInput { start, zone, .. } = input(every(1, Daily), start, "Europe/Berlin");
    Rule::from_rrule(text, start, zone)
}

#[test]
fn a_rule_is_written_with_its_start() {
    let berlin = |pattern, start| rule(pattern, start, "Europe/Berlin").to_rrule();
    let timed = berlin(every(1, Daily), "2025-01-01T09:00");
    assert_eq!(timed, "DTSTART;TZID=Europe/Berlin:20250101T090000\nRRULE:FREQ=DAILY");
    assert_eq!(berlin(every(3, Daily), "2025-01-01"), "DTSTART;VALUE=DATE:20250101\nRRULE:FREQ=DAILY;INTERVAL=3");
    let utc = rule(every(1, Daily), "2025-01-01T09:00", "UTC").to_rrule();
    assert_eq!(utc, "DTSTART:20250101T090000Z\nRRULE:FREQ=DAILY");
    // A start that is no slot would be an instance elsewhere: DTSTART is the first slot.
    let fridays = Pattern { weekdays: vec![Weekday::Friday, Weekday::Monday], ..every(2, Weekly) };
    assert_eq!(
        berlin(fridays, "2025-01-01T09:00"),
        "DTSTART;TZID=Europe/Berlin:20250103T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=MO"
    );
}

#[test]
fn a_day_that_clamps_is_written_so_that_others_clamp_too() {
    let written = |pattern, start| rule(pattern, start, "UTC").rrule();
    let monthly = "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1";
    assert_eq!(written(every(1, Monthly), "2025-01-31T09:00"), monthly);
    assert_eq!(written(every(12, Monthly), "2025-01-31T09:00"), "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31");
    let leap = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1";
    assert_eq!(written(every(1, Yearly), "2024-02-29T09:00"), leap);
    assert_eq!(written(every(1, Yearly), "2025-12-31T09:00"), "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31");
    let last = Pattern { month_day: Some(-1), ..every(1, Monthly) };
    assert_eq!(written(last, "2025-01-01T09:00"), "FREQ=MONTHLY;BYMONTHDAY=-1");
    let friday = Pattern { nth_weekday: nth_weekday(-1, Weekday::Friday), ..every(1, Monthly) };
    assert_eq!(written(friday, "2025-01-01T09:00"), "FREQ=MONTHLY;BYDAY=-1FR");
}

#[test]
fn an_end_is_written_as_the_moment_of_the_slot() {
    let mut ends = input(every(1, Daily), "2025-01-01T09:00", "Europe/Berlin");
    ends.end_date = Some(date("2025-07-01"));
    assert_eq!(Rule::parse(ends).unwrap().rrule(), "FREQ=DAILY;UNTIL=20250701T070000Z");
    let whole = RuleInput { end_date: Some(date("2025-07-01")), ..input(every(1, Daily), "2025-01-01", "UTC") };
    assert_eq!(Rule::parse(whole).unwrap().rrule(), "FREQ=DAILY;UNTIL=20250701");
    // The clocks skip from 23:00 to 24:00: the end of that day would lie behind the first slot of the next.
    let mut nuuk = input(every(1, Daily), "2026-03-27T00:30", "America/Nuuk");
    nuuk.end_date = Some(date("2026-03-28"));
    assert_eq!(Rule::parse(nuuk).unwrap().rrule(), "FREQ=DAILY;UNTIL=20260328T023000Z");
}

#[test]
fn of_a_rule_that_counts_from_completion_the_schedule_is_written() {
    let given = RuleInput { basis: Basis::Completion, ..input(every(3, Daily), "2025-01-01T09:00", "UTC") };
    assert_eq!(Rule::parse(given).unwrap().rrule(), "FREQ=DAILY;INTERVAL=3");
}

#[test]
fn equivalent_forms_are_the_same_rule() {
    let first_monday = Pattern { nth_weekday: nth_weekday(1, Weekday::Monday), ..every(1, Monthly) };
    let march = Pattern { nth_weekday: nth_weekday(-1, Weekday::Sunday), month: Some(3), ..every(1, Yearly) };
    let five = [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
    let working_days = Pattern { weekdays: five.to_vec(), ..every(1, Weekly) };
    let day_30 = Pattern { month_day: Some(30), ..every(1, Monthly) };
    let forms = [
        ("FREQ=MONTHLY;BYDAY=1MO", &first_monday),
        ("RRULE:FREQ=MONTHLY;BYDAY=+1MO", &first_monday),
        ("rrule:bysetpos=1;byday=mo;freq=monthly;", &first_monday),
        ("RRULE:FREQ=MON\r\n THLY;BYD\r\n\tAY=1MO\r\n", &first_monday),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", &march),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=SU;BYSETPOS=-1", &march),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", &working_days),
        ("FREQ=WEEKLY;BYDAY=FR,TH,WE,TU,MO,MO;WKST=SU", &working_days),
        ("FREQ=MONTHLY;BYMONTHDAY=30,29,28;BYSETPOS=-1", &day_30),
    ];
    for (text, pattern) in forms {
        assert_eq!(read(text).unwrap().pattern(), pattern, "{text}");
    }
}

#[test]
fn a_dtstart_takes_the_place_of_start_and_zone() {
    let rule = read("DTSTART;TZID=\"America/New_York\":20250301T083000\nRRULE:FREQ=DAILY").unwrap();
    assert_eq!(rule.zone(), &zone("America/New_York"));
    assert_eq!(rule.start(), &Start::At(at("2025-03-01T13:30:00Z")));
    let utc = read("RRULE:FREQ=DAILY\nDTSTART:20250301T083000Z").unwrap();
    assert_eq!((utc.zone(), utc.start_at()), (&zone("UTC"), at("2025-03-01T08:30:00Z")));
    let floating = read("DTSTART:20250301T083000\nFREQ=DAILY").unwrap();
    assert_eq!((floating.zone(), floating.start_at()), (&zone("Europe/Berlin"), at("2025-03-01T07:30:00Z")));
    assert_eq!(read("DTSTART;VALUE=DATE:20250301\nFREQ=DAILY").unwrap().start(), &Start::Day(date("2025-03-01")));
}

#[test]
fn until_is_a_date_or_an_instant_that_may_come_too_early_for_the_last_day() {
    for (until, end) in [
        ("20250703", "2025-07-03"),
        ("20250703T070000Z", "2025-07-03"),
        ("20250703T065959Z", "2025-07-02"),
        ("20250703T215959Z", "2025-07-03"),
        ("20250703T230000Z", "2025-07-03"),
        ("20250703T090000", "2025-07-03"),
        ("20250703T085959", "2025-07-02"),
    ] {
        let rule = read(&format!("FREQ=DAILY;UNTIL={until}")).unwrap();
        assert_eq!(rule.end_date(), Some(date(end)), "{until}");
    }
}

#[test]
fn where_weeks_begin_matters_only_to_a_rule_that_skips_some() {
    // The start is a Wednesday; a week from Sunday has the Sunday before it, ours the one after.
    assert!(read("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,SA;WKST=SU").is_ok());
    assert!(read("FREQ=WEEKLY;INTERVAL=2;WKST=SU").is_ok());
    assert!(read("FREQ=WEEKLY;BYDAY=SU;WKST=SU").is_ok());
    assert!(read("FREQ=MONTHLY;WKST=SU").is_ok());
    for rule in ["FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,SU;WKST=SU", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=WE"] {
        assert!(faults(read(rule))[0].contains("weeks begin on Monday"), "{rule}");
    }
}

#[test]
fn what_cannot_be_kept_is_refused_by_name() {
    for (text, part) in [
        ("", "must hold an RRULE"),
        ("every day", "EVERY DAY is no part of an RRULE"),
        ("INTERVAL=2", "FREQ is missing"),
        ("RRULE:INTERVAL=2", "FREQ is missing"),
        ("FREQ=HOURLY", "FREQ=HOURLY"),
        ("FREQ=SECONDLY", "FREQ=SECONDLY"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ is there twice"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR=9"),
        ("FREQ=DAILY;BYMINUTE=0,30", "BYMINUTE=0,30"),
        ("FREQ=YEARLY;BYYEARDAY=100", "BYYEARDAY=100"),
        ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO=20"),
        ("FREQ=YEARLY;BYEASTER=0", "BYEASTER=0"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "BYMONTHDAY=1,15"),
        ("FREQ=MONTHLY;BYMONTHDAY=29,30,31;BYSETPOS=-1", "BYMONTHDAY=29,30,31"),
        ("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=1", "BYMONTHDAY=28,29,30,31"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2", "BYMONTHDAY must be"),
        ("FREQ=MONTHLY;BYMONTHDAY=", "BYMONTHDAY="),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY goes with monthly"),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=1FR", "BYDAY cannot be given together"),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "BYDAY=FR"),
        ("FREQ=MONTHLY;BYDAY=MO", "every such day"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "BYDAY=MO,TU,WE,TH,FR"),
        ("FREQ=MONTHLY;BYDAY=1MO,3MO", "BYDAY=1MO,3MO"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY must be"),
        ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY must be"),
        ("FREQ=MONTHLY;BYDAY=-2MO", "BYDAY must be"),
        ("FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=1", "BYSETPOS=1"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY=1MO"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX"),
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1", "BYSETPOS=1"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO", "BYDAY=MO"),
        ("FREQ=DAILY;BYMONTH=1", "BYMONTH=1"),
        ("FREQ=MONTHLY;BYMONTH=1", "BYMONTH=1"),
        ("FREQ=YEARLY;BYMONTH=1,7", "BYMONTH=1,7"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH must be"),
        ("FREQ=YEARLY;BYDAY=20MO", "BYDAY counts days of the whole year"),
        ("FREQ=YEARLY;BYMONTHDAY=13", "BYMONTHDAY comes every month"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be 1 to 999"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1 is no number"),
        ("FREQ=DAILY;COUNT=0", "COUNT must be"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20260101", "COUNT cannot be given together"),
        ("FREQ=DAILY;UNTIL=20241231", "UNTIL must not lie before"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL=TOMORROW must be such as"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=XX", "WKST=XX"),
        ("FREQ=DAILY;RSCALE=HEBREW", "RSCALE=HEBREW"),
        ("RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "a second RRULE"),
        ("RRULE:FREQ=DAILY\nEXDATE:20250102T090000Z", "EXDATE cannot be kept"),
        ("RRULE:FREQ=DAILY\nRDATE;VALUE=DATE:20250102", "RDATE cannot be kept"),
        ("DTSTART;TZID=Mars/Olympus:20250101T090000\nFREQ=DAILY", "TZID must be an IANA time zone"),
        ("DTSTART:2025-01-01\nFREQ=DAILY", "DTSTART must be such as"),
        ("DTSTART:19691231T090000\nFREQ=DAILY", "DTSTART must be in the years"),
        ("DTSTART:20260329T023000\nFREQ=DAILY", "DTSTART does not exist in Europe/Berlin"),
    ] {
        let faults = faults(read(text));
        assert!(faults.iter().all(|fault| fault.starts_with("rrule: ")), "{text}: {faults:?}");
        assert!(faults.iter().any(|fault| fault.contains(part)), "{text}: {faults:?}");
    }
    assert_eq!(faults(read(&"FREQ=DAILY;".repeat(100))), ["rrule: must have at most 1000 characters"]);
}

#[test]
fn a_day_that_others_would_skip_is_not_made_to_clamp() {
    let is_refused = |text, start| {
        let faults = read_at(text, start).err().map(|invalid| invalid.to_string());
        assert!(faults.as_ref().is_none_or(|fault| fault.contains("BYSETPOS=-1")), "{faults:?}");
        faults.is_some()
    };
    assert!(is_refused("FREQ=MONTHLY;BYMONTHDAY=31", "2025-01-01T09:00"));
    assert!(is_refused("FREQ=MONTHLY;BYMONTHDAY=29", "2025-01-01T09:00"));
    assert!(is_refused("FREQ=MONTHLY", "2025-01-31T09:00"));
    assert!(is_refused("FREQ=YEARLY", "2024-02-29T09:00"));
    assert!(is_refused("FREQ=YEARLY;BYMONTH=4", "2025-03-31T09:00"));
    // Where every month has the day there is nothing to skip.
    assert!(!is_refused("FREQ=MONTHLY;BYMONTHDAY=28", "2025-01-01T09:00"));
    assert!(!is_refused("FREQ=YEARLY", "2025-01-31T09:00"));
    assert!(!is_refused("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", "2025-01-01T09:00"));
    assert!(!is_refused("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", "2025-01-01T09:00"));
}

#[test]
fn a_rule_that_was_written_is_read_again() {
    let clamped = read("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1").unwrap();
    assert_eq!(locals(&clamped, 2), ["2025-01-31 09:00", "2025-02-28 09:00"]);
    let mut given = input(every(1, Monthly), "2025-01-31T09:00", "Europe/Berlin");
    given.end_date = Some(date("2025-06-30"));
    let rule = Rule::parse(given).unwrap();
    let again = Rule::from_rrule(&rule.to_rrule(), Start::Day(date("2000-01-01")), zone("UTC")).unwrap();
    assert_eq!(instants(&again, 99), instants(&rule, 99));
    assert_eq!((again.end_date(), again.zone()), (rule.end_date(), rule.zone()));
}
