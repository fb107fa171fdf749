//! What the clients did and what they were told. Kept in memory of the checker, where no crash of a server reaches it.
//!
//! Every task and rule belongs to one client, which does one thing after the other; so the history of each is a list
//! of steps, and an unknown outcome is always the last of them: its client lets go of it.

use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, Default, Serialize)]
pub struct History {
    pub tasks: Vec<TaskHistory>,
    pub rules: Vec<RuleHistory>,
    pub projects: Vec<ProjectHistory>,
    /// When a notification was first seen by somebody who looked all the time.
    pub sightings: Vec<Sighting>,
    /// Requests that were answered as no server should: 5xx, or a refusal of something that was right.
    pub wrong_answers: Vec<WrongAnswer>,
}

impl History {
    /// The last moment at which something is to happen.
    pub fn last_moment(&self) -> Option<Timestamp> {
        let states = self.tasks.iter().flat_map(|task| &task.steps).filter_map(|step| match &step.action {
            Action::Create(state) => state.due,
            Action::Move { due } => *due,
            _ => None,
        });
        let own = self.tasks.iter().flat_map(|task| task.own_reminders.iter().flatten().copied());
        states.chain(own).chain(self.rules.iter().map(|rule| rule.start)).max()
    }
}

/// A task of a title that no other has, so that it is found without its id too.
#[derive(Debug, Clone, Serialize)]
pub struct TaskHistory {
    pub user: usize,
    pub title: String,
    /// The instants of its own list, which has "at due" too; `None` for the default list.
    pub own_reminders: Option<Vec<Timestamp>>,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Step {
    pub action: Action,
    pub sent: Timestamp,
    pub ended: Timestamp,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Action {
    Create(TaskState),
    Edit {
        description: String,
        priority: u8,
    },
    Move {
        due: Option<Timestamp>,
    },
    Complete,
    Reopen,
    Trash,
    Restore,
    /// What a read between the changes showed; `None` if it was not there.
    Read(Option<TaskState>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// With the version that the answer named, if it named one.
    Acknowledged { version: Option<i64> },
    /// The answer never came: it happened whole, or not at all.
    Unknown,
}

/// What a client may expect to read of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskState {
    pub description: String,
    pub priority: u8,
    pub due: Option<Timestamp>,
    pub completed: bool,
    pub trashed: bool,
}

impl TaskState {
    /// What an action makes of a state, and of none.
    pub fn after(before: Option<&Self>, action: &Action) -> Option<Self> {
        if let Action::Create(state) = action {
            return Some(state.clone());
        }
        let mut state = before?.clone();
        match action {
            Action::Create(_) | Action::Read(_) => {}
            Action::Edit { description, priority } => {
                state.description.clone_from(description);
                state.priority = *priority;
            }
            Action::Move { due } => state.due = *due,
            Action::Complete => state.completed = true,
            Action::Reopen => state.completed = false,
            Action::Trash => state.trashed = true,
            Action::Restore => state.trashed = false,
        }
        Some(state)
    }

    pub fn is_open(&self) -> bool {
        !self.completed && !self.trashed
    }
}

impl TaskHistory {
    /// The state as far as acknowledged, before any step with an unknown outcome.
    pub fn acknowledged(&self) -> Option<TaskState> {
        let known = self.steps.iter().filter(|step| step.outcome != Outcome::Unknown);
        known.fold(None, |state, step| TaskState::after(state.as_ref(), &step.action))
    }

    /// Everything that may be there now: the acknowledged state, and what an unknown last step would have made of it.
    pub fn possible(&self) -> Vec<Option<TaskState>> {
        let known = self.acknowledged();
        match self.steps.last() {
            Some(step) if step.outcome == Outcome::Unknown => {
                let other = TaskState::after(known.as_ref(), &step.action);
                vec![known, other]
            }
            _ => vec![known],
        }
    }
}

/// A recurring task whose first slot lies a few seconds after its creation, and the next one a day at least.
#[derive(Debug, Clone, Serialize)]
pub struct RuleHistory {
    pub user: usize,
    pub title: String,
    pub start: Timestamp,
    pub sent: Timestamp,
    pub ended: Timestamp,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, Serialize)]
pub struct ProjectHistory {
    pub user: usize,
    pub name: String,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, Serialize)]
pub struct Sighting {
    pub notification: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Serialize)]
pub struct WrongAnswer {
    pub request: String,
    pub status: u16,
    pub body: String,
}
