//! Skipped and changed slots, kept as JSON in their recurring task's row: few, and never read without it.

use domain::{
    Due, Timestamp, Zone,
    recurring_task::{Exception, ExceptionKind, OverridePatch},
    task::Priority,
};
use serde::{Deserialize, Serialize};

use crate::{
    StoreError,
    db::Row,
    stored::{Text, corrupt, from_json, parsed, to_json},
};

/// `changed` of `None`: skipped.
#[derive(Serialize, Deserialize)]
struct StoredException {
    slot: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<StoredPatch>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct StoredPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    /// As on the wire, with its zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<(String, String)>,
}

pub(super) fn to_column(exceptions: &[Exception]) -> String {
    let stored: Vec<_> = exceptions
        .iter()
        .map(|exception| StoredException {
            slot: exception.slot,
            changed: match &exception.kind {
                ExceptionKind::Skipped => None,
                ExceptionKind::Changed(patch) => Some(StoredPatch::from(&**patch)),
            },
        })
        .collect();
    to_json(&stored)
}

pub(super) fn from_row(row: &Row<'_>) -> Result<Vec<Exception>, StoreError> {
    let stored: Vec<StoredException> = from_json("exceptions", &row.get::<String>("exceptions")?)?;
    stored
        .into_iter()
        .map(|exception| {
            let kind = match exception.changed {
                None => ExceptionKind::Skipped,
                Some(patch) => ExceptionKind::Changed(Box::new(patch.checked()?)),
            };
            Ok(Exception { slot: exception.slot, kind })
        })
        .collect()
}

impl From<&OverridePatch> for StoredPatch {
    fn from(patch: &OverridePatch) -> Self {
        Self {
            title: patch.title.as_ref().map(ToString::to_string),
            description: patch.description.as_ref().map(ToString::to_string),
            priority: patch.priority.map(Priority::number),
            tags: patch.tags.as_ref().map(|tags| tags.iter().map(ToString::to_string).collect()),
            due: patch.due.as_ref().map(|due| (due.to_wire(), due.zone().to_string())),
        }
    }
}

impl StoredPatch {
    fn checked(self) -> Result<OverridePatch, StoreError> {
        fn text<T: Text>(raw: Option<String>) -> Result<Option<T>, StoreError> {
            raw.map(|raw| parsed("exceptions", T::checked(&raw))).transpose()
        }
        let tags = self.tags.map(|tags| tags.iter().map(|tag| parsed("exceptions", Text::checked(tag))).collect());
        let due = self.due.map(|(due, zone)| {
            let zone = Zone::parse(&zone).map_err(corrupt)?;
            Due::parse(&due, zone).map_err(corrupt)
        });
        Ok(OverridePatch {
            title: text(self.title)?,
            description: text(self.description)?,
            priority: self.priority.map(|number| Priority::parse(number.into()).map_err(corrupt)).transpose()?,
            tags: tags.transpose()?,
            due: due.transpose()?,
        })
    }
}
