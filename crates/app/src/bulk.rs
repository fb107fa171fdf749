//! One action on many tasks. Each task succeeds or fails by itself, and says so.

use domain::TaskId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    App, AppError, Caller,
    idempotency::{IdempotencyKey, Outcome},
    input::TaskPatchInput,
    view::TaskView,
};

const MAX_TASKS: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    Complete,
    Reopen,
    Trash,
    Restore,
    /// Applies `patch`.
    Update,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkInput {
    pub action: BulkAction,
    /// 1–200 tasks.
    #[schema(value_type = Vec<String>)]
    pub ids: Vec<TaskId>,
    /// With `update` only.
    #[serde(default)]
    pub patch: Option<TaskPatchInput>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulkView {
    pub results: Vec<BulkResult>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulkResult {
    #[schema(value_type = String, format = Uuid)]
    pub id: TaskId,
    pub done: bool,
    /// Why not.
    pub error: Option<String>,
    /// How it looks now; null for one in the trash.
    pub task: Option<TaskView>,
}

impl App {
    /// The actions change nothing when they come twice, so a repeated request needs no stored answer to be safe; the
    /// key is kept all the same, so that the answer is.
    pub async fn bulk(
        &self,
        caller: &Caller,
        input: &BulkInput,
        key: Option<&IdempotencyKey>,
    ) -> Result<Outcome<BulkView>, AppError> {
        if input.ids.is_empty() || input.ids.len() > MAX_TASKS {
            return Err(AppError::field("ids", format!("must be 1 to {MAX_TASKS} tasks, got {}", input.ids.len())));
        }
        match (input.action, &input.patch) {
            (BulkAction::Update, None) => return Err(AppError::field("patch", "is needed for update")),
            (BulkAction::Update, Some(patch)) => drop(patch.parse(None, &caller.user.zone)?),
            (_, Some(_)) => return Err(AppError::field("patch", "goes with update only")),
            (_, None) => {}
        }
        self.once(caller, key, || async move {
            let mut results = Vec::with_capacity(input.ids.len());
            for &id in &input.ids {
                results.push(self.bulk_one(caller, input, id).await?);
            }
            let view = BulkView { results };
            let commit = store::Commit::of(caller.id());
            if key.is_some() { self.commit_answer(commit, caller, key, view).await } else { Ok(view) }
        })
        .await
    }

    /// Fails as a whole only when going on makes no sense.
    async fn bulk_one(&self, caller: &Caller, input: &BulkInput, id: TaskId) -> Result<BulkResult, AppError> {
        let outcome = match input.action {
            BulkAction::Complete => self.complete_task(caller, id, None).await.map(Some),
            BulkAction::Reopen => self.reopen_task(caller, id, None).await.map(Some),
            BulkAction::Trash => self.trash_task(caller, id, None).await.map(|()| None),
            BulkAction::Restore => self.restore_task(caller, id, None).await.map(Some),
            BulkAction::Update => {
                let patch = input.patch.clone().unwrap_or_default();
                self.update_task(caller, id, &patch, None).await.map(Some)
            }
        };
        match outcome {
            Ok(task) => Ok(BulkResult { id, done: true, error: None, task }),
            Err(error @ (AppError::Store(_) | AppError::Internal(_) | AppError::Busy)) => Err(error),
            Err(error) => Ok(BulkResult { id, done: false, error: Some(error.to_string()), task: None }),
        }
    }
}
