//! Which notifications a person wants, by kind and channel.

use serde::{Deserialize, Serialize};

use crate::notification::{Channel, NotificationKind};

/// Everything is on by default; a person switches off what they do not want.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    pub in_app: Kinds,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Kinds {
    pub due_soon: bool,
    pub due: bool,
    pub reminder: bool,
    pub recurring: bool,
}

impl Default for Kinds {
    fn default() -> Self {
        Self { due_soon: true, due: true, reminder: true, recurring: true }
    }
}

impl Preferences {
    pub fn wants(&self, kind: NotificationKind, channel: Channel) -> bool {
        let Channel::InApp = channel;
        match kind {
            NotificationKind::DueSoon => self.in_app.due_soon,
            NotificationKind::Due => self.in_app.due,
            NotificationKind::Reminder => self.in_app.reminder,
            NotificationKind::Recurring => self.in_app.recurring,
            // It stands for late ones of the other kinds, each of which was wanted.
            NotificationKind::Digest => true,
        }
    }
}
