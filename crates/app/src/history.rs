//! What happened: to a task, to a recurring task, to everything of a person.

use domain::{EventId, RecurringTaskId, TaskId, Timestamp, event::Actor};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{HistoryEntry, Page};
use utoipa::ToSchema;

use crate::{
    App, AppError, Caller,
    tasks::{PageQuery, page_request},
    view::PageView,
};

#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryView {
    #[schema(value_type = String, format = Uuid)]
    pub id: EventId,
    /// The CloudEvents type.
    pub event_type: String,
    /// The whole CloudEvent, as it was published.
    #[schema(value_type = Object)]
    pub event_data: Box<RawValue>,
    /// Who did it, and through which door.
    pub actor: Actor,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl App {
    /// Also of a task in the trash, and of one that is gone for good.
    pub async fn task_history(
        &self,
        caller: &Caller,
        id: TaskId,
        page: &PageQuery,
    ) -> Result<PageView<HistoryView>, AppError> {
        let request = page_request(page)?;
        let history = self.store.task_history(caller.id(), id, &request).await.map_err(crate::tasks::cursor_fault)?;
        if history.total == 0 {
            return Err(AppError::NotFound("task"));
        }
        Ok(views(history, &request))
    }

    pub async fn recurring_task_history(
        &self,
        caller: &Caller,
        id: RecurringTaskId,
        page: &PageQuery,
    ) -> Result<PageView<HistoryView>, AppError> {
        let request = page_request(page)?;
        let history = self.store.recurring_task_history(caller.id(), id, &request).await;
        let history = history.map_err(crate::tasks::cursor_fault)?;
        if history.total == 0 {
            return Err(AppError::NotFound("recurring task"));
        }
        Ok(views(history, &request))
    }

    pub async fn activity(&self, caller: &Caller, page: &PageQuery) -> Result<PageView<HistoryView>, AppError> {
        let request = page_request(page)?;
        let history = self.store.activity(caller.id(), &request).await.map_err(crate::tasks::cursor_fault)?;
        Ok(views(history, &request))
    }
}

fn views(page: Page<HistoryEntry>, request: &store::PageRequest) -> PageView<HistoryView> {
    PageView {
        items: page.items.into_iter().map(view).collect(),
        total: page.total,
        page: request.page,
        page_size: request.page_size,
        next_cursor: page.next_cursor,
    }
}

fn view(entry: HistoryEntry) -> HistoryView {
    HistoryView {
        id: entry.id,
        event_type: entry.event_type,
        event_data: entry.event_data,
        actor: entry.actor,
        created_at: entry.created_at,
    }
}
