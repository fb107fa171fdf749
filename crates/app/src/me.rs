//! A person's own settings.

use domain::{
    Change, Due, PersonName, TaskId, Timers, UserId, Zone, field::Faults, preferences::Preferences, task::Task,
};
use jiff::civil;
use serde::Deserialize;
use store::{Commit, PageRequest, TaskFilter, TaskStatus};
use utoipa::ToSchema;

use crate::{App, AppError, Caller, input::Patch, view::UserView};

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MePatchInput {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub name: Patch<String>,
    /// IANA name.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub time_zone: Patch<String>,
    /// `HH:MM`, when whole-day tasks remind.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub all_day_time: Patch<String>,
}

impl App {
    pub async fn me(&self, caller: &Caller) -> Result<UserView, AppError> {
        Ok(UserView::from(&caller.user))
    }

    pub async fn update_me(
        &self,
        caller: &Caller,
        input: &MePatchInput,
        if_match: Option<i64>,
    ) -> Result<UserView, AppError> {
        let (name, zone, all_day_time) = parse(input)?;
        let (name, zone, all_day_time) = (&name, &zone, &all_day_time);
        let user = self
            .decide(|| async move {
                let mut user = self.store.user(caller.id()).await?.ok_or(AppError::NotFound("account"))?;
                crate::tasks::check_version(if_match, user.version)?;
                let from_version = user.version;
                user.name = name.clone().unwrap_or(user.name);
                user.zone = zone.clone().unwrap_or(user.zone);
                user.all_day_time = all_day_time.unwrap_or(user.all_day_time);
                user.version += 1;
                let mut commit = Commit::of(user.id);
                commit.update_user(&user, from_version, self.now());
                self.commit(commit).await?;
                Ok(user)
            })
            .await?;
        // Also when it is what it was: a request that broke off half-way is made whole by sending it again.
        if all_day_time.is_some() {
            self.replan_whole_days(user.id, user.all_day_time).await?;
        }
        Ok(UserView::from(&user))
    }

    /// Moves the reminders of open whole-day tasks to the new time of day.
    async fn replan_whole_days(&self, user: UserId, all_day: civil::Time) -> Result<(), AppError> {
        let filter = TaskFilter { status: TaskStatus::Open, ..TaskFilter::default() };
        let mut page = PageRequest::first(100);
        loop {
            let tasks = self.store.tasks(user, &filter, &page).await?;
            let whole_days = tasks.items.iter().filter(|task| task.due.as_ref().is_some_and(Due::is_whole_day));
            for task in whole_days {
                self.replan(user, task.id, all_day).await?;
            }
            match tasks.next_cursor {
                Some(cursor) => page = PageRequest::after(cursor, 100),
                None => return Ok(()),
            }
        }
    }

    async fn replan(&self, user: UserId, id: TaskId, all_day: civil::Time) -> Result<(), AppError> {
        self.decide(|| async move {
            let Some(task) = self.store.task(user, id).await?.filter(Task::is_open) else { return Ok(()) };
            let now = self.now();
            let mut timers = task.reminding(all_day).timers(now);
            // The due-soon window hangs on the day, not on the time of day.
            timers.retain(|timer| timer.moment > now);
            // Nothing of the task itself changes, so neither does its version: the guard alone is wanted.
            let timers = Timers::ReplaceAhead { now, timers };
            let change = Change { from_version: task.version, state: task, events: Vec::new(), timers };
            let mut commit = Commit::of(user);
            commit.task(&change);
            self.commit(commit).await.map(drop)
        })
        .await
    }

    pub async fn preferences(&self, caller: &Caller) -> Result<Preferences, AppError> {
        Ok(caller.user.preferences.clone())
    }

    pub async fn set_preferences(&self, caller: &Caller, preferences: Preferences) -> Result<Preferences, AppError> {
        let wanted = &preferences;
        self.decide(|| async move {
            let mut user = self.store.user(caller.id()).await?.ok_or(AppError::NotFound("account"))?;
            let from_version = user.version;
            user.preferences = wanted.clone();
            user.version += 1;
            let mut commit = Commit::of(user.id);
            commit.update_user(&user, from_version, self.now());
            self.commit(commit).await.map(drop)
        })
        .await?;
        Ok(preferences)
    }
}

type Parsed = (Option<PersonName>, Option<Zone>, Option<civil::Time>);

fn parse(input: &MePatchInput) -> Result<Parsed, AppError> {
    let mut faults = Faults::default();
    let f = &mut faults;
    let name = input.name.clone().required("name", f).and_then(|name| f.take("name", PersonName::parse(&name)));
    let zone =
        input.time_zone.clone().required("time_zone", f).and_then(|zone| f.take("time_zone", Zone::parse(&zone)));
    let all_day = input.all_day_time.clone().required("all_day_time", f);
    let all_day = all_day.and_then(|text| f.take("all_day_time", parse_time(&text)));
    faults.check()?;
    Ok((name, zone, all_day))
}

fn parse_time(text: &str) -> Result<civil::Time, &'static str> {
    let wrong = "must be a time of day such as 09:00";
    if text.len() != 5 {
        return Err(wrong);
    }
    civil::Time::strptime("%H:%M", text).map_err(|_| wrong)
}
