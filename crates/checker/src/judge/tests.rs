//! Each fault, planted into a run that is otherwise clean.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Fault, judge};
use crate::{
    history::{
        Action, History, Outcome, ProjectHistory, RuleHistory, Sighting, Step, TaskHistory, TaskState, WrongAnswer,
    },
    observe::{DeliveryRow, EventRow, NotificationRow, Observed, ProjectRow, RuleRow, TaskRow},
};

/// Seconds after the run began.
fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

fn acknowledged() -> Outcome {
    Outcome::Acknowledged { version: None }
}

fn state(due: Option<Timestamp>) -> TaskState {
    TaskState { description: String::new(), priority: 2, due, completed: false, trashed: false }
}

fn step(action: Action, seconds: i64, outcome: Outcome) -> Step {
    let ended = at(seconds) + SignedDuration::from_millis(20);
    Step { action, sent: at(seconds), ended, outcome }
}

/// One task that is due after ten seconds, made at the beginning; its due-soon reminder comes at once.
struct Run {
    history: History,
    seen: Observed,
}

const TASK: &str = "t1";

impl Run {
    fn clean() -> Self {
        let due = at(10);
        let create = step(Action::Create(state(Some(due))), 0, Outcome::Acknowledged { version: Some(1) });
        let task = TaskHistory { user: 0, title: "pay rent".into(), own_reminders: None, steps: vec![create] };
        let mut run = Self { history: History { tasks: vec![task], ..History::default() }, seen: Observed::default() };
        run.see(TASK, "pay rent", &state(Some(due)), 3);
        run.tell("n1", "due_soon", due - SignedDuration::from_hours(24), at(1));
        run.tell("n2", "due", due, due);
        run
    }

    /// A task as the lists, the log and the feed show it.
    fn see(&mut self, id: &str, title: &str, state: &TaskState, version: i64) {
        let whole = json!({
            "id": id, "title": title, "description": state.description, "priority": state.priority,
            "due_date": state.due.map(|due| due.to_string()), "completed": state.completed,
            "deleted_at": state.trashed.then(|| at(5).to_string()), "recurring_task_id": null, "slot": null,
            "version": version, "created_at": at(0).to_string(),
        });
        self.put("task", id, &whole);
        self.seen.tasks.retain(|row| row.id != id);
        self.seen.tasks.push(TaskRow::parse(whole.clone()).unwrap());
        self.seen.events.retain(|event| event.subject != id);
        for number in 1..=version {
            self.seen.events.push(EventRow {
                subject: id.into(),
                event_type: "todo.task.updated.v1".into(),
                version: number,
                time: at(number),
                data: json!({ "task": whole }),
            });
        }
    }

    fn put(&mut self, kind: &'static str, id: &str, row: &Value) {
        self.seen.lists.insert((kind, id.to_owned()), row.clone());
        self.seen.feed.insert((kind, id.to_owned()), row.clone());
    }

    fn tell(&mut self, id: &str, kind: &str, moment: Timestamp, told: Timestamp) {
        self.item(id, kind, told);
        self.seen.deliveries.push(DeliveryRow {
            task_id: TASK.into(),
            kind: kind.into(),
            status: "sent".into(),
            moment,
            sent_at: Some(told),
            digest_id: None,
        });
    }

    fn item(&mut self, id: &str, kind: &str, told: Timestamp) {
        let task_id = Some(TASK.to_owned());
        let (id, kind) = (id.to_owned(), kind.to_owned());
        self.seen.notifications.push(NotificationRow { id, kind, task_id, task_ids: Vec::new(), created_at: told });
    }

    /// A further step, and the state that is seen after it.
    fn then(&mut self, action: Action, seconds: i64, outcome: Outcome, seen: &TaskState) {
        self.history.tasks[0].steps.push(step(action, seconds, outcome));
        self.see(TASK, "pay rent", seen, 4);
    }

    fn untell(&mut self, kind: &str) {
        self.seen.deliveries.retain(|delivery| delivery.kind != kind);
        self.seen.notifications.retain(|notification| notification.kind != kind);
    }

    /// A daily rule from `start` on, and its first task.
    fn with_rule(mut self, start: Timestamp) -> Self {
        self.history.rules.push(RuleHistory {
            user: 0,
            title: "water plants".into(),
            start,
            sent: at(0),
            ended: at(0),
            outcome: acknowledged(),
        });
        self.seen.rules.push(RuleRow { id: "r1".into(), title: "water plants".into(), created_at: at(0) });
        self
    }

    fn with_occurrence(mut self, id: &str, slot: Timestamp, created_at: Timestamp) -> Self {
        let whole = json!({
            "id": id, "title": "water plants", "description": "", "priority": 2, "due_date": slot.to_string(),
            "completed": false, "deleted_at": null, "recurring_task_id": "r1", "slot": slot.to_string(),
            "version": 1, "created_at": created_at.to_string(),
        });
        self.seen.tasks.push(TaskRow::parse(whole).unwrap());
        self.seen.deliveries.push(DeliveryRow {
            task_id: id.into(),
            kind: "recurring".into(),
            status: "sent".into(),
            moment: slot,
            sent_at: Some(slot),
            digest_id: None,
        });
        self.seen.notifications.push(NotificationRow {
            id: format!("n-{id}"),
            kind: "recurring".into(),
            task_id: Some(id.into()),
            task_ids: Vec::new(),
            created_at: slot,
        });
        self
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults: Vec<_> =
            judge(&self.history, std::slice::from_ref(&self.seen)).into_iter().map(|found| found.fault).collect();
        faults.sort_unstable();
        faults.dedup();
        faults
    }
}

#[test]
fn a_clean_run_has_no_violation() {
    assert_eq!(Run::clean().faults(), []);
    let run = Run::clean().with_rule(at(3)).with_occurrence("o1", at(3), at(3));
    assert_eq!(run.faults(), []);
}

#[test]
fn an_acknowledged_task_that_is_gone() {
    let mut run = Run::clean();
    run.seen = Observed::default();
    assert_eq!(run.faults(), [Fault::LostWrite]);
}

#[test]
fn an_unknown_outcome_may_be_either() {
    let mut run = Run::clean();
    run.history.tasks[0].steps[0].outcome = Outcome::Unknown;
    assert_eq!(run.faults(), []);
    run.seen = Observed::default();
    assert_eq!(run.faults(), []);
}

#[test]
fn an_acknowledged_edit_that_is_gone() {
    let edit = || Action::Edit { description: "by card".into(), priority: 1 };
    let mut run = Run::clean();
    run.then(edit(), 2, acknowledged(), &state(Some(at(10))));
    assert_eq!(run.faults(), [Fault::LostWrite]);
    // Not acknowledged: it may be gone, or there.
    run.history.tasks[0].steps[1].outcome = Outcome::Unknown;
    assert_eq!(run.faults(), []);
    let after = TaskState { description: "by card".into(), priority: 1, ..state(Some(at(10))) };
    run.see(TASK, "pay rent", &after, 4);
    assert_eq!(run.faults(), []);
}

#[test]
fn half_an_edit() {
    let mut run = Run::clean();
    let half = TaskState { description: "by card".into(), ..state(Some(at(10))) };
    run.then(Action::Edit { description: "by card".into(), priority: 1 }, 2, Outcome::Unknown, &half);
    assert_eq!(run.faults(), [Fault::HalfWrite]);
}

#[test]
fn an_older_version_than_was_acknowledged() {
    let mut run = Run::clean();
    run.history.tasks[0].steps[0].outcome = Outcome::Acknowledged { version: Some(9) };
    assert_eq!(run.faults(), [Fault::LostWrite]);
}

#[test]
fn one_request_with_two_effects() {
    let mut run = Run::clean();
    run.history.tasks[0].steps[0].action = Action::Create(state(None));
    run.untell("due");
    run.untell("due_soon");
    run.see(TASK, "pay rent", &state(None), 1);
    run.see("t2", "pay rent", &state(None), 1);
    assert_eq!(run.faults(), [Fault::DoubledWrite]);
}

#[test]
fn a_task_that_nobody_made() {
    let mut run = Run::clean();
    run.see("t2", "who did this", &state(None), 1);
    assert_eq!(run.faults(), [Fault::UnexpectedWrite]);
}

#[test]
fn projects_lost_doubled_and_strange() {
    let project = |name: &str| ProjectRow { name: name.into() };
    let mut run = Run::clean();
    run.history.projects.push(ProjectHistory { user: 0, name: "home".into(), outcome: acknowledged() });
    assert_eq!(run.faults(), [Fault::LostWrite]);
    run.seen.projects = vec![project("home")];
    assert_eq!(run.faults(), []);
    run.seen.projects = vec![project("home"), project("home")];
    assert_eq!(run.faults(), [Fault::DoubledWrite]);
    run.seen.projects = vec![project("home"), project("work")];
    assert_eq!(run.faults(), [Fault::UnexpectedWrite]);
}

#[test]
fn a_read_that_does_not_show_what_was_acknowledged() {
    let mut run = Run::clean();
    run.history.tasks[0].steps.push(step(Action::Read(Some(state(Some(at(10))))), 3, acknowledged()));
    assert_eq!(run.faults(), []);
    run.history.tasks[0].steps.push(step(Action::Read(None), 4, acknowledged()));
    assert_eq!(run.faults(), [Fault::StaleRead]);
}

#[test]
fn an_answer_that_no_server_should_give() {
    let mut run = Run::clean();
    run.history.wrong_answers.push(WrongAnswer { request: "POST /api/tasks".into(), status: 500, body: String::new() });
    assert_eq!(run.faults(), [Fault::WrongAnswer]);
}

#[test]
fn a_reminder_that_never_came() {
    for kind in ["due", "due_soon"] {
        let mut run = Run::clean();
        run.untell(kind);
        assert_eq!(run.faults(), [Fault::LostReminder], "{kind}");
    }
    // In the ledger, but the person never saw it.
    let mut run = Run::clean();
    run.seen.notifications.retain(|notification| notification.kind != "due");
    assert_eq!(run.faults(), [Fault::LostReminder]);
    // Never got past its first attempt.
    let mut run = Run::clean();
    run.seen.deliveries[1].status = "pending".into();
    run.seen.deliveries[1].sent_at = None;
    assert!(run.faults().contains(&Fault::LostReminder));
}

#[test]
fn a_due_soon_reminder_gives_way_to_the_due_one_only_if_all_slept_until_then() {
    let told_of_nothing = |seconds| EventRow {
        subject: TASK.into(),
        event_type: "todo.task.due-soon.v1".into(),
        version: 3,
        time: at(seconds),
        data: json!({"task": {}, "reminder": {"notify": false}}),
    };
    for (seconds, faults) in [(11, vec![]), (9, vec![Fault::LostReminder])] {
        let mut run = Run::clean();
        run.untell("due_soon");
        run.seen.events.pop();
        run.seen.events.push(told_of_nothing(seconds));
        assert_eq!(run.faults(), faults, "{seconds}");
    }
}

#[test]
fn a_reminder_that_came_twice() {
    let mut run = Run::clean();
    run.item("n3", "due", at(10));
    assert_eq!(run.faults(), [Fault::DoubledReminder]);
    let mut run = Run::clean();
    run.tell("n3", "due", at(10), at(11));
    assert_eq!(run.faults(), [Fault::DoubledReminder]);
}

#[test]
fn a_reminder_before_its_moment() {
    let mut run = Run::clean();
    run.untell("due");
    run.tell("n2", "due", at(10), at(9));
    assert_eq!(run.faults(), [Fault::EarlyReminder]);
    // Whatever the server says of the time.
    let mut run = Run::clean();
    run.history.sightings.push(Sighting { notification: "n2".into(), at: at(9) });
    assert_eq!(run.faults(), [Fault::EarlyReminder]);
}

#[test]
fn a_reminder_that_was_called_off() {
    let completed = TaskState { completed: true, ..state(Some(at(10))) };
    let mut run = Run::clean();
    run.then(Action::Complete, 3, acknowledged(), &completed);
    assert_eq!(run.faults(), [Fault::UnexpectedReminder]);
    run.untell("due");
    assert_eq!(run.faults(), []);
    // Completed after its moment: it should have come before, but a stop may have delayed it until then.
    let mut run = Run::clean();
    run.then(Action::Complete, 12, acknowledged(), &completed);
    assert_eq!(run.faults(), []);
    run.untell("due");
    assert_eq!(run.faults(), []);
}

#[test]
fn a_moved_due_date_reminds_at_the_new_moment_only() {
    let moved = state(Some(at(20)));
    let mut run = Run::clean();
    run.then(Action::Move { due: Some(at(20)) }, 3, acknowledged(), &moved);
    assert_eq!(run.faults(), [Fault::LostReminder, Fault::UnexpectedReminder]);
    run.untell("due");
    run.tell("n2", "due", at(20), at(20));
    assert_eq!(run.faults(), []);
}

#[test]
fn a_reminder_of_the_own_list() {
    let mut run = Run::clean();
    run.history.tasks[0].own_reminders = Some(vec![at(6)]);
    assert_eq!(run.faults(), [Fault::LostReminder, Fault::UnexpectedReminder], "due_soon is not on the list");
    run.untell("due_soon");
    run.tell("n3", "reminder", at(6), at(6));
    assert_eq!(run.faults(), []);
}

#[test]
fn a_digest_and_its_lines_name_each_other() {
    let mut run = Run::clean();
    run.seen.deliveries[1].digest_id = Some("d1".into());
    run.seen.notifications.retain(|notification| notification.kind != "due");
    let digest = |task_ids: &[&str]| NotificationRow {
        id: "d1".into(),
        kind: "digest".into(),
        task_id: None,
        task_ids: task_ids.iter().map(ToString::to_string).collect(),
        created_at: at(10),
    };
    assert_eq!(run.faults(), [Fault::LedgerDiffers], "there is no such digest");
    run.seen.notifications.push(digest(&[TASK]));
    assert_eq!(run.faults(), []);
    run.seen.notifications.pop();
    run.seen.notifications.push(digest(&[TASK, "t9"]));
    assert_eq!(run.faults(), [Fault::LedgerDiffers]);
}

#[test]
fn told_of_a_task_that_is_not_there() {
    let mut run = Run::clean();
    run.item("n3", "due", at(10));
    run.seen.notifications[2].task_id = Some("t9".into());
    assert_eq!(run.faults(), [Fault::UnexpectedReminder]);
}

#[test]
fn slots() {
    let rule = || Run::clean().with_rule(at(3));
    assert_eq!(rule().faults(), [Fault::LostSlot]);
    let doubled = rule().with_occurrence("o1", at(3), at(3)).with_occurrence("o2", at(3), at(3));
    assert_eq!(doubled.faults(), [Fault::DoubledSlot]);
    let early = rule().with_occurrence("o1", at(3), at(2));
    assert_eq!(early.faults(), [Fault::EarlySlot]);
    let strange = rule().with_occurrence("o1", at(3), at(3)).with_occurrence("o2", at(4), at(4));
    assert_eq!(strange.faults(), [Fault::UnexpectedSlot]);
    // Stored only after its start, on the same day: its slot is made, and not told of.
    let mut late = rule().with_occurrence("o1", at(3), at(7));
    late.seen.rules[0].created_at = at(7);
    assert_eq!(late.faults(), [Fault::UnexpectedReminder]);
    late.untell("recurring");
    assert_eq!(late.faults(), []);
}

#[test]
fn a_rule_that_is_gone() {
    let mut run = Run::clean().with_rule(at(3)).with_occurrence("o1", at(3), at(3));
    run.seen.rules.clear();
    assert_eq!(run.faults(), [Fault::LostWrite, Fault::UnexpectedSlot]);
}

#[test]
fn the_log() {
    let mut gap = Run::clean();
    gap.seen.events.remove(1);
    assert_eq!(gap.faults(), [Fault::LogBroken]);
    let mut doubled = Run::clean();
    let event = doubled.seen.events[1].clone();
    doubled.seen.events.insert(1, event);
    assert_eq!(doubled.faults(), [Fault::LogBroken]);
    let mut order = Run::clean();
    order.seen.events.swap(0, 1);
    assert_eq!(order.faults(), [Fault::LogBroken]);
    let mut other = Run::clean();
    other.seen.events[2].data["task"]["title"] = json!("pay the rent");
    assert_eq!(other.faults(), [Fault::LogDiffers]);
    let mut without = Run::clean();
    without.seen.events.push(EventRow { subject: "t9".into(), ..without.seen.events[0].clone() });
    assert_eq!(without.faults(), [Fault::LogDiffers]);
}

#[test]
fn the_feed() {
    let mut missing = Run::clean();
    missing.seen.feed = BTreeMap::new();
    assert_eq!(missing.faults(), [Fault::FeedDiffers]);
    let mut stale = Run::clean();
    for row in stale.seen.feed.values_mut() {
        row["title"] = json!("before");
    }
    assert_eq!(stale.faults(), [Fault::FeedDiffers]);
    let mut more = Run::clean();
    more.seen.feed.insert(("task", "t9".into()), json!({}));
    assert_eq!(more.faults(), [Fault::FeedDiffers]);
}
