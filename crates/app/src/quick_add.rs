//! One line typed by a person becomes a task or a recurring task.

use domain::{
    Description, Due, Invalid, ProjectId, ProjectName, Tag, Title,
    field::Faults,
    quick_add::{self, Hint, QuickAdd, QuickReminder, Token},
    recurrence::{Rule, RuleInput, Start},
    recurring_task::{RecurringTask, RecurringTaskDraft},
    reminder::Reminder,
    task::{Priority, TaskDraft},
};
use serde::{Deserialize, Serialize};
use store::Commit;
use utoipa::ToSchema;

use crate::{
    App, AppError, Caller,
    idempotency::{IdempotencyKey, Outcome},
    view::{RecurringTaskView, TaskView},
};

const MAX_TEXT: usize = 1_000;

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuickAddInput {
    /// At most 1,000 characters: `call Ana tomorrow 5pm #Home @phone p1 !30m`.
    pub text: String,
}

/// What was made: a task, or a recurring task.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuickAddView {
    pub task: Option<TaskView>,
    pub recurring_task: Option<RecurringTaskView>,
    pub understood: UnderstoodView,
}

/// How the line was read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnderstoodView {
    pub title: String,
    pub due_date: Option<String>,
    /// The rule in words.
    pub recurrence: Option<String>,
    pub project: Option<String>,
    pub tags: Vec<String>,
    pub priority: Option<u8>,
    /// The parts of the line, for highlighting.
    #[schema(value_type = Vec<Object>)]
    pub tokens: Vec<Token>,
    /// What looked meant but cannot be.
    #[schema(value_type = Vec<Object>)]
    pub hints: Vec<Hint>,
}

impl App {
    /// An unknown project is made in the same commit.
    pub async fn quick_add(
        &self,
        caller: &Caller,
        input: &QuickAddInput,
        key: Option<&IdempotencyKey>,
    ) -> Result<Outcome<QuickAddView>, AppError> {
        let line = &self.read_line(caller, input)?;
        self.once(caller, key, || async move {
            let mut commit = Commit::of(caller.id());
            let project_id = self.project_of_line(caller, line, &mut commit).await?;
            let view = self.make_of_line(caller, line, project_id, &mut commit)?;
            self.commit_answer(commit, caller, key, view).await
        })
        .await
    }

    /// How the line would be read; nothing is stored.
    pub async fn parse_quick_add(&self, caller: &Caller, input: &QuickAddInput) -> Result<UnderstoodView, AppError> {
        let line = self.read_line(caller, input)?;
        let rule = line.recurrence.as_ref().and_then(|recurrence| rule(recurrence).ok());
        Ok(understood(&line, rule.as_ref()))
    }

    fn read_line(&self, caller: &Caller, input: &QuickAddInput) -> Result<QuickAdd, AppError> {
        let length = input.text.chars().count();
        if length > MAX_TEXT {
            return Err(AppError::field("text", format!("must be at most {MAX_TEXT} characters, got {length}")));
        }
        Ok(quick_add::parse(&input.text, self.now(), &caller.user.zone))
    }

    async fn project_of_line(
        &self,
        caller: &Caller,
        line: &QuickAdd,
        commit: &mut Commit,
    ) -> Result<Option<ProjectId>, AppError> {
        let Some(name) = &line.project else { return Ok(None) };
        let known = self.store.projects(caller.id()).await?;
        if let Some(project) = known.iter().find(|known| known.name.as_str().to_lowercase() == name.to_lowercase()) {
            return Ok(Some(project.id));
        }
        let name = ProjectName::parse(name).map_err(|error| text_fault(&error))?;
        let project = self.new_project(caller, name, None);
        commit.project(&project, 0);
        Ok(Some(project.id))
    }

    fn make_of_line(
        &self,
        caller: &Caller,
        line: &QuickAdd,
        project_id: Option<ProjectId>,
        commit: &mut Commit,
    ) -> Result<QuickAddView, AppError> {
        let draft = task_draft(line, project_id)?;
        let context = caller.context(self);
        let Some(recurrence) = &line.recurrence else {
            let change = domain::task::Task::create(self.new_id(), caller.id(), draft, &context);
            self.add_task(commit, &change);
            let task = TaskView::new(&change.state, context.at);
            return Ok(QuickAddView { task: Some(task), recurring_task: None, understood: understood(line, None) });
        };
        let rule = rule(recurrence)?;
        let understood = understood(line, Some(&rule));
        let due_time = match &rule.start() {
            Start::At(at) => rule.zone().local(*at).time(),
            Start::Day(_) => context.all_day,
        };
        let draft = RecurringTaskDraft {
            title: draft.title,
            description: draft.description,
            priority: draft.priority,
            tags: draft.tags,
            project_id,
            subtasks: Vec::new(),
            rule,
            catch_up: Default::default(),
            lead_minutes: 0,
            reminders: template_reminders(line, due_time),
        };
        let made = RecurringTask::create(self.new_id(), caller.id(), draft, &context, &mut || self.new_id());
        self.add_recurring_task(commit, &made.recurring_task);
        for task in &made.tasks {
            self.add_task(commit, task);
        }
        Ok(QuickAddView {
            task: made.tasks.first().map(|task| TaskView::new(&task.state, context.at)),
            recurring_task: Some(RecurringTaskView::from(&made.recurring_task.state)),
            understood,
        })
    }
}

fn text_fault(error: &impl std::fmt::Display) -> AppError {
    AppError::field("text", error.to_string())
}

fn task_draft(line: &QuickAdd, project_id: Option<ProjectId>) -> Result<TaskDraft, AppError> {
    let mut faults = Faults::default();
    let title = faults.take("text", Title::parse(&line.title).map_err(|error| format!("the title {error}")));
    let tags: Vec<_> = line.tags.iter().filter_map(|tag| faults.take("text", Tag::parse(tag))).collect();
    let reminders: Vec<Reminder> = line.reminders.iter().map(|reminder| list_entry(*reminder)).collect();
    faults
        .merge(domain::reminder::parse_list(&reminders).map_err(|invalid| Invalid::field("text", invalid.to_string())));
    let tags = faults.merge(domain::task::tag_list(tags)).unwrap_or_default();
    faults.check()?;
    let title = title.ok_or_else(|| AppError::field("text", "must hold a title"))?;
    Ok(TaskDraft {
        description: Description::empty(),
        priority: line.priority.and_then(|number| Priority::parse(i64::from(number)).ok()).unwrap_or_default(),
        tags,
        project_id,
        due: line.due.clone(),
        // Reminders that are named come in addition to being told at due.
        reminders: (!reminders.is_empty()).then(|| with_due(reminders)),
        ..TaskDraft::titled(title)
    })
}

fn list_entry(reminder: QuickReminder) -> Reminder {
    match reminder {
        QuickReminder::MinutesBefore(minutes) => Reminder::MinutesBefore(minutes),
        QuickReminder::AtTime { at, .. } => Reminder::At(at),
    }
}

fn with_due(mut reminders: Vec<Reminder>) -> Vec<Reminder> {
    if !reminders.contains(&Reminder::MinutesBefore(0)) && reminders.len() < domain::reminder::MAX_REMINDERS {
        reminders.push(Reminder::MinutesBefore(0));
    }
    reminders
}

fn template_reminders(line: &QuickAdd, due_time: jiff::civil::Time) -> Option<Vec<u32>> {
    let mut minutes: Vec<u32> =
        line.reminders.iter().filter_map(|reminder| reminder.minutes_before(due_time)).collect();
    if minutes.is_empty() {
        return None;
    }
    minutes.push(0);
    minutes.sort_unstable();
    minutes.dedup();
    Some(minutes)
}

fn rule(input: &RuleInput) -> Result<Rule, AppError> {
    Rule::parse(input.clone()).map_err(|invalid| text_fault(&invalid))
}

fn understood(line: &QuickAdd, rule: Option<&Rule>) -> UnderstoodView {
    UnderstoodView {
        title: line.title.clone(),
        due_date: line.due.as_ref().map(Due::to_wire),
        recurrence: rule.map(Rule::in_words),
        project: line.project.clone(),
        tags: line.tags.clone(),
        priority: line.priority,
        tokens: line.tokens.clone(),
        hints: line.hints.clone(),
    }
}
