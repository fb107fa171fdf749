//! Every slot that came has exactly one task, made when it came.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{Timestamp, tz::TimeZone};

use super::{Fault, Findings};
use crate::{
    history::{History, RuleHistory},
    observe::{Observed, RuleRow},
};

pub(super) fn judge(history: &History, user: usize, seen: &Observed, findings: &mut Findings) {
    let mut made: HashMap<&str, BTreeMap<Timestamp, usize>> = HashMap::new();
    for row in &seen.tasks {
        let (Some(rule), Some(slot)) = (row.recurring_task_id.as_deref(), row.slot) else { continue };
        *made.entry(rule).or_default().entry(slot).or_default() += 1;
        if row.created_at < slot {
            findings.add(Fault::EarlySlot, &row.title, format!("slot {slot}, made {}", row.created_at));
        }
    }
    let rules = history.rules.iter().filter(|rule| rule.user == user);
    let rules: HashMap<&str, &RuleHistory> = rules.map(|rule| (rule.title.as_str(), rule)).collect();
    let mut known = HashSet::new();
    for row in &seen.rules {
        known.insert(row.id.as_str());
        let Some(rule) = rules.get(row.title.as_str()) else { continue }; // told of already
        let slots = made.remove(row.id.as_str()).unwrap_or_default();
        judge_rule(rule, row, &slots, findings);
    }
    for rule in made.keys().filter(|rule| !known.contains(*rule)) {
        findings.add(Fault::UnexpectedSlot, *rule, "tasks of a rule that is not there");
    }
}

fn judge_rule(rule: &RuleHistory, row: &RuleRow, slots: &BTreeMap<Timestamp, usize>, findings: &mut Findings) {
    for (slot, number) in slots {
        if *slot != rule.start {
            findings.add(Fault::UnexpectedSlot, &rule.title, format!("{slot} is no slot, {} is", rule.start));
        } else if *number > 1 {
            findings.add(Fault::DoubledSlot, &rule.title, format!("slot {slot} has {number} tasks"));
        }
    }
    if !slots.contains_key(&rule.start) && must_have_come(rule, row) {
        findings.add(Fault::LostSlot, &rule.title, format!("slot {} has no task", rule.start));
    }
}

/// A rule that was stored only after its start makes the slot of today, and none of a day before.
fn must_have_come(rule: &RuleHistory, row: &RuleRow) -> bool {
    let date = |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).date();
    row.created_at <= rule.start || date(row.created_at) == date(rule.start)
}
