//! Lists of tasks: filters, sort and pages, parsed with a clear fault for each.

use domain::{Due, DueState, ProjectId, Tag, Timestamp, Zone, due, field::Faults, task::Priority};
use serde::Deserialize;
use store::{Order, Page, PageRequest, SortKey, TaskFilter, TaskSort, TaskStatus};
use utoipa::IntoParams;

use crate::{
    App, AppError, Caller,
    view::{PageView, TaskView},
};

const DEFAULT_PAGE_SIZE: u32 = 20;
const MAX_PAGE_SIZE: u32 = 100;

/// Which page of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// From 1.
    pub page: Option<u32>,
    /// 1–100, 20 by default.
    pub page_size: Option<u32>,
    /// `next_cursor` of the page before; instead of `page`.
    pub cursor: Option<String>,
}

/// Which tasks, in which order.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct TaskQuery {
    /// `open`, `completed`, `all` (the default: not in the trash) or `trash`.
    pub status: Option<String>,
    /// `none`, `upcoming`, `due_soon` or `overdue`.
    pub due_state: Option<String>,
    /// 1, 2 or 3.
    pub priority: Option<i64>,
    pub tag: Option<String>,
    /// A project's id, or `none` for the inbox.
    pub project_id: Option<String>,
    pub parent_id: Option<String>,
    pub recurring_task_id: Option<String>,
    /// Due at or after: an instant, or a date in the person's zone.
    pub due_from: Option<String>,
    /// Due before: an instant, or through that date in the person's zone.
    pub due_to: Option<String>,
    /// Every word must be in the title or the description.
    pub q: Option<String>,
    /// `created`, `updated`, `due`, `priority` or `title`; with `-` before it, descending. Newest first by default.
    pub sort: Option<String>,
}

impl App {
    pub async fn tasks(
        &self,
        caller: &Caller,
        query: &TaskQuery,
        page: &PageQuery,
    ) -> Result<PageView<TaskView>, AppError> {
        let now = self.now();
        let filter = query.parse(&caller.user.zone, now)?;
        let request = page_request(page)?;
        let tasks = self.store.tasks(caller.id(), &filter, &request).await.map_err(cursor_fault)?;
        Ok(page_view(tasks, &request, |task| TaskView::new(task, now)))
    }
}

/// Checks the numbers of a page.
pub(crate) fn page_request(query: &PageQuery) -> Result<PageRequest, AppError> {
    let mut faults = Faults::default();
    let page = query.page.unwrap_or(1);
    let page_size = query.page_size.unwrap_or(DEFAULT_PAGE_SIZE);
    if page == 0 {
        faults.add("page", "must be at least 1");
    }
    if !(1..=MAX_PAGE_SIZE).contains(&page_size) {
        faults.add("page_size", format!("must be 1 to {MAX_PAGE_SIZE}, got {page_size}"));
    }
    if query.page.is_some() && query.cursor.is_some() {
        faults.add("cursor", "cannot be given together with page");
    }
    faults.check()?;
    Ok(PageRequest { page, page_size, cursor: query.cursor.clone() })
}

pub(crate) fn page_view<T, V>(page: Page<T>, request: &PageRequest, view: impl Fn(&T) -> V) -> PageView<V> {
    PageView {
        items: page.items.iter().map(view).collect(),
        total: page.total,
        page: request.page,
        page_size: request.page_size,
        next_cursor: page.next_cursor,
    }
}

/// A cursor that this list did not give out is the caller's fault, by name.
pub(crate) fn cursor_fault(error: store::StoreError) -> AppError {
    match error {
        store::StoreError::BadCursor => AppError::field("cursor", error.to_string()),
        other => AppError::Store(other),
    }
}

impl TaskQuery {
    fn parse(&self, zone: &Zone, now: Timestamp) -> Result<TaskFilter, AppError> {
        let mut faults = Faults::default();
        let f = &mut faults;
        let filter = TaskFilter {
            status: choose(f, "status", self.status.as_deref(), &STATUSES).unwrap_or_default(),
            due_state: choose(f, "due_state", self.due_state.as_deref(), &DUE_STATES),
            priority: self.priority.and_then(|number| f.take("priority", Priority::parse(number))),
            tag: self.tag.as_deref().and_then(|text| f.take("tag", Tag::parse(text))),
            project_id: self.project_id.as_deref().and_then(|text| project(f, text)),
            parent_id: id(f, "parent_id", self.parent_id.as_deref()).map(Some),
            recurring_task_id: id(f, "recurring_task_id", self.recurring_task_id.as_deref()),
            due_from: moment(f, "due_from", self.due_from.as_deref(), zone, Bound::From),
            due_to: moment(f, "due_to", self.due_to.as_deref(), zone, Bound::To),
            q: self.q.clone().filter(|q| !q.trim().is_empty()),
            sort: self.sort.as_deref().and_then(|text| sort(f, text)).unwrap_or_default(),
            now,
        };
        if self.q.as_ref().is_some_and(|q| q.chars().count() > 200) {
            f.add("q", "must be at most 200 characters");
        }
        if self.q.as_ref().is_some_and(|q| q.contains('\0')) {
            f.add("q", "must not contain a NUL character");
        }
        faults.check()?;
        Ok(filter)
    }
}

const STATUSES: [(&str, TaskStatus); 4] = [
    ("open", TaskStatus::Open),
    ("completed", TaskStatus::Completed),
    ("all", TaskStatus::All),
    ("trash", TaskStatus::Trash),
];

const DUE_STATES: [(&str, DueState); 4] = [
    ("none", DueState::None),
    ("upcoming", DueState::Upcoming),
    ("due_soon", DueState::DueSoon),
    ("overdue", DueState::Overdue),
];

/// One of several words.
pub(crate) fn choose<T: Copy>(faults: &mut Faults, field: &str, text: Option<&str>, known: &[(&str, T)]) -> Option<T> {
    let text = text?;
    let found = known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        faults.add(field, format!("must be one of {}", names.join(", ")));
    }
    found
}

fn id<I: std::str::FromStr>(faults: &mut Faults, field: &str, text: Option<&str>) -> Option<I> {
    text.and_then(|text| faults.take(field, text.parse::<I>().map_err(|_| "must be an id")))
}

#[expect(clippy::option_option, reason = "absent: any project; the inner None: the inbox")]
fn project(faults: &mut Faults, text: &str) -> Option<Option<ProjectId>> {
    if text == "none" { Some(None) } else { id(faults, "project_id", Some(text)).map(Some) }
}

enum Bound {
    From,
    To,
}

fn moment(faults: &mut Faults, field: &str, text: Option<&str>, zone: &Zone, bound: Bound) -> Option<Timestamp> {
    let due = faults.take(field, Due::parse(text?, zone.clone()))?;
    Some(match (due, bound) {
        (Due::At { at, .. }, _) => at,
        (Due::Day { date, zone }, Bound::From) => due::start_of_day(date, &zone),
        (day @ Due::Day { .. }, Bound::To) => day.deadline(),
    })
}

fn sort(faults: &mut Faults, text: &str) -> Option<TaskSort> {
    let (name, order) = text.strip_prefix('-').map_or((text, Order::Ascending), |name| (name, Order::Descending));
    let keys = [
        ("created", SortKey::Created),
        ("updated", SortKey::Updated),
        ("due", SortKey::Due),
        ("priority", SortKey::Priority),
        ("title", SortKey::Title),
    ];
    choose(faults, "sort", Some(name), &keys).map(|by| TaskSort { by, order })
}
