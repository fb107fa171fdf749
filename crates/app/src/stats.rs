//! Figures of a person's tasks: what stands now from the tasks themselves, what was from the analytics projection.

use jiff::civil;
use serde::{Deserialize, Serialize};
use store::DayCount;
use utoipa::{IntoParams, ToSchema};

use crate::{App, AppError, Caller};

const DEFAULT_DAYS: u32 = 30;
const MAX_DAYS: u32 = 366;

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct StatsQuery {
    /// How many days back, today included: 1–366, 30 by default.
    pub days: Option<u32>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatsView {
    /// Of all time, without what was deleted; as the next two.
    pub created: i64,
    pub completed: i64,
    /// Of the completed ones with a due date.
    pub completed_on_time: i64,
    /// Now.
    pub open: i64,
    pub due_soon: i64,
    pub overdue: i64,
    /// Days in a row, up to today or yesterday, with something completed.
    pub streak_days: i64,
    pub days: Vec<DayView>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DayView {
    /// In the person's zone.
    #[schema(value_type = String, format = Date)]
    pub date: civil::Date,
    pub created: i64,
    pub completed: i64,
}

impl App {
    pub async fn stats(&self, caller: &Caller, query: &StatsQuery) -> Result<StatsView, AppError> {
        let days = query.days.unwrap_or(DEFAULT_DAYS);
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(AppError::field("days", format!("must be 1 to {MAX_DAYS}, got {days}")));
        }
        // A streak may be longer than the days asked for; a year is read for it.
        let stats = self.store.stats(caller.id(), self.now(), MAX_DAYS, &caller.user.zone).await?;
        let shown = stats.days.len().saturating_sub(days as usize);
        Ok(StatsView {
            created: stats.created,
            completed: stats.completed,
            completed_on_time: stats.completed_on_time,
            open: stats.open,
            due_soon: stats.due_soon,
            overdue: stats.overdue,
            streak_days: streak(&stats.days),
            days: stats
                .days
                .iter()
                .skip(shown)
                .map(|day| DayView { date: day.date, created: day.created, completed: day.completed })
                .collect(),
        })
    }
}

/// Days in a row with something completed. A day that is not over yet does not break it.
fn streak(days: &[DayCount]) -> i64 {
    let past = match days {
        [past @ .., today] if today.completed == 0 => past,
        days => days,
    };
    past.iter().rev().take_while(|day| day.completed > 0).map(|_| 1).sum()
}
