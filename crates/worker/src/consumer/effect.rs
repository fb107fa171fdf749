//! What events mean, as rows to write; the effects of several events of one user merge into one commit.

use domain::{
    TaskId, Timestamp,
    notification::{Channel, Delivery, DeliveryStatus, Notification, NotificationKind},
};
use store::{Commit, TaskFact};

/// Of one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    pub notifications: Vec<Notification>,
    /// Of which a new one voids the whole commit if it is there already: nobody is told twice.
    pub deliveries: Vec<Delivery>,
    pub facts: Vec<TaskFact>,
}

/// What makes a delivery unique, beside its user.
fn once(delivery: &Delivery) -> (Channel, TaskId, NotificationKind, Timestamp) {
    (delivery.channel, delivery.task_id, delivery.kind, delivery.moment)
}

impl Effect {
    pub fn is_nothing(&self) -> bool {
        self.notifications.is_empty() && self.deliveries.is_empty() && self.facts.is_empty()
    }

    /// A commit must not touch a row twice.
    pub(super) fn clashes_with(&self, other: &Self) -> bool {
        other.deliveries.iter().any(|delivery| self.deliveries.iter().any(|own| once(own) == once(delivery)))
    }

    /// A digest that several events fold into is written once, and of one task's facts only the newest.
    pub(super) fn merge(&mut self, other: Self) {
        for notification in other.notifications {
            if self.notifications.iter().all(|own| own.id != notification.id) {
                self.notifications.push(notification);
            }
        }
        self.deliveries.extend(other.deliveries);
        for fact in other.facts {
            match self.facts.iter_mut().find(|own| own.task_id == fact.task_id) {
                Some(own) if own.version < fact.version => *own = fact,
                Some(_) => {}
                None => self.facts.push(fact),
            }
        }
    }

    /// It has been told already: what is left is what was called off.
    pub(super) fn untell(&mut self) {
        self.notifications.clear();
        self.deliveries.retain(|delivery| delivery.status == DeliveryStatus::Cancelled);
    }

    pub(super) fn add_to(&self, commit: &mut Commit) {
        for delivery in &self.deliveries {
            commit.delivery(delivery);
        }
        for notification in &self.notifications {
            commit.notification(notification);
        }
        for fact in &self.facts {
            commit.task_fact(fact);
        }
    }

    pub(super) fn count(&self) {
        for notification in &self.notifications {
            let (kind, channel) = (notification.kind.name(), Channel::InApp.name());
            metrics::counter!("todo_notifications_total", "kind" => kind, "channel" => channel).increment(1);
        }
    }
}
