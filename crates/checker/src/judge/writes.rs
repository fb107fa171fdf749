//! Every acknowledged write is there; an unknown one is there whole, or not at all; none twice.

use std::collections::HashSet;

use super::{Fault, Findings, rows_by_title, tasks_of};
use crate::{
    history::{Action, History, Outcome, Step, TaskHistory, TaskState},
    observe::{Observed, TaskRow},
};

pub(super) fn judge(history: &History, user: usize, seen: &Observed, findings: &mut Findings) {
    let rows = rows_by_title(seen);
    let mut known = HashSet::new();
    for task in tasks_of(history, user) {
        known.insert(task.title.as_str());
        let found = rows.get(task.title.as_str()).map_or(&[][..], Vec::as_slice);
        if found.len() > 1 {
            findings.add(Fault::DoubledWrite, &task.title, format!("there are {} of it", found.len()));
        }
        judge_task(task, found.first().copied(), findings);
        judge_reads(task, findings);
    }
    for title in rows.keys().filter(|title| !known.contains(*title)) {
        findings.add(Fault::UnexpectedWrite, *title, "nobody made this task");
    }
    judge_named(
        history.rules.iter().filter(|rule| rule.user == user).map(|rule| (rule.title.as_str(), rule.outcome)),
        seen.rules.iter().map(|row| row.title.as_str()),
        "recurring task",
        findings,
    );
    judge_named(
        history.projects.iter().filter(|project| project.user == user).map(|p| (p.name.as_str(), p.outcome)),
        seen.projects.iter().map(|row| row.name.as_str()),
        "project",
        findings,
    );
}

fn judge_task(task: &TaskHistory, row: Option<&TaskRow>, findings: &mut Findings) {
    let state = row.map(TaskRow::state);
    let possible = task.possible();
    if !possible.contains(&state) {
        let fault = if was_before(task, state.as_ref()) { Fault::LostWrite } else { Fault::HalfWrite };
        findings.add(fault, &task.title, format!("is {state:?}, must be {possible:?}"));
        return;
    }
    let acknowledged = task.steps.iter().filter_map(|step| match step.outcome {
        Outcome::Acknowledged { version } => version,
        Outcome::Unknown => None,
    });
    if let (Some(row), Some(version)) = (row, acknowledged.max())
        && row.version < version
    {
        let detail = format!("is at version {}, and {version} was acknowledged", row.version);
        findings.add(Fault::LostWrite, &task.title, detail);
    }
}

/// Whether it was so at some time before the last acknowledged change: then what came after is lost.
fn was_before(task: &TaskHistory, state: Option<&TaskState>) -> bool {
    let mut so_far = None;
    for step in &task.steps {
        if so_far.as_ref() == state {
            return true;
        }
        so_far = TaskState::after(so_far.as_ref(), &step.action);
    }
    false
}

/// A client that was answered sees its own writes, whichever server it asks.
fn judge_reads(task: &TaskHistory, findings: &mut Findings) {
    let mut so_far: Option<TaskState> = None;
    for Step { action, .. } in &task.steps {
        match action {
            Action::Read(read) if *read != so_far => {
                findings.add(Fault::StaleRead, &task.title, format!("read {read:?}, must be {so_far:?}"));
            }
            Action::Read(_) => {}
            action => so_far = TaskState::after(so_far.as_ref(), action),
        }
    }
}

/// Rules and projects are only made.
fn judge_named<'a>(
    asked: impl Iterator<Item = (&'a str, Outcome)>,
    found: impl Iterator<Item = &'a str>,
    what: &str,
    findings: &mut Findings,
) {
    let found: Vec<&str> = found.collect();
    let mut known = HashSet::new();
    for (name, outcome) in asked {
        known.insert(name);
        match found.iter().filter(|other| **other == name).count() {
            0 if outcome != Outcome::Unknown => findings.add(Fault::LostWrite, name, format!("this {what} is gone")),
            0 | 1 => {}
            number => findings.add(Fault::DoubledWrite, name, format!("there are {number} of this {what}")),
        }
    }
    for name in found.into_iter().filter(|name| !known.contains(name)) {
        findings.add(Fault::UnexpectedWrite, name, format!("nobody made this {what}"));
    }
}
