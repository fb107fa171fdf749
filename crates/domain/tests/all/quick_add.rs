//! The quick-add line: every vector of `tests/vectors/quick_add.json`, and what holds for any text at all.

use std::ops::Range;

use domain::{
    Due, Zone,
    quick_add::{self, QuickAdd, QuickReminder, Span, TokenKind},
    recurrence::{Rule, RuleInput, Start},
};
use jiff::{Timestamp, civil};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    group: String,
    text: String,
    now: Timestamp,
    zone: String,
    expect: Value,
}

#[test]
fn every_vector_means_what_it_says() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../vectors/quick_add.json")).unwrap();
    assert!(vectors.len() > 150, "only {} vectors", vectors.len());
    let mut faults = Vec::new();
    for Vector { group, text, now, zone, expect } in vectors {
        let read = quick_add::parse(&text, now, &Zone::parse(&zone).unwrap());
        let got = as_in_vectors(&text, &read);
        if got != expect {
            faults.push(format!("{group}: {text:?} at {now} in {zone}\n  expected {expect}\n  got      {got}"));
        }
    }
    assert!(faults.is_empty(), "{} vectors differ:\n{}", faults.len(), faults.join("\n"));
}

/// The shape described in `tests/vectors/README.md`.
fn as_in_vectors(text: &str, read: &QuickAdd) -> Value {
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let span = |span: &Span, rest: Value| {
        let by_utf16 = String::from_utf16(&utf16[span.utf16_start..span.utf16_end]).unwrap();
        assert_eq!(by_utf16, text[span.start..span.end], "both kinds of offsets name the same part of {text:?}");
        with(rest, json!({ "text": by_utf16, "start": span.utf16_start, "end": span.utf16_end }))
    };
    let reminder = |reminder: &QuickReminder| match reminder {
        QuickReminder::MinutesBefore(minutes) => json!({ "minutes_before": minutes }),
        QuickReminder::AtTime { time, at } => json!({ "time": hour_and_minute(*time), "at": at }),
    };
    without_blanks(json!({
        "title": read.title,
        "due": read.due.as_ref().map(Due::to_wire),
        "recurrence": read.recurrence.as_ref().map(recurrence),
        "project": read.project,
        "tags": read.tags,
        "priority": read.priority,
        "reminders": read.reminders.iter().map(reminder).collect::<Vec<_>>(),
        "tokens": read.tokens.iter().map(|token| span(&token.span, json!({ "kind": token.kind }))).collect::<Vec<_>>(),
        "hints": read.hints.iter().map(|hint| span(&hint.span, json!({ "message": hint.message }))).collect::<Vec<_>>(),
    }))
}

fn recurrence(rule: &RuleInput) -> Value {
    let (date, time) = match rule.start {
        Start::Day(date) => (date, None),
        Start::At(at) => (rule.zone.local(at).date(), Some(rule.zone.local(at).time())),
    };
    let rest = without_blanks(json!({
        "basis": rule.basis,
        "start_date": date,
        "start_time": time.map(hour_and_minute),
        "end_date": rule.end_date,
        "count": rule.count,
    }));
    with(serde_json::to_value(&rule.pattern).unwrap(), rest)
}

fn hour_and_minute(time: civil::Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn with(object: Value, more: Value) -> Value {
    let fields = |value| if let Value::Object(fields) = value { fields } else { Map::new() };
    fields(object).into_iter().chain(fields(more)).collect()
}

fn without_blanks(mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
    }
    object
}

#[test]
fn a_reminder_at_a_time_can_be_a_template() {
    let read = |text| quick_add::parse(text, "2026-11-24T08:15:00Z".parse().unwrap(), &Zone::utc()).reminders[0];
    let due = civil::time(17, 0, 0, 0);
    assert_eq!(read("tomorrow 17:00 !2h").minutes_before(due), Some(120));
    assert_eq!(read("tomorrow 17:00 !9:00").minutes_before(due), Some(480));
    assert_eq!(read("tomorrow 17:00 !18:00").minutes_before(due), None);
}

#[test]
fn a_hostile_line_takes_no_longer_than_its_length() {
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let now = "2026-11-24T08:15:00Z".parse().unwrap();
    let parts = [
        "sat ",
        "daily ",
        "„ ",
        "\"",
        "“a ",
        "every ",
        "every mon, ",
        "at 9 ",
        "until ",
        "#\"",
        "in 3 ",
        "@a ",
        "!1h1m ",
        "4. ",
        "every 1st and ",
        "a,b,",
        "1",
        ":",
        "\u{1f600}",
    ];
    // A quadratic step over this would take minutes each, even in a release build.
    for part in parts {
        let text = part.repeat(200_000 / part.len());
        let read = quick_add::parse(&text, now, &zone);
        assert!(read.title.len() <= text.len());
    }
}

/// Lines made of the words of the grammar, of marks and of anything else.
fn lines() -> impl Strategy<Value = String> {
    const WORDS: &str = "every every! each mon fri sat sun, wed weekday weekend and , 1st 31st last second day week month
        months year other of the march may feb dec. 29 31 4 4. 0 3 99 2027 9999 in 2h until for times from starting on at
        by due next this today tonight tomorrow 5pm 17:00 5 pm a.m. noon 25:00 2026-12-04 2026-02-30 31.2. 4.12.2026
        daily weekly #Home #\"Home garden\" # @phone @ a@b.org p1 p4 !30m !9:00 ! \" “ ” „ « » ( 🎉";
    let word = prop_oneof![
        8 => prop::sample::select(WORDS.split_whitespace().collect::<Vec<_>>()).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ];
    let space = prop_oneof![8 => Just(" "), 1 => Just(""), 1 => Just("\t \u{a0}\n")];
    prop::collection::vec((word, space), 0..24)
        .prop_map(|parts| parts.into_iter().map(|(word, space)| word + space).collect())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![4 => lines(), 1 => any::<String>()]
}

fn any_zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(
        ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Africa/Cairo", "Pacific/Kiritimati"].as_slice(),
    )
    .prop_map(|name| Zone::parse(name).unwrap())
}

fn any_instant() -> impl Strategy<Value = Timestamp> {
    let at = |second| Timestamp::from_second(second).unwrap();
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    prop_oneof![
        8 => (0_i64..7_000_000_000).prop_map(at),
        1 => (first..=last).prop_map(at),
        1 => Just(Timestamp::MIN),
        1 => Just(Timestamp::MAX),
    ]
}

/// What is neither white space nor a quote, nor a comma, which may fall off the end of a title.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !c.is_whitespace() && !['"', '“', '”', '„', '«', '»', ',', ';'].contains(c))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn tokens_and_hints_lie_in_the_text_in_order_and_apart(text in any_text(), now in any_instant(), zone in any_zone()) {
        let read = quick_add::parse(&text, now, &zone);
        let utf16 = |part: &str| part.encode_utf16().count();
        let mut last = 0;
        for span in read.tokens.iter().map(|token| &token.span) {
            prop_assert!(last <= span.start && span.start < span.end, "{span:?}");
            last = span.end;
        }
        for span in read.tokens.iter().map(|token| &token.span).chain(read.hints.iter().map(|hint| &hint.span)) {
            let part = text.get(span.start..span.end);
            prop_assert!(part.is_some_and(|part| !part.is_empty()), "{span:?} is no part of {text:?}");
            prop_assert_eq!(span.utf16_start, utf16(&text[..span.start]));
            prop_assert_eq!(span.utf16_end, utf16(&text[..span.end]));
        }
    }

    #[test]
    fn nothing_typed_is_lost_and_nothing_is_added(text in any_text(), now in any_instant(), zone in any_zone()) {
        let read = quick_add::parse(&text, now, &zone);
        let mut left_over = String::new();
        let mut at = 0;
        for token in read.tokens.iter().filter(|token| token.kind != TokenKind::Quoted) {
            left_over += &text[Range { start: at, end: token.span.start }];
            at = token.span.end;
        }
        left_over += &text[at..];
        prop_assert_eq!(letters(&read.title).collect::<String>(), letters(&left_over).collect::<String>());
    }

    #[test]
    fn a_title_has_single_spaces_and_reads_the_same_again_when_quoted(text in any_text(), now in any_instant(), zone in any_zone()) {
        let title = quick_add::parse(&text, now, &zone).title;
        prop_assert_eq!(&title, &title.split_whitespace().collect::<Vec<_>>().join(" "));
        if !title.contains('”') {
            let again = quick_add::parse(&format!("“{title}”"), now, &zone);
            prop_assert_eq!(again.title, title);
            prop_assert!(again.due.is_none() && again.recurrence.is_none());
        }
    }

    #[test]
    fn a_rule_can_be_made_and_its_first_slot_is_the_due_date(text in lines(), now in 0_i64..7_000_000_000, zone in any_zone()) {
        let now = Timestamp::from_second(now).unwrap();
        let read = quick_add::parse(&text, now, &zone);
        if let Some(input) = read.recurrence {
            let due = read.due.unwrap();
            let rule = Rule::parse(input).unwrap();
            let first = rule.nth(0).unwrap();
            prop_assert_eq!(first.at, rule.start_at());
            prop_assert_eq!(first.local.date(), due.date());
            prop_assert_eq!(rule.is_all_day(), due.is_whole_day());
            prop_assert!(due.deadline() > now);
            if let Due::At { at, .. } = due {
                prop_assert_eq!(first.at, at);
                prop_assert_eq!(first.local, zone.local(at), "the rule keeps the wall time of its start");
            }
        }
    }
}
