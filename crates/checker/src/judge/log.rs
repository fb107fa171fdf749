//! The log has every version of every task and rule once, in order, and ends with what is there.

use std::collections::HashMap;

use serde_json::Value;

use super::{Fault, Findings};
use crate::observe::{EventRow, Observed};

pub(super) fn judge(seen: &Observed, findings: &mut Findings) {
    let mut events: HashMap<&str, Vec<&EventRow>> = HashMap::new();
    for event in &seen.events {
        events.entry(event.subject.as_str()).or_default().push(event);
    }
    for ((kind, id), row) in &seen.lists {
        let field = match *kind {
            "task" => "task",
            "recurring_task" => "recurring_task",
            _ => continue,
        };
        let own = events.remove(id.as_str()).unwrap_or_default();
        let title = row["title"].as_str().unwrap_or_default();
        judge_versions(title, row["version"].as_i64().unwrap_or(0), &own, findings);
        if let Some(last) = own.last() {
            judge_last(title, row, &last.data[field], findings);
        }
    }
    for (id, own) in events {
        findings.add(Fault::LogDiffers, id, format!("has {} events, and is not there", own.len()));
    }
}

/// The slot's own event has the version of the task that it made.
fn judge_versions(title: &str, version: i64, events: &[&EventRow], findings: &mut Findings) {
    let counted = events.iter().filter(|event| event.event_type != "todo.recurring-task.due.v1");
    let versions: Vec<i64> = counted.map(|event| event.version).collect();
    if !versions.iter().copied().eq(1..=version) {
        findings.add(Fault::LogBroken, title, format!("is at version {version}, its events are {versions:?}"));
    }
    if events.windows(2).any(|pair| pair[1].time < pair[0].time) {
        findings.add(Fault::LogBroken, title, "the times of its events go backwards");
    }
}

/// The event carries the whole of it; the list may show more that follows from it.
fn judge_last(title: &str, row: &Value, told: &Value, findings: &mut Findings) {
    for (name, value) in told.as_object().into_iter().flatten() {
        if row.get(name) != Some(value) {
            let detail = format!("{name} is {}, the newest event says {value}", row[name]);
            findings.add(Fault::LogDiffers, title, detail);
        }
    }
}
