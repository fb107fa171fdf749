//! Every reminder once: none lost, none twice, none before its moment, none that was called off.
//!
//! What must come follows from the steps of a client. Between sending a request and its answer the state is either of
//! two, so a moment that falls into such a gap may have come or not; every other one must, or must not.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::{Fault, Findings, rows_by_title, tasks_of};
use crate::{
    history::{History, Outcome, TaskHistory, TaskState},
    observe::{DeliveryRow, NotificationRow, Observed, TaskRow},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    May,
    Must,
}

/// Reminders of one task by kind and moment. What is not in it must not come.
pub type Expected = BTreeMap<(&'static str, Timestamp), Need>;

const DUE_SOON: SignedDuration = SignedDuration::from_hours(24);

/// A stretch of time in which a task was in one state.
struct Window {
    state: TaskState,
    /// It began between these.
    begin: (Timestamp, Timestamp),
    /// It ended between these, if it ended.
    end: Option<(Timestamp, Timestamp)>,
    /// Whether it began at all.
    certain: bool,
}

/// The stretches during which the task was open with one due date: changes of other fields do not end them.
fn windows(task: &TaskHistory, created_at: Timestamp) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    let mut state: Option<TaskState> = None;
    for step in &task.steps {
        let next = TaskState::after(state.as_ref(), &step.action);
        let same = |a: &TaskState, b: &TaskState| a.due == b.due && a.is_open() == b.is_open();
        if let (Some(before), Some(after)) = (&state, &next)
            && same(before, after)
        {
            state = next;
            continue;
        }
        let certain = step.outcome != Outcome::Unknown || windows.is_empty();
        let gap = if windows.is_empty() { (created_at, created_at) } else { (step.sent, step.ended) };
        // Without an answer it may take effect a little later still, or never.
        let gap = if certain { gap } else { (gap.0, Timestamp::MAX) };
        if let Some(last) = windows.last_mut() {
            last.end = Some(gap);
        }
        if let Some(after) = &next {
            windows.push(Window { state: after.clone(), begin: gap, end: None, certain });
        }
        state = next;
    }
    windows.retain(|window| window.state.is_open());
    windows
}

/// `created_at` is the server's: it decides what lay ahead when the task was made.
pub fn expected_of_task(task: &TaskHistory, created_at: Timestamp) -> Expected {
    let windows = windows(task, created_at);
    let mut expected = Expected::new();
    let mut add = |kind, moment, need| {
        let known = expected.entry((kind, moment)).or_insert(need);
        *known = need.max(*known);
    };
    for window in &windows {
        for moment in task.own_reminders.iter().flatten() {
            if let Some(need) = comes(window, *moment) {
                add("reminder", *moment, need);
            }
        }
        let Some(due) = window.state.due else { continue };
        if let Some(need) = comes(window, due) {
            add("due", due, need);
        }
        // By default also a day before, which is at once for all that is due within a day.
        if task.own_reminders.is_none() && window.begin.0 < due {
            let must = windows.len() == 1 && window.certain && window.end.is_none() && window.begin.1 < due;
            let moment = due.checked_sub(DUE_SOON).unwrap_or(due);
            add("due_soon", moment, if must { Need::Must } else { Need::May });
        }
    }
    expected
}

/// Whether a moment comes in this stretch; `None` for never.
fn comes(window: &Window, moment: Timestamp) -> Option<Need> {
    if moment <= window.begin.0 || window.end.is_some_and(|(_, latest)| latest < moment) {
        return None; // already past when it began, or still ahead when it ended
    }
    let surely = window.certain && window.begin.1 < moment && window.end.is_none();
    Some(if surely { Need::Must } else { Need::May })
}

/// The person is told of a slot that came, and not of one that had passed when the rule was made.
pub fn expected_of_occurrence(row: &TaskRow, rule_created_at: Timestamp) -> Expected {
    let slot = row.slot.filter(|slot| rule_created_at < *slot);
    slot.map(|slot| (("recurring", slot), Need::Must)).into_iter().collect()
}

pub(super) fn judge(history: &History, user: usize, seen: &Observed, findings: &mut Findings) {
    let ledger = Ledger::new(history, seen);
    let rows = rows_by_title(seen);
    for task in tasks_of(history, user) {
        for row in rows.get(task.title.as_str()).into_iter().flatten() {
            ledger.judge(row, &expected_of_task(task, row.created_at), findings);
        }
    }
    let rules: HashMap<&str, Timestamp> = seen.rules.iter().map(|rule| (rule.id.as_str(), rule.created_at)).collect();
    for row in &seen.tasks {
        if let Some(rule) = row.recurring_task_id.as_deref().and_then(|rule| rules.get(rule)) {
            ledger.judge(row, &expected_of_occurrence(row, *rule), findings);
        }
    }
    ledger.judge_digests(findings);
    ledger.judge_strangers(findings);
}

/// What a user was told, from the list and from the ledger.
struct Ledger<'a> {
    seen: &'a Observed,
    deliveries: HashMap<&'a str, Vec<&'a DeliveryRow>>,
    notifications: HashMap<&'a str, Vec<&'a NotificationRow>>,
    sightings: HashMap<&'a str, Timestamp>,
}

impl<'a> Ledger<'a> {
    fn new(history: &'a History, seen: &'a Observed) -> Self {
        let mut deliveries: HashMap<&str, Vec<_>> = HashMap::new();
        for delivery in &seen.deliveries {
            deliveries.entry(delivery.task_id.as_str()).or_default().push(delivery);
        }
        let mut notifications: HashMap<&str, Vec<_>> = HashMap::new();
        for notification in &seen.notifications {
            if let Some(task) = notification.task_id.as_deref() {
                notifications.entry(task).or_default().push(notification);
            }
        }
        let sightings =
            history.sightings.iter().map(|sighting| (sighting.notification.as_str(), sighting.at)).collect();
        Self { seen, deliveries, notifications, sightings }
    }

    fn judge(&self, row: &TaskRow, expected: &Expected, findings: &mut Findings) {
        let own = self.deliveries.get(row.id.as_str()).map_or(&[][..], Vec::as_slice);
        let told: Vec<&DeliveryRow> = own.iter().copied().filter(|delivery| delivery.status != "cancelled").collect();
        for ((kind, moment), need) in expected {
            let number = told.iter().filter(|d| d.kind == *kind && d.moment == *moment).count();
            if number > 1 {
                findings.add(Fault::DoubledReminder, &row.title, format!("{kind} of {moment}: {number} in the ledger"));
            }
            if number == 0 && *need == Need::Must && !self.gave_way(row, kind) {
                findings.add(Fault::LostReminder, &row.title, format!("{kind} of {moment} is not in the ledger"));
            }
        }
        for delivery in &told {
            let (kind, moment) = (delivery.kind.as_str(), delivery.moment);
            if !expected.keys().any(|known| *known == (kind, moment)) {
                findings.add(Fault::UnexpectedReminder, &row.title, format!("{kind} of {moment}"));
            }
            if delivery.status != "sent" {
                findings.add(Fault::LostReminder, &row.title, format!("{kind} of {moment} is {}", delivery.status));
            }
            if delivery.sent_at.is_some_and(|sent| sent < moment) {
                findings.add(
                    Fault::EarlyReminder,
                    &row.title,
                    format!("{kind} of {moment}: sent {:?}", delivery.sent_at),
                );
            }
        }
        self.judge_list(row, &told, findings);
    }

    /// A due-soon reminder that everything slept through until the due moment is published, but not told.
    fn gave_way(&self, row: &TaskRow, kind: &str) -> bool {
        kind == "due_soon"
            && self.seen.events.iter().any(|event| {
                event.subject == row.id
                    && event.event_type == "todo.task.due-soon.v1"
                    && event.data["reminder"]["notify"] == false
                    && row.due().is_some_and(|due| event.time >= due)
            })
    }

    /// The list has one item for each line of the ledger that did not fold into a digest.
    fn judge_list(&self, row: &TaskRow, told: &[&DeliveryRow], findings: &mut Findings) {
        let own = self.notifications.get(row.id.as_str()).map_or(&[][..], Vec::as_slice);
        for kind in ["due_soon", "due", "reminder", "recurring"] {
            let alone = told.iter().filter(|d| d.kind == kind && d.digest_id.is_none() && d.status == "sent");
            let mut moments: Vec<Timestamp> = alone.map(|delivery| delivery.moment).collect();
            moments.sort_unstable();
            let mut items: Vec<_> = own.iter().filter(|notification| notification.kind == kind).collect();
            items.sort_by_key(|notification| notification.created_at);
            let detail = format!("{kind}: {} in the list, {} in the ledger", items.len(), moments.len());
            match items.len().cmp(&moments.len()) {
                std::cmp::Ordering::Greater => findings.add(Fault::DoubledReminder, &row.title, detail),
                std::cmp::Ordering::Less => findings.add(Fault::LostReminder, &row.title, detail),
                std::cmp::Ordering::Equal => {}
            }
            for (item, moment) in items.iter().zip(moments) {
                let seen = self.sightings.get(item.id.as_str()).copied();
                if item.created_at < moment || seen.is_some_and(|seen| seen < moment) {
                    let detail = format!("{kind} of {moment}: made {}, seen {seen:?}", item.created_at);
                    findings.add(Fault::EarlyReminder, &row.title, detail);
                }
            }
        }
    }

    /// A line that folded names one digest, and the digest names its task.
    fn judge_digests(&self, findings: &mut Findings) {
        let digests = self.seen.notifications.iter().filter(|notification| notification.kind == "digest");
        let digests: HashMap<&str, _> = digests.map(|digest| (digest.id.as_str(), digest)).collect();
        for delivery in &self.seen.deliveries {
            let Some(id) = delivery.digest_id.as_deref() else { continue };
            let names_it = digests.get(id).is_some_and(|digest| digest.task_ids.contains(&delivery.task_id));
            if !names_it {
                let detail = format!("{} folded into digest {id}, which does not name it", delivery.kind);
                findings.add(Fault::LedgerDiffers, &delivery.task_id, detail);
            }
        }
        for (id, digest) in digests {
            let folded = |task: &&String| {
                let lines = self.deliveries.get(task.as_str()).into_iter().flatten();
                lines.into_iter().any(|delivery| delivery.digest_id.as_deref() == Some(id))
            };
            for task in digest.task_ids.iter().filter(|task| !folded(task)) {
                findings.add(Fault::LedgerDiffers, task, format!("digest {id} names it, the ledger does not"));
            }
        }
    }

    /// Of tasks that are not there.
    fn judge_strangers(&self, findings: &mut Findings) {
        let known: std::collections::HashSet<&str> = self.seen.tasks.iter().map(|row| row.id.as_str()).collect();
        let of_tasks = self.notifications.keys().chain(self.deliveries.keys());
        for task in of_tasks.filter(|task| !known.contains(*task)) {
            findings.add(Fault::UnexpectedReminder, *task, "told of a task that is not there");
        }
    }
}
