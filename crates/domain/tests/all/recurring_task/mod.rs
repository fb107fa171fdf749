//! Recurring tasks: which tasks come of a rule, and what becomes of it when it is changed.

mod changes;
mod completion;
mod making;
mod properties;
mod splitting;

use domain::{
    Change, Description, RecurringTaskId, TaskId, Timers, Timestamp, Title, UserId,
    event::{Actor, Event, EventData, EventType, ReminderData},
    recurrence::{Pattern, RecurrenceType, Rule, RuleInput},
    recurring_task::{CatchUp, Made, RecurringTask, RecurringTaskDraft},
    task::{Context, Priority, Task},
    timer::{Timer, TimerKind},
    user::DEFAULT_ALL_DAY_TIME,
};
use uuid::Uuid;

use crate::recurrence::{at, input};

pub fn context(at: Timestamp) -> Context {
    Context { at, actor: Actor::Scheduler, all_day: DEFAULT_ALL_DAY_TIME }
}

pub fn title(text: &str) -> Title {
    Title::parse(text).unwrap()
}

pub fn draft(rule: Rule) -> RecurringTaskDraft {
    RecurringTaskDraft {
        title: title("Water the plants"),
        description: Description::empty(),
        priority: Priority::default(),
        tags: Vec::new(),
        project_id: None,
        subtasks: Vec::new(),
        rule,
        catch_up: CatchUp::Latest,
        lead_minutes: 0,
        reminders: None,
    }
}

/// Every day at 09:00 UTC from the first of January 2025.
pub fn daily() -> RuleInput {
    input(Pattern::every(RecurrenceType::Daily, 1), "2025-01-01T09:00", "UTC")
}

/// What the store and the scheduler would hold: the rule, its timer and the tasks made.
pub struct World {
    pub rule: RecurringTask,
    pub timer: Option<Timer>,
    pub tasks: Vec<Change<Task>>,
    /// Of the rule itself.
    pub events: Vec<EventType>,
    ids: u128,
}

impl World {
    pub fn create(draft: RecurringTaskDraft, now: &str) -> Self {
        Self::create_at(draft, at(now))
    }

    pub fn create_at(draft: RecurringTaskDraft, now: Timestamp) -> Self {
        let (id, user) = (RecurringTaskId(Uuid::from_u128(7)), UserId(Uuid::from_u128(8)));
        let mut ids = 1000;
        let made = RecurringTask::create(id, user, draft, &context(now), &mut counted(&mut ids));
        assert_eq!((made.recurring_task.from_version, made.recurring_task.state.version), (0, 1));
        let rule = made.recurring_task.state.clone();
        let mut world = Self { rule, timer: None, tasks: Vec::new(), events: Vec::new(), ids };
        world.rule.version = 0;
        world.take(made);
        world
    }

    fn take(&mut self, made: Made) {
        self.tasks.extend(made.tasks);
        self.apply(made.recurring_task);
    }

    /// Stores a change as the store would: on the version that it was decided on, all or nothing.
    pub fn apply(&mut self, change: Change<RecurringTask>) {
        assert_eq!(change.from_version, self.rule.version, "decided on another version");
        if change.is_none() {
            assert_eq!(change.state, self.rule, "what is no change changes nothing");
            return;
        }
        assert_eq!(change.state.version, change.from_version + 1);
        assert!(change.events.iter().all(|event| event.version == change.state.version));
        self.events.extend(change.events.iter().map(|event| event.event_type));
        let Timers::Replace(timers) = change.timers else { panic!("a rule that changed says what its timer is") };
        assert!(timers.len() <= 1, "a rule has one timer at most");
        self.timer = timers.first().copied();
        assert_eq!(
            change.state.is_active(),
            matches!(change.state.phase, domain::recurring_task::Phase::Active { .. })
        );
        self.rule = change.state;
    }

    /// Lets the timers that are due fire, all of them at `now`: as after a stop, if they are late.
    pub fn wake(&mut self, now: &str) {
        self.wake_at(at(now));
    }

    pub fn wake_at(&mut self, now: Timestamp) {
        for _ in 0..100 {
            let Some(timer) = self.timer.filter(|timer| timer.fire_at <= now) else { return };
            self.fire(timer, now);
            assert_ne!(self.timer, Some(timer), "the same timer again");
        }
        panic!("its timers fire without end");
    }

    /// Lets every timer up to `until` fire at its time.
    pub fn run_until(&mut self, until: Timestamp) {
        while let Some(timer) = self.timer.filter(|timer| timer.fire_at <= until) {
            let now = timer.fire_at.max(self.rule.updated_at);
            self.fire(timer, now);
        }
    }

    fn fire(&mut self, timer: Timer, now: Timestamp) {
        let rule = self.rule.clone();
        if timer.kind == TimerKind::Resume {
            return self.apply(rule.resume(&context(now)));
        }
        assert_eq!(timer.kind, TimerKind::Slot);
        let mut ids = self.ids;
        let made = rule.make_occurrences(&context(now), &mut counted(&mut ids));
        self.ids = ids;
        self.take(made);
    }

    /// The slots of the tasks made, in that order, without subtasks.
    pub fn slots(&self) -> Vec<String> {
        self.occurrences().map(|task| task.slot.unwrap().to_string()).collect()
    }

    pub fn occurrences(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().map(|change| &change.state).filter(|task| task.slot.is_some())
    }

    pub fn next(&self) -> Option<String> {
        self.rule.next_due_at().map(|next| next.to_string())
    }
}

fn counted(ids: &mut u128) -> impl FnMut() -> TaskId {
    || {
        *ids += 1;
        TaskId(Uuid::from_u128(*ids))
    }
}

/// What the `recurring-task.due` event of a task says.
pub fn told(task: &Change<Task>) -> ReminderData {
    let of_slot = |event: &&Event| event.event_type == EventType::RecurringTaskDue;
    let event = task.events.iter().find(of_slot).expect("every occurrence is told of");
    let EventData::Task(data) = &event.data else { panic!("an event of a task") };
    data.reminder.clone().unwrap()
}
