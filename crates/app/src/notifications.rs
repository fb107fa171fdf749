//! The in-app list and the ledger of deliveries.

use domain::{
    NotificationId, TaskId, UserId,
    field::Faults,
    notification::{Channel, DeliveryStatus, Notification},
};
use serde::{Deserialize, Serialize};
use store::{Commit, DeliveryFilter, NotificationFilter};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App, AppError, Caller,
    tasks::{PageQuery, SnoozeInput, cursor_fault, page_request, page_view},
    view::{DeliveryView, NotificationView, PageView},
};

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct NotificationQuery {
    pub unread: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// `pending`, `held`, `sent`, `retrying`, `failed` or `cancelled`.
    pub status: Option<String>,
    pub channel: Option<String>,
    pub task_id: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NotificationsView {
    pub items: Vec<NotificationView>,
    /// Of all, not of this page.
    pub unread: i64,
    pub total: i64,
    pub page: u32,
    pub page_size: u32,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ReadAllView {
    /// How many were unread before.
    pub read: i64,
}

impl App {
    pub async fn notifications(
        &self,
        caller: &Caller,
        query: &NotificationQuery,
        page: &PageQuery,
    ) -> Result<NotificationsView, AppError> {
        let request = page_request(page)?;
        let filter = NotificationFilter { unread: query.unread.unwrap_or(false), kind: None };
        let page = self.store.notifications(caller.id(), &filter, &request).await.map_err(cursor_fault)?;
        let view = page_view(page, &request, |notification| NotificationView::from(notification));
        Ok(NotificationsView {
            items: view.items,
            unread: self.store.unread_count(caller.id()).await?,
            total: view.total,
            page: view.page,
            page_size: view.page_size,
            next_cursor: view.next_cursor,
        })
    }

    /// Reading twice changes nothing.
    pub async fn read_notification(&self, caller: &Caller, id: NotificationId) -> Result<NotificationView, AppError> {
        self.decide(|| async move {
            let mut notification = self.notification(caller.id(), id).await?;
            if notification.read_at.is_none() {
                notification.read_at = Some(self.now());
                let mut commit = Commit::of(caller.id());
                commit.notification_state(&notification);
                self.commit(commit).await?;
            }
            Ok(NotificationView::from(&notification))
        })
        .await
    }

    async fn notification(&self, user: UserId, id: NotificationId) -> Result<Notification, AppError> {
        self.store.notification(user, id).await?.ok_or(AppError::NotFound("notification"))
    }

    pub async fn read_all_notifications(&self, caller: &Caller) -> Result<ReadAllView, AppError> {
        let read = self.store.unread_count(caller.id()).await?;
        self.decide(|| async move {
            let mut commit = Commit::of(caller.id());
            commit.read_all(caller.id(), self.now());
            self.commit(commit).await
        })
        .await?;
        Ok(ReadAllView { read })
    }

    /// Moves the reminder of its task to `until`, and takes the notification off the unread ones. A digest cannot be
    /// snoozed as one: its tasks can.
    pub async fn snooze_notification(
        &self,
        caller: &Caller,
        id: NotificationId,
        input: &SnoozeInput,
    ) -> Result<NotificationView, AppError> {
        self.decide(|| async move {
            let mut notification = self.notification(caller.id(), id).await?;
            let several = || AppError::State("a digest cannot be snoozed: snooze its tasks".into());
            let task_id = notification.task_id.ok_or_else(several)?;
            let task = self.live_task(caller, task_id).await?;
            let change = task.snooze(input.until, &caller.context(self))?;
            notification.snoozed_until = Some(input.until);
            notification.read_at.get_or_insert(self.now());
            let mut commit = Commit::of(caller.id());
            self.add_task(&mut commit, &change);
            commit.notification_state(&notification);
            self.commit(commit).await?;
            Ok(NotificationView::from(&notification))
        })
        .await
    }

    /// Those that appeared after the counter stood at `after`, each with the counter of its appearance; not all at
    /// once, but what one commit brought is never cut.
    pub async fn notifications_since(
        &self,
        user: UserId,
        after: i64,
    ) -> Result<Vec<(NotificationView, i64)>, AppError> {
        let mut most = 200;
        let notifications = loop {
            let mut found = self.store.notifications_since(user, after, most).await?;
            let last = found.last().map(|(_, cursor)| *cursor);
            if found.len() < most as usize {
                break found;
            }
            // The last commit may go on beyond the page.
            found.retain(|(_, cursor)| Some(*cursor) != last);
            if !found.is_empty() {
                break found;
            }
            most *= 4;
        };
        Ok(notifications.iter().map(|(notification, cursor)| (NotificationView::from(notification), *cursor)).collect())
    }

    pub async fn deliveries(
        &self,
        caller: &Caller,
        query: &DeliveryQuery,
        page: &PageQuery,
    ) -> Result<PageView<DeliveryView>, AppError> {
        let request = page_request(page)?;
        let filter = query.parse()?;
        let page = self.store.deliveries(caller.id(), &filter, &request).await.map_err(cursor_fault)?;
        Ok(page_view(page, &request, |delivery| DeliveryView::from(delivery)))
    }

    pub async fn task_deliveries(
        &self,
        caller: &Caller,
        id: TaskId,
        page: &PageQuery,
    ) -> Result<PageView<DeliveryView>, AppError> {
        self.store.task(caller.id(), id).await?.ok_or(AppError::NotFound("task"))?;
        let request = page_request(page)?;
        let filter = DeliveryFilter { task_id: Some(id), ..DeliveryFilter::default() };
        let page = self.store.deliveries(caller.id(), &filter, &request).await.map_err(cursor_fault)?;
        Ok(page_view(page, &request, |delivery| DeliveryView::from(delivery)))
    }

    /// The caller's change counter now.
    pub async fn cursor(&self, user: UserId) -> Result<i64, AppError> {
        let counters = self.store.change_counters(&[user]).await?;
        Ok(counters.first().map_or(0, |(_, counter)| *counter))
    }
}

impl DeliveryQuery {
    fn parse(&self) -> Result<DeliveryFilter, AppError> {
        let mut faults = Faults::default();
        let one_of = |names: Vec<&str>| format!("must be one of {}", names.join(", "));
        let status = self.status.as_deref().and_then(|text| {
            let known = || one_of(DeliveryStatus::ALL.iter().map(|status| status.name()).collect());
            faults.take("status", DeliveryStatus::from_name(text).ok_or_else(known))
        });
        let channel = self.channel.as_deref().and_then(|text| {
            let known = || one_of(Channel::ALL.iter().map(|channel| channel.name()).collect());
            faults.take("channel", Channel::from_name(text).ok_or_else(known))
        });
        let task_id =
            self.task_id.as_deref().and_then(|text| faults.take("task_id", text.parse().map_err(|_| "must be an id")));
        faults.check()?;
        Ok(DeliveryFilter { status, channel, task_id })
    }
}
