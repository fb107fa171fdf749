//! The verdict: what the clients did, held against what is there. Pure, so that every fault it can find is a test.

mod feed;
mod log;
mod reminders;
mod slots;
#[cfg(test)]
mod tests;
mod writes;

use std::{collections::HashMap, fmt};

use crate::{
    history::{History, TaskHistory},
    observe::{Observed, TaskRow},
};

pub use reminders::{Expected, Need, expected_of_occurrence, expected_of_task};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// An acknowledged change is not there.
    LostWrite,
    /// What is there is neither what was before a request nor what is after it.
    HalfWrite,
    /// One request, two effects.
    DoubledWrite,
    /// There, and nobody asked for it.
    UnexpectedWrite,
    /// A read after an acknowledgement showed something else.
    StaleRead,
    /// 5xx, or a refusal of what was right.
    WrongAnswer,
    LostReminder,
    DoubledReminder,
    EarlyReminder,
    UnexpectedReminder,
    /// The ledger and the list of notifications tell different stories.
    LedgerDiffers,
    LostSlot,
    DoubledSlot,
    EarlySlot,
    UnexpectedSlot,
    /// A version without an event, two events of one version, or out of order.
    LogBroken,
    /// The newest event does not tell of what is there.
    LogDiffers,
    /// The feed of changes shows other rows than the lists.
    FeedDiffers,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub fault: Fault,
    /// The task, rule, project or request.
    pub subject: String,
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}: {}", self.fault, self.subject, self.detail)
    }
}

/// Collects what was found.
#[derive(Debug, Default)]
struct Findings(Vec<Violation>);

impl Findings {
    fn add(&mut self, fault: Fault, subject: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Violation { fault, subject: subject.into(), detail: detail.into() });
    }
}

/// `observed` has one entry for each user of the history.
pub fn judge(history: &History, observed: &[Observed]) -> Vec<Violation> {
    let mut findings = Findings::default();
    for wrong in &history.wrong_answers {
        findings.add(Fault::WrongAnswer, &wrong.request, format!("{} {}", wrong.status, wrong.body));
    }
    for (user, seen) in observed.iter().enumerate() {
        writes::judge(history, user, seen, &mut findings);
        reminders::judge(history, user, seen, &mut findings);
        slots::judge(history, user, seen, &mut findings);
        log::judge(seen, &mut findings);
        feed::judge(seen, &mut findings);
    }
    findings.0
}

/// The rows of the tasks that clients made, by title; what a rule made has its rule's title.
fn rows_by_title(seen: &Observed) -> HashMap<&str, Vec<&TaskRow>> {
    let mut rows: HashMap<&str, Vec<&TaskRow>> = HashMap::new();
    for row in seen.tasks.iter().filter(|row| row.recurring_task_id.is_none()) {
        rows.entry(row.title.as_str()).or_default().push(row);
    }
    rows
}

fn tasks_of(history: &History, user: usize) -> impl Iterator<Item = &TaskHistory> {
    history.tasks.iter().filter(move |task| task.user == user)
}
