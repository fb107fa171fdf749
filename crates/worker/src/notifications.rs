//! The consumer that tells people: a moment that came becomes an in-app item and its row in the ledger, in one commit
//! with the inbox row, so that it is told exactly once. What an end or a move calls off becomes `cancelled` rows.
//!
//! The row of the ledger is unique by person, channel, task, kind and moment. Where it exists, nothing is written:
//! whatever the reason for which an event with the same meaning came, the person has been told.

use app::App;
use async_trait::async_trait;
use domain::{
    TaskId, Timestamp,
    event::{CloudEvent, DigestData, EventData, EventType, ReminderData, TaskData},
    notification::{Channel, Delivery, DeliveryStatus, Notification, NotificationKind},
    user::User,
};
use store::StoreError;

use crate::consumer::{Consumer, Effect};

pub const NAME: &str = "notifications";

const TOPICS: &[&str] = &[
    "task-updated",
    "task-completed",
    "task-deleted",
    "task-due-soon",
    "task-due",
    "task-reminder",
    "recurring-task-due",
];

pub struct Notifications {
    app: App,
}

impl Notifications {
    pub fn new(app: App) -> Self {
        Self { app }
    }

    fn tell(&self, user: &User, data: &TaskData, reminder: &ReminderData) -> Effect {
        let mut effect = Effect::default();
        if !reminder.notify || !user.preferences.wants(reminder.kind, Channel::InApp) {
            return effect;
        }
        let now = self.app.now();
        let notification = match &reminder.digest {
            Some(digest) => digest_of(user, digest, now),
            None => Notification {
                id: self.app.new_id(),
                user_id: user.id,
                kind: reminder.kind,
                task_id: Some(data.task.id),
                task_ids: Vec::new(),
                title: data.task.title.clone(),
                due_date: data.task.due_date.clone(),
                late: reminder.late,
                created_at: now,
                read_at: None,
                snoozed_until: None,
            },
        };
        let planned = self.delivery(user, data.task.id, reminder.kind, reminder.moment, now);
        effect.deliveries.push(Delivery {
            attempts: 1,
            sent_at: Some(now),
            late: reminder.late,
            notification_id: reminder.digest.is_none().then_some(notification.id),
            digest_id: reminder.digest.as_ref().map(|digest| digest.id),
            ..planned
        });
        effect.notifications.push(notification);
        effect
    }

    /// Reminders that will not come any more, and what still waits to be sent, where the task came to its end.
    async fn call_off(&self, user: &User, data: &TaskData, event_type: EventType) -> Result<Effect, StoreError> {
        let now = self.app.now();
        let reason = match event_type {
            EventType::TaskCompleted => "task completed",
            EventType::TaskDeleted => "task deleted",
            _ if data.changed.iter().any(|field| field == "due_date") => "due date moved",
            _ => "reminders changed",
        };
        let mut effect = Effect::default();
        let cancelled = |delivery| Delivery {
            status: DeliveryStatus::Cancelled,
            error: Some(reason.into()),
            next_attempt_at: None,
            ..delivery
        };
        for reminder in &data.cancelled_reminders {
            if user.preferences.wants(reminder.kind, Channel::InApp) {
                let planned = self.delivery(user, data.task.id, reminder.kind, reminder.moment, now);
                effect.deliveries.push(cancelled(planned));
            }
        }
        if matches!(event_type, EventType::TaskCompleted | EventType::TaskDeleted) {
            for waiting in self.app.store.task_deliveries(user.id, data.task.id).await? {
                let waits =
                    matches!(waiting.status, DeliveryStatus::Pending | DeliveryStatus::Held | DeliveryStatus::Retrying);
                let same = |own: &Delivery| {
                    (own.channel, own.kind, own.moment) == (waiting.channel, waiting.kind, waiting.moment)
                };
                if waits && !effect.deliveries.iter().any(same) {
                    effect.deliveries.push(cancelled(waiting));
                }
            }
        }
        Ok(effect)
    }

    fn delivery(
        &self,
        user: &User,
        task_id: TaskId,
        kind: NotificationKind,
        moment: Timestamp,
        now: Timestamp,
    ) -> Delivery {
        Delivery {
            id: self.app.new_id(),
            user_id: user.id,
            task_id,
            kind,
            channel: Channel::InApp,
            moment,
            status: DeliveryStatus::Sent,
            attempts: 0,
            next_attempt_at: None,
            sent_at: None,
            late: false,
            error: None,
            notification_id: None,
            digest_id: None,
            created_at: now,
        }
    }
}

/// Written with the first event that folds into it; which tasks it stands for, the ledger tells.
fn digest_of(user: &User, digest: &DigestData, now: Timestamp) -> Notification {
    Notification {
        id: digest.id,
        user_id: user.id,
        kind: NotificationKind::Digest,
        task_id: None,
        task_ids: Vec::new(),
        title: format!("{} late reminders", digest.count),
        due_date: None,
        late: true,
        created_at: now,
        read_at: None,
        snoozed_until: None,
    }
}

#[async_trait]
impl Consumer for Notifications {
    fn name(&self) -> &'static str {
        NAME
    }

    fn topics(&self) -> &'static [&'static str] {
        TOPICS
    }

    async fn effect(&self, user: &User, event: &CloudEvent) -> Result<Effect, StoreError> {
        let EventData::Task(data) = &event.data else { return Ok(Effect::default()) };
        if let Some(reminder) = &data.reminder {
            return Ok(self.tell(user, data, reminder));
        }
        match EventType::from_name(&event.event_type) {
            Some(event_type @ (EventType::TaskUpdated | EventType::TaskCompleted | EventType::TaskDeleted)) => {
                self.call_off(user, data, event_type).await
            }
            _ => Ok(Effect::default()),
        }
    }
}
