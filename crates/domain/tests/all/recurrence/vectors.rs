//! Every vector of `tests/vectors/recurrence.jsonl`, which dateutil and zoneinfo made.

use domain::recurrence::{Basis, Note, Pattern, Rule, RuleInput, Slot, Start};
use jiff::{SignedDuration, Timestamp, civil};
use serde::Deserialize;

use super::zone;

#[derive(Deserialize)]
struct Edition {
    tzdata: String,
    dateutil: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    group: String,
    rule: WireRule,
    rrule: Option<String>,
    slots: Vec<WireSlot>,
    /// How many slots there are, of a rule that ends.
    total: Option<u64>,
    #[serde(default)]
    completions: Vec<Completion>,
}

#[derive(Deserialize)]
struct WireRule {
    #[serde(flatten)]
    pattern: Pattern,
    time_zone: String,
    start_date: String,
    end_date: Option<civil::Date>,
    count: Option<u32>,
    #[serde(default)]
    basis: Basis,
}

/// Number, nominal wall time, instant, note.
#[derive(Deserialize)]
struct WireSlot(u64, civil::DateTime, Timestamp, Option<String>);

/// The same of the slot that follows a completion.
#[derive(Deserialize)]
struct Completion(Timestamp, civil::DateTime, Timestamp, Option<String>);

#[test]
fn every_vector_has_the_slots_that_dateutil_and_zoneinfo_find() {
    let mut lines = include_str!("../../vectors/recurrence.jsonl").lines();
    let edition: Edition = serde_json::from_str(lines.next().unwrap()).unwrap();
    let mut zones = std::collections::BTreeSet::new();
    let (mut faults, mut seen) = (Vec::new(), 0);
    for line in lines {
        let vector: Vector = serde_json::from_str(line).unwrap();
        zones.insert(vector.rule.time_zone.clone());
        seen += vector.slots.len() + vector.completions.len();
        let rule = vector.rule.parse();
        let mut differs = |what: String| faults.push(format!("{}: {what}\n  {line}", vector.group));
        if let Some(rrule) = &vector.rrule
            && rule.rrule() != *rrule
        {
            differs(format!("its RRULE is {}", rule.rrule()));
        }
        for slot in &vector.slots {
            check_slot(&rule, slot, &mut differs);
        }
        if let Some(total) = vector.total {
            check_end(&rule, total, &mut differs);
        }
        for Completion(completed, local, at, note) in &vector.completions {
            let next = rule.next_after_completion(*completed).unwrap();
            if (next.local, next.at, kind(&next)) != (*local, *at, note.as_deref()) {
                differs(format!("completed at {completed}, next is {next:?}"));
            }
        }
    }
    assert!(seen > 10_000 && zones.len() > 590, "only {seen} slots in {} zones", zones.len());
    let Edition { tzdata, dateutil } = edition;
    let shown = faults.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(faults.is_empty(), "{} differ from dateutil {dateutil}, tzdata {tzdata}:\n{shown}", faults.len());
}

impl WireRule {
    fn parse(&self) -> Rule {
        let start = match self.start_date.parse() {
            Ok(at) => Start::At(at),
            Err(_) => Start::Day(self.start_date.parse().unwrap()),
        };
        Rule::parse(RuleInput {
            pattern: self.pattern.clone(),
            start,
            zone: zone(&self.time_zone),
            end_date: self.end_date,
            count: self.count,
            basis: self.basis,
        })
        .unwrap()
    }
}

fn kind(slot: &Slot) -> Option<&'static str> {
    slot.note.as_ref().map(|note| match note {
        Note::ClampedToMonthEnd { .. } => "clamp",
        Note::ShiftedOverGap { .. } => "gap",
        Note::FirstOfOverlap => "overlap",
    })
}

/// By number, and by moment on it and on either side of it.
fn check_slot(rule: &Rule, WireSlot(n, local, at, note): &WireSlot, differs: &mut impl FnMut(String)) {
    let Some(slot) = rule.nth(*n) else { return differs(format!("there is no slot {n}")) };
    if (slot.local, slot.at, kind(&slot)) != (*local, *at, note.as_deref()) {
        return differs(format!("slot {n} is {slot:?}"));
    }
    // Where a day is skipped whole, two slots have one instant: the later one stands for both.
    let expected = rule.nth(n + 1).filter(|next| next.at == slot.at).unwrap_or(slot);
    let moment = SignedDuration::from_micros(1);
    let found = [
        ("from it", rule.first_from(*at)),
        ("from a moment before", rule.first_from(*at - moment)),
        ("after a moment before", rule.first_after(*at - moment)),
        ("until it", rule.last_until(*at)),
        ("until a moment after", rule.last_until(*at + moment)),
    ];
    for (what, found) in found {
        if found.as_ref() != Some(&expected) {
            differs(format!("slot {n}, {what}: {found:?}"));
        }
    }
    if rule.first_after(*at).is_some_and(|after| after.at <= *at) {
        differs(format!("the slot after {n} is not later"));
    }
    let before = rule.last_until(*at - moment);
    if before.is_some_and(|before| before.at >= *at || before.n >= *n) {
        differs(format!("the slot before {n} is not earlier"));
    }
}

fn check_end(rule: &Rule, total: u64, differs: &mut impl FnMut(String)) {
    let last = rule.last_until(Timestamp::MAX).map(|slot| slot.n + 1);
    if last != Some(total) || rule.nth(total).is_some() {
        differs(format!("it has {last:?} slots, not {total}"));
    }
}
