use app::{
    App,
    recurring_tasks::{PreviewInput, PreviewQuery, PreviewView, RuleFields},
};
use axum::extract::State;
use domain::{
    RecurringTaskId, Timestamp,
    recurrence::{Basis, NthWeekday, RecurrenceType, Weekday},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    extract::{Id, IdPath, Json, Query, Reader},
    problem::Problem,
};

/// A rule, with `from` and `limit` beside its fields. Written out, because serde cannot refuse unknown fields, nor name
/// the one at fault, in a struct that is flattened into another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    recurrence_type: RecurrenceType,
    /// 1–999, 1 if absent.
    recurrence_interval: Option<u32>,
    /// Weekly only; the start's weekday if absent.
    weekdays: Option<Vec<Weekday>>,
    /// Monthly and yearly: 1–31, or -1 for the last day.
    month_day: Option<i8>,
    /// Monthly and yearly, instead of `month_day`.
    nth_weekday: Option<NthWeekday>,
    /// Yearly: 1–12.
    month: Option<i8>,
    /// IANA name; the person's own zone if absent.
    time_zone: Option<String>,
    /// An instant, or a date for whole days.
    start_date: String,
    /// Inclusive: a local date, or an instant whose local date counts.
    end_date: Option<String>,
    /// Instead of `end_date`: how many slots there are from the start.
    count: Option<u32>,
    basis: Option<Basis>,
    /// Inclusive; now if absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// 1–100, 10 if absent.
    limit: Option<u32>,
}

impl From<PreviewBody> for PreviewInput {
    fn from(body: PreviewBody) -> Self {
        Self {
            rule: RuleFields {
                recurrence_type: body.recurrence_type,
                recurrence_interval: body.recurrence_interval,
                weekdays: body.weekdays,
                month_day: body.month_day,
                nth_weekday: body.nth_weekday,
                month: body.month,
                time_zone: body.time_zone,
                start_date: body.start_date,
                end_date: body.end_date,
                count: body.count,
                basis: body.basis,
            },
            from: body.from,
            limit: body.limit,
        }
    }
}

/// Preview a rule
///
/// The next dates of a rule that is not stored.
#[utoipa::path(
    post, path = "/recurring-tasks/preview", request_body = PreviewBody,
    responses((status = 200, description = "The next dates, and why each is what it is", body = PreviewView))
)]
pub async fn preview_recurrence(
    State(app): State<App>,
    Reader(caller): Reader,
    Json(body): Json<PreviewBody>,
) -> Result<Json<PreviewView>, Problem> {
    Ok(Json(app.preview(&caller, &body.into()).await?))
}

/// Preview a recurring task
///
/// Its next dates, with those that are skipped or changed marked.
#[utoipa::path(
    get, path = "/recurring-tasks/{id}/preview", params(IdPath, PreviewQuery),
    responses((status = 200, description = "The next dates, and why each is what it is", body = PreviewView))
)]
pub async fn preview_recurring_task(
    State(app): State<App>,
    Reader(caller): Reader,
    Id(id): Id<RecurringTaskId>,
    query: Query<PreviewQuery>,
) -> Result<Json<PreviewView>, Problem> {
    Ok(Json(app.preview_recurring_task(&caller, id, &query.0).await?))
}
