//! Projects and tags.

use domain::{
    Change, ProjectId, ProjectName, Tag,
    field::Faults,
    project::{Color, Project},
    task::{Context, Task, TaskPatch},
};
use serde::Deserialize;
use store::{Commit, Duplicate, PageRequest, TaskFilter, TaskStatus};
use utoipa::ToSchema;

use crate::{
    App, AppError, Caller,
    idempotency::{IdempotencyKey, Outcome},
    input::Patch,
    recurring_tasks::{EditScope, RecurringTaskPatchInput},
    tasks::check_version,
    view::{PageView, ProjectView, TagView},
};

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectInput {
    /// 1–100 characters, unlike those of the other projects.
    pub name: String,
    /// red, orange, yellow, green, teal, blue, violet or gray.
    #[serde(default)]
    pub color: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectPatchInput {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub color: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub archived: Patch<bool>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagInput {
    /// 1–50 characters without white space; kept in lower case.
    pub name: String,
}

impl App {
    pub async fn projects(&self, caller: &Caller) -> Result<PageView<ProjectView>, AppError> {
        let projects = self.store.projects(caller.id()).await?;
        Ok(whole(projects.iter().map(ProjectView::from).collect()))
    }

    pub async fn project(&self, caller: &Caller, id: ProjectId) -> Result<ProjectView, AppError> {
        Ok(ProjectView::from(&self.own_project(caller, id).await?))
    }

    async fn own_project(&self, caller: &Caller, id: ProjectId) -> Result<Project, AppError> {
        self.store.project(caller.id(), id).await?.ok_or(AppError::NotFound("project"))
    }

    pub async fn create_project(
        &self,
        caller: &Caller,
        input: &ProjectInput,
        key: Option<&IdempotencyKey>,
    ) -> Result<Outcome<ProjectView>, AppError> {
        let mut faults = Faults::default();
        let name = faults.take("name", ProjectName::parse(&input.name));
        let color = input.color.as_deref().and_then(|text| faults.take("color", Color::parse(text)));
        faults.check()?;
        let name = &name.ok_or_else(|| AppError::field("name", "must not be empty"))?;
        let outcome = self
            .once(caller, key, || async move {
                let project = self.new_project(caller, name.clone(), color);
                let mut commit = Commit::of(caller.id());
                commit.project(&project, 0);
                self.commit_answer(commit, caller, key, ProjectView::from(&project)).await
            })
            .await;
        outcome.map_err(name_taken)
    }

    pub(crate) fn new_project(&self, caller: &Caller, name: ProjectName, color: Option<Color>) -> Project {
        let now = self.now();
        Project {
            id: self.new_id(),
            user_id: caller.id(),
            name,
            color,
            archived_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    pub async fn update_project(
        &self,
        caller: &Caller,
        id: ProjectId,
        input: &ProjectPatchInput,
        if_match: Option<i64>,
    ) -> Result<ProjectView, AppError> {
        let mut faults = Faults::default();
        let f = &mut faults;
        let name = input.name.clone().required("name", f).and_then(|text| f.take("name", ProjectName::parse(&text)));
        let color = match &input.color {
            Patch::Absent => None,
            Patch::Clear => Some(None),
            Patch::Set(text) => f.take("color", Color::parse(text)).map(Some),
        };
        let archived = input.archived.clone().required("archived", f);
        faults.check()?;
        let name = &name;
        let outcome = self
            .decide(|| async move {
                let mut project = self.own_project(caller, id).await?;
                check_version(if_match, project.version)?;
                let from_version = project.version;
                project.name = name.clone().unwrap_or(project.name);
                project.color = color.unwrap_or(project.color);
                project.archived_at = match archived {
                    Some(true) => project.archived_at.or(Some(self.now())),
                    Some(false) => None,
                    None => project.archived_at,
                };
                project.version += 1;
                project.updated_at = self.now();
                let mut commit = Commit::of(caller.id());
                commit.project(&project, from_version);
                self.commit(commit).await?;
                Ok(ProjectView::from(&project))
            })
            .await;
        outcome.map_err(name_taken)
    }

    /// Its tasks go back to the inbox, each with its event; the project itself goes last, so that a crash in between
    /// leaves a project with fewer tasks and loses nothing.
    pub async fn delete_project(&self, caller: &Caller, id: ProjectId) -> Result<(), AppError> {
        self.own_project(caller, id).await?;
        let inbox = TaskPatch { project_id: Some(None), ..TaskPatch::default() };
        let filter = TaskFilter { project_id: Some(Some(id)), ..TaskFilter::default() };
        self.each_task(caller, &filter, |task, context| Ok(task.edit(inbox.clone(), context)?)).await?;
        for rule in self.store.all_recurring_tasks(caller.id()).await? {
            if rule.project_id == Some(id) {
                let input = RecurringTaskPatchInput { project_id: Patch::Clear, ..Default::default() };
                self.update_recurring_task(caller, rule.id, &input, &EditScope::default(), None).await?;
            }
        }
        self.decide(|| async move {
            let project = self.own_project(caller, id).await?;
            let mut commit = Commit::of(caller.id());
            commit.delete_project(caller.id(), id, project.version);
            self.commit(commit).await.map(drop)
        })
        .await
    }

    /// Changes each task of a list that the change takes off the list, a commit each.
    async fn each_task(
        &self,
        caller: &Caller,
        filter: &TaskFilter,
        change: impl Fn(Task, &Context) -> Result<Change<Task>, AppError>,
    ) -> Result<(), AppError> {
        const BATCH: u32 = 100;
        let change = &change;
        loop {
            let tasks = self.store.tasks(caller.id(), filter, &PageRequest::first(BATCH)).await?.items;
            if tasks.is_empty() {
                return Ok(());
            }
            for task in tasks {
                let id = task.id;
                self.decide(|| async move {
                    let Some(task) = self.store.task(caller.id(), id).await? else { return Ok(()) };
                    // It may have gone into the trash, or come out of it, since the list was read.
                    if task.deleted_at.is_some() != (filter.status == TaskStatus::Trash) {
                        return Ok(());
                    }
                    let changed = change(task, &caller.context(self))?;
                    let mut commit = Commit::of(caller.id());
                    self.add_task(&mut commit, &changed);
                    self.commit(commit).await.map(drop)
                })
                .await?;
            }
        }
    }

    pub async fn tags(&self, caller: &Caller) -> Result<PageView<TagView>, AppError> {
        let tags = self.store.tags(caller.id()).await?;
        Ok(whole(tags.iter().map(|tag| TagView::new(&tag.name, tag.open)).collect()))
    }

    /// A tag that exists is answered as it is.
    pub async fn create_tag(
        &self,
        caller: &Caller,
        input: &TagInput,
        key: Option<&IdempotencyKey>,
    ) -> Result<Outcome<TagView>, AppError> {
        let tag = &Tag::parse(&input.name).map_err(|error| AppError::field("name", error.to_string()))?;
        self.once(caller, key, || async move {
            let mut commit = Commit::of(caller.id());
            commit.know_tag(caller.id(), tag, self.now());
            self.commit_answer(commit, caller, key, TagView::new(tag, 0)).await
        })
        .await
    }

    /// Off every task that has it, also off those in the trash, then gone.
    pub async fn delete_tag(&self, caller: &Caller, name: &str) -> Result<(), AppError> {
        let tag = &Tag::parse(name).map_err(|_| AppError::NotFound("tag"))?;
        if !self.store.tags(caller.id()).await?.iter().any(|known| known.name == *tag) {
            return Err(AppError::NotFound("tag"));
        }
        for status in [TaskStatus::All, TaskStatus::Trash] {
            let filter = TaskFilter { tag: Some(tag.clone()), status, ..TaskFilter::default() };
            self.each_task(caller, &filter, |task, context| Ok(task.untag(tag, context))).await?;
        }
        self.decide(|| async move {
            let mut commit = Commit::of(caller.id());
            commit.forget_tag(caller.id(), tag);
            self.commit(commit).await.map(drop)
        })
        .await
    }
}

/// A list that is never long enough to be cut into pages.
fn whole<T>(items: Vec<T>) -> PageView<T> {
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    PageView { total: i64::from(count), page: 1, page_size: count.max(1), next_cursor: None, items }
}

fn name_taken(error: AppError) -> AppError {
    match error {
        AppError::Duplicate(Duplicate::ProjectName) => AppError::NameTaken("a project"),
        other => other,
    }
}
