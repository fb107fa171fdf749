//! Projects gather tasks; a task without one is in the inbox.

use jiff::Timestamp;

use crate::{ProjectId, ProjectName, UserId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    pub id: ProjectId,
    pub user_id: UserId,
    pub name: ProjectName,
    /// One of [`COLORS`], for the dot beside the name.
    pub color: Option<Color>,
    pub archived_at: Option<Timestamp>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

pub const COLORS: [&str; 8] = ["red", "orange", "yellow", "green", "teal", "blue", "violet", "gray"];

/// A colour by name, so that themes decide how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(&'static str);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}", COLORS.join(", "))]
pub struct UnknownColor;

impl Color {
    pub fn parse(name: &str) -> Result<Self, UnknownColor> {
        COLORS.into_iter().find(|color| *color == name).map(Self).ok_or(UnknownColor)
    }

    pub fn name(self) -> &'static str {
        self.0
    }
}
