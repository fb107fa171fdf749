//! Recurring tasks: write, find, change (all, this one, this and future), pause, resume, skip.

use domain::{
    Change, RecurringTaskId, Timestamp,
    recurrence::{Rule, RuleInput},
    recurring_task::{Made, RecurringTask, RecurringTaskError},
    task::{Context, TaskPatch},
};
use serde::Deserialize;
use store::Commit;
use utoipa::{IntoParams, ToSchema};

use crate::{
    App, AppError, Caller,
    idempotency::{IdempotencyKey, Outcome},
    tasks::{PageQuery, check_version, page_request, page_view},
    view::{PageView, RecurringTaskView},
};

mod input;
mod patch;
mod preview;
pub use input::{RecurringTaskInput, RuleFields};
pub use patch::RecurringTaskPatchInput;
pub use preview::{OccurrenceView, PreviewInput, PreviewQuery, PreviewView};

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct RecurringTaskQuery {
    pub is_active: Option<bool>,
}

/// Which occurrences an edit is for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct EditScope {
    /// `all` (the default), `this` or `future`.
    pub scope: Option<String>,
    /// Which one `this` is; the next slot if absent.
    #[param(value_type = Option<String>)]
    pub slot: Option<Timestamp>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PauseInput {
    /// Until resumed, if absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SkipInput {
    /// The next slot, if absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub slot: Option<Timestamp>,
}

enum Scope {
    All,
    This,
    Future,
}

impl App {
    pub async fn create_recurring_task(
        &self,
        caller: &Caller,
        input: &RecurringTaskInput,
        key: Option<&IdempotencyKey>,
    ) -> Result<Outcome<RecurringTaskView>, AppError> {
        let draft = &input.parse(&caller.user.zone)?;
        self.once(caller, key, || async move {
            self.check_links(caller, draft.project_id, None, None).await?;
            let context = caller.context(self);
            let id = self.new_id();
            let made = RecurringTask::create(id, caller.id(), draft.clone(), &context, &mut || self.new_id());
            let (commit, view) = self.made(caller, &made);
            self.commit_answer(commit, caller, key, view).await
        })
        .await
    }

    /// The commit of a rule and the tasks that it made.
    pub(crate) fn made(&self, caller: &Caller, made: &Made) -> (Commit, RecurringTaskView) {
        let mut commit = Commit::of(caller.id());
        self.add_recurring_task(&mut commit, &made.recurring_task);
        for task in &made.tasks {
            self.add_task(&mut commit, task);
        }
        (commit, RecurringTaskView::from(&made.recurring_task.state))
    }

    pub(crate) fn add_recurring_task(&self, commit: &mut Commit, change: &Change<RecurringTask>) {
        commit.recurring_task(change);
        self.record(commit, &change.events);
    }

    pub async fn recurring_tasks(
        &self,
        caller: &Caller,
        query: &RecurringTaskQuery,
        page: &PageQuery,
    ) -> Result<PageView<RecurringTaskView>, AppError> {
        let request = page_request(page)?;
        let rules = self.store.recurring_tasks(caller.id(), query.is_active, &request).await;
        Ok(page_view(rules.map_err(crate::tasks::cursor_fault)?, &request, |rule| RecurringTaskView::from(rule)))
    }

    pub async fn recurring_task(&self, caller: &Caller, id: RecurringTaskId) -> Result<RecurringTaskView, AppError> {
        Ok(RecurringTaskView::from(&self.rule(caller, id).await?))
    }

    pub(crate) async fn rule(&self, caller: &Caller, id: RecurringTaskId) -> Result<RecurringTask, AppError> {
        self.store.recurring_task(caller.id(), id).await?.ok_or(AppError::NotFound("recurring task"))
    }

    /// `this` answers the rule itself; `future` the new rule that goes on from the slot.
    pub async fn update_recurring_task(
        &self,
        caller: &Caller,
        id: RecurringTaskId,
        input: &RecurringTaskPatchInput,
        edit: &EditScope,
        if_match: Option<i64>,
    ) -> Result<RecurringTaskView, AppError> {
        let scope = match edit.scope.as_deref() {
            None | Some("all") => Scope::All,
            Some("this") => Scope::This,
            Some("future") => Scope::Future,
            Some(_) => return Err(AppError::field("scope", "must be one of all, this, future")),
        };
        let scope = &scope;
        self.decide(|| async move {
            let rule = self.rule(caller, id).await?;
            check_version(if_match, rule.version)?;
            self.check_links(caller, input.project_id.clone().nested().flatten(), None, None).await?;
            match scope {
                Scope::All => self.edit_all(caller, rule, input).await,
                Scope::This => self.edit_this(caller, rule, input, edit.slot).await,
                Scope::Future => self.edit_future(caller, rule, input, edit.slot).await,
            }
        })
        .await
    }

    /// The rule, its template, and the tasks that it has made and that are still open and ahead.
    async fn edit_all(
        &self,
        caller: &Caller,
        rule: RecurringTask,
        input: &RecurringTaskPatchInput,
    ) -> Result<RecurringTaskView, AppError> {
        let context = caller.context(self);
        let patch = input.parse(&rule)?;
        let tasks = TaskPatch {
            title: patch.title.clone(),
            description: patch.description.clone(),
            priority: patch.priority,
            tags: patch.tags.clone(),
            project_id: patch.project_id,
            ..TaskPatch::default()
        };
        let id = rule.id;
        let change = rule.edit(patch, &context);
        let view = RecurringTaskView::from(&change.state);
        if change.is_none() {
            return Ok(view);
        }
        let mut commit = Commit::of(caller.id());
        self.add_recurring_task(&mut commit, &change);
        for task in self.store.open_occurrences(caller.id(), id, Some(context.at)).await? {
            let change = task.edit(tasks.clone(), &context)?;
            if !change.is_none() {
                self.add_task(&mut commit, &change);
            }
        }
        self.commit(commit).await?;
        Ok(view)
    }

    async fn edit_this(
        &self,
        caller: &Caller,
        rule: RecurringTask,
        input: &RecurringTaskPatchInput,
        slot: Option<Timestamp>,
    ) -> Result<RecurringTaskView, AppError> {
        let slot = slot.or(rule.next_due_at()).ok_or(RecurringTaskError::NoSuchSlot)?;
        let patch = input.parse_override(&rule)?;
        let change = rule.edit_slot(slot, patch, &caller.context(self))?;
        self.store_rule(caller, change).await
    }

    async fn edit_future(
        &self,
        caller: &Caller,
        rule: RecurringTask,
        input: &RecurringTaskPatchInput,
        slot: Option<Timestamp>,
    ) -> Result<RecurringTaskView, AppError> {
        let context = caller.context(self);
        let slot = slot.or(rule.next_due_at()).ok_or(RecurringTaskError::NoSuchSlot)?;
        let found =
            rule.rule.first_from(slot).filter(|found| found.at == slot).ok_or(RecurringTaskError::NoSuchSlot)?;
        let patch = input.parse(&rule)?;
        let goes_on = input.rule_from(&rule, &found)?;
        let ended = ended_before(&rule.rule, &found)?;
        let split = rule.split(slot, ended, patch, goes_on, self.new_id(), &context)?;
        let mut commit = Commit::of(caller.id());
        self.add_recurring_task(&mut commit, &split.before);
        self.add_recurring_task(&mut commit, &split.after);
        self.commit(commit).await?;
        Ok(RecurringTaskView::from(&split.after.state))
    }

    async fn store_rule(&self, caller: &Caller, change: Change<RecurringTask>) -> Result<RecurringTaskView, AppError> {
        let mut commit = Commit::of(caller.id());
        if !change.is_none() {
            self.add_recurring_task(&mut commit, &change);
        }
        self.commit(commit).await?;
        Ok(RecurringTaskView::from(&change.state))
    }

    /// The tasks that it made stay.
    pub async fn delete_recurring_task(
        &self,
        caller: &Caller,
        id: RecurringTaskId,
        if_match: Option<i64>,
    ) -> Result<(), AppError> {
        self.decide(|| async move {
            let rule = self.rule(caller, id).await?;
            check_version(if_match, rule.version)?;
            let change = rule.delete(&caller.context(self));
            let mut commit = Commit::of(caller.id());
            commit.delete_recurring_task(&change);
            self.record(&mut commit, &change.events);
            self.commit(commit).await.map(drop)
        })
        .await
    }

    pub async fn pause_recurring_task(
        &self,
        caller: &Caller,
        id: RecurringTaskId,
        input: &PauseInput,
        if_match: Option<i64>,
    ) -> Result<RecurringTaskView, AppError> {
        self.change_rule(caller, id, if_match, |rule, context| rule.pause(input.until, context)).await
    }

    pub async fn resume_recurring_task(
        &self,
        caller: &Caller,
        id: RecurringTaskId,
        if_match: Option<i64>,
    ) -> Result<RecurringTaskView, AppError> {
        self.change_rule(caller, id, if_match, |rule, context| Ok(rule.resume(context))).await
    }

    pub async fn skip_occurrence(
        &self,
        caller: &Caller,
        id: RecurringTaskId,
        input: &SkipInput,
        if_match: Option<i64>,
    ) -> Result<RecurringTaskView, AppError> {
        self.change_rule(caller, id, if_match, |rule, context| rule.skip(input.slot, context)).await
    }

    async fn change_rule(
        &self,
        caller: &Caller,
        id: RecurringTaskId,
        if_match: Option<i64>,
        change: impl Fn(RecurringTask, &Context) -> Result<Change<RecurringTask>, RecurringTaskError>,
    ) -> Result<RecurringTaskView, AppError> {
        let change = &change;
        self.decide(|| async move {
            let rule = self.rule(caller, id).await?;
            check_version(if_match, rule.version)?;
            let changed = change(rule, &caller.context(self))?;
            self.store_rule(caller, changed).await
        })
        .await
    }

    /// What the end of an occurrence means for its rule: something only for one that counts from completion.
    pub(crate) async fn occurrence_done(
        &self,
        caller: &Caller,
        id: RecurringTaskId,
        slot: Timestamp,
        context: &Context,
    ) -> Result<Option<Change<RecurringTask>>, AppError> {
        let rule = self.store.recurring_task(caller.id(), id).await?;
        Ok(rule.map(|rule| rule.occurrence_done(slot, context.at, context)))
    }
}

/// The rule up to the slot, or nothing if the slot is its first.
fn ended_before(rule: &Rule, slot: &domain::recurrence::Slot) -> Result<Option<Rule>, AppError> {
    let Some(last) = slot.n.checked_sub(1).and_then(|n| rule.nth(n)) else { return Ok(None) };
    let input = RuleInput {
        pattern: rule.pattern().clone(),
        start: rule.start().clone(),
        zone: rule.zone().clone(),
        end_date: Some(last.local.date()),
        count: None,
        basis: rule.basis(),
    };
    Ok(Some(Rule::parse(input)?))
}
