//! Projects: read whole, since nobody has many.

use domain::{
    ProjectId, UserId,
    project::{Color, Project},
};

use crate::{
    Commit, DeletedKind, Store, StoreError,
    db::{Row, params},
    stored::{key_of, parsed},
};

const INSERT: &str = "insert into projects (id, user_id, name, name_key, color, archived_at, version, created_at, \
    updated_at, changed) select $1, $2, $3, $4, $5, $6, $7, $8, $9, {counter} {from} where {locked}";

const UPDATE: &str = "update projects set name = $4, name_key = $5, color = $6, archived_at = $7, version = $8, \
    updated_at = $9, changed = {counter} {from} where id = $1 and user_id = $2 and version = $3";

const DELETE: &str = "delete from projects {using} where id = $1 and user_id = $2 and version = $3 and {locked}";

const TASKS_TO_INBOX: &str = "update tasks set project_id = null, version = version + 1, changed = {counter} {from} \
    where project_id = $1 and user_id = $2";

const RECURRING_TASKS_TO_INBOX: &str = "update recurring_tasks set project_id = null, version = version + 1, \
    changed = {counter} {from} where project_id = $1 and user_id = $2";

macro_rules! columns {
    () => {
        "id, user_id, name, color, archived_at, version, created_at, updated_at"
    };
}

fn project(row: &Row<'_>) -> Result<Project, StoreError> {
    let color: Option<String> = row.get("color")?;
    Ok(Project {
        id: row.get("id")?,
        user_id: row.get("user_id")?,
        name: row.get("name")?,
        color: color.map(|name| parsed("color", Color::parse(&name))).transpose()?,
        archived_at: row.get("archived_at")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

impl Commit {
    /// Inserts (from version 0) or updates, guarded by owner and version.
    /// [`Duplicate::ProjectName`](crate::Duplicate::ProjectName) if the user has another of that name, upper or lower
    /// case.
    pub fn project(&mut self, project: &Project, from_version: i64) {
        let key = key_of(project.name.as_str());
        let color = project.color.map(Color::name);
        let (name, archived) = (project.name.as_str(), project.archived_at);
        if from_version == 0 {
            let times = (project.created_at, project.updated_at);
            let row =
                params![project.id, project.user_id, name, key, color, archived, project.version, times.0, times.1];
            self.guard(INSERT, row);
        } else {
            let row = params![
                project.id,
                project.user_id,
                from_version,
                name,
                key,
                color,
                archived,
                project.version,
                project.updated_at
            ];
            self.guard(UPDATE, row);
        }
    }

    /// The project goes, what was in it moves to the inbox (and a version on, so that stale edits are noticed). That
    /// move is no event of its tasks. Must not share a commit with a change of a task of the project.
    pub fn delete_project(&mut self, user: UserId, id: ProjectId, version: i64) {
        self.guard(DELETE, params![id, user, version]);
        self.push(TASKS_TO_INBOX, params![id, user]);
        self.push(RECURRING_TASKS_TO_INBOX, params![id, user]);
        self.deleted(user, DeletedKind::Project, id.0);
    }
}

impl Store {
    pub async fn project(&self, user: UserId, id: ProjectId) -> Result<Option<Project>, StoreError> {
        const SQL: &str = concat!("select ", columns!(), " from projects where id = $1 and user_id = $2");
        self.db.one(SQL, params![id, user], project).await
    }

    /// By name, archived ones too.
    pub async fn projects(&self, user: UserId) -> Result<Vec<Project>, StoreError> {
        const SQL: &str = concat!("select ", columns!(), " from projects where user_id = $1 order by name_key, id");
        self.db.all(SQL, params![user], project).await
    }

    /// The number of open tasks in each project; `None` is the inbox. Projects without any are absent.
    pub async fn open_by_project(&self, user: UserId) -> Result<Vec<(Option<ProjectId>, i64)>, StoreError> {
        const SQL: &str = "select project_id, count(*) as number from tasks where user_id = $1 \
            and deleted_at is null and completed_at is null group by project_id";
        self.db.all(SQL, params![user], |row| Ok((row.get("project_id")?, row.get("number")?))).await
    }

    /// Those that changed after one value of the counter and until another, in that order.
    pub(crate) async fn projects_changed(
        &self,
        user: UserId,
        since: i64,
        until: i64,
    ) -> Result<Vec<Project>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            columns!(),
            " from projects where user_id = $1 and changed > $2 and changed <= $3 order by changed, id"
        );
        self.db.all(SQL, params![user, since, until], project).await
    }
}
