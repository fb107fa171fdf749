//! The raw numbers of a person's statistics. What is open comes from the tasks, what was done from the facts.

use domain::{Timestamp, UserId, Zone, due::DUE_SOON};
use jiff::{Span, civil};

use crate::{Store, StoreError, TaskStatus, db::params};

/// No task is due before it.
const BEFORE_ALL: Timestamp = Timestamp::constant(-1, 0);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    pub open: i64,
    pub due_soon: i64,
    pub overdue: i64,
    /// Of all time, without what was deleted; as the next three.
    pub created: i64,
    pub completed: i64,
    pub completed_on_time: i64,
    /// One for each of the last days, oldest first, today last.
    pub days: Vec<DayCount>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    pub date: civil::Date,
    pub created: i64,
    pub completed: i64,
}

impl Store {
    /// `days` days up to today in `zone`.
    pub async fn stats(&self, user: UserId, now: Timestamp, days: u32, zone: &Zone) -> Result<Stats, StoreError> {
        const DUE: &str = "select count(*) as number from tasks where user_id = $1 and deleted_at is null \
            and completed_at is null and due_date is not null and {due_key} > $2 and {due_key} <= $3";
        const TOTALS: &str = "select count(*) as created, count(completed_day) as completed, \
            count(case when on_time then 1 end) as on_time from task_facts where user_id = $1 and not deleted";
        let due = |from: Timestamp, to: Timestamp| async move {
            Ok::<i64, StoreError>(
                self.db.one(DUE, params![user, from, to], |row| row.get("number")).await?.unwrap_or(0),
            )
        };
        let soon = now.checked_add(DUE_SOON).unwrap_or(Timestamp::MAX);
        let totals = self
            .db
            .one(TOTALS, params![user], |row| Ok((row.get("created")?, row.get("completed")?, row.get("on_time")?)))
            .await?;
        let (created, completed, completed_on_time) = totals.unwrap_or_default();
        Ok(Stats {
            open: self.task_count(user, TaskStatus::Open).await?,
            due_soon: due(now, soon).await?,
            overdue: due(BEFORE_ALL, now).await?,
            created,
            completed,
            completed_on_time,
            days: self.day_counts(user, zone.local(now).date(), days).await?,
        })
    }

    async fn day_counts(&self, user: UserId, today: civil::Date, days: u32) -> Result<Vec<DayCount>, StoreError> {
        const CREATED: &str = "select created_day as day, count(*) as number from task_facts where user_id = $1 \
            and created_day >= $2 and created_day <= $3 and not deleted group by created_day";
        const COMPLETED: &str = "select completed_day as day, count(*) as number from task_facts where user_id = $1 \
            and completed_day >= $2 and completed_day <= $3 and not deleted group by completed_day";
        let back = |n: u32| today.checked_sub(Span::new().days(i64::from(n))).unwrap_or(today);
        let first = back(days.saturating_sub(1));
        let created = self.per_day(CREATED, user, first, today).await?;
        let completed = self.per_day(COMPLETED, user, first, today).await?;
        let on = |counts: &[(civil::Date, i64)], date| {
            counts.iter().find(|(day, _)| *day == date).map_or(0, |(_, number)| *number)
        };
        let dates = (0..days).rev().map(back);
        Ok(dates.map(|date| DayCount { date, created: on(&created, date), completed: on(&completed, date) }).collect())
    }

    async fn per_day(
        &self,
        sql: &'static str,
        user: UserId,
        first: civil::Date,
        last: civil::Date,
    ) -> Result<Vec<(civil::Date, i64)>, StoreError> {
        self.db.all(sql, params![user, first, last], |row| Ok((row.get("day")?, row.get("number")?))).await
    }
}
