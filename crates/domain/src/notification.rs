//! What a person is told, and the ledger of how that went.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DeliveryId, NotificationId, TaskId, UserId};

/// More late reminders of one person than this fold into one digest.
pub const LATE_ONES_BEFORE_DIGEST: usize = 10;

/// A reminder that fires this much after its moment is marked late.
pub const LATE_AFTER: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As on the wire, in the database and as a metric label.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}

named! {
    NotificationKind {
        DueSoon = "due_soon",
        Due = "due",
        /// From the task's own list, or snoozed.
        Reminder = "reminder",
        /// Many late ones in one.
        Digest = "digest",
        /// A slot came and its task was created.
        Recurring = "recurring",
    }
}

named! {
    Channel { InApp = "in_app" }
}

named! {
    DeliveryStatus {
        /// Waits for its turn.
        Pending = "pending",
        /// Waits for the end of quiet hours.
        Held = "held",
        Sent = "sent",
        /// Failed, and will be tried again.
        Retrying = "retrying",
        /// Given up.
        Failed = "failed",
        /// Not needed any more.
        Cancelled = "cancelled",
    }
}

/// An item of the in-app list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    pub id: NotificationId,
    pub user_id: UserId,
    pub kind: NotificationKind,
    /// `None` for a digest.
    pub task_id: Option<TaskId>,
    /// Of a digest: the tasks it stands for, in due order.
    pub task_ids: Vec<TaskId>,
    pub title: String,
    /// As on the wire: an instant or a date.
    pub due_date: Option<String>,
    pub late: bool,
    pub created_at: Timestamp,
    pub read_at: Option<Timestamp>,
    pub snoozed_until: Option<Timestamp>,
}

/// One notification on one channel: a row of the ledger. Unique by user, channel, task, kind and moment, which is
/// what makes a notification impossible to send twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub user_id: UserId,
    pub task_id: TaskId,
    pub kind: NotificationKind,
    pub channel: Channel,
    /// The nominal moment of the reminder.
    pub moment: Timestamp,
    pub status: DeliveryStatus,
    pub attempts: i64,
    pub next_attempt_at: Option<Timestamp>,
    pub sent_at: Option<Timestamp>,
    pub late: bool,
    /// The receiver's words, or the reason for a cancellation.
    pub error: Option<String>,
    /// The in-app item, where there is one.
    pub notification_id: Option<NotificationId>,
    /// The digest that this one folded into.
    pub digest_id: Option<NotificationId>,
    pub created_at: Timestamp,
}
