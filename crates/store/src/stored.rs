//! How values are kept: JSON columns, lower-case keys for comparing, texts that must parse when they come back.

use std::fmt::Display;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    StoreError,
    db::{Column, Row},
};

/// A JSON text on its way into a JSON column.
pub(crate) struct Json(pub String);

/// A JSON text whose bytes must come back as they are.
pub(crate) struct RawJson(pub String);

pub(crate) fn corrupt(error: impl Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

/// What an edge once accepted and the domain now refuses.
pub(crate) fn parsed<T, E: Display>(column: &str, value: Result<T, E>) -> Result<T, StoreError> {
    value.map_err(|error| StoreError::Corrupt(format!("{column}: {error}")))
}

/// Only for plain data of ours: strings, numbers, lists and maps with string keys, which cannot fail.
pub(crate) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}

pub(crate) fn from_json<T: DeserializeOwned>(column: &str, json: &str) -> Result<T, StoreError> {
    parsed(column, serde_json::from_str(json))
}

/// A text that one of the domain's types checks.
pub(crate) trait Text: Sized {
    fn checked(raw: &str) -> Result<Self, String>;
}

macro_rules! texts {
    ($($name:ident),+) => {$(
        impl Text for domain::$name {
            fn checked(raw: &str) -> Result<Self, String> {
                Self::parse(raw).map_err(|error| error.to_string())
            }
        }

        impl Column for domain::$name {
            fn read(cell: crate::db::Cell<'_>) -> Result<Self, StoreError> {
                let raw = String::read(cell)?;
                Self::parse(&raw).map_err(corrupt)
            }
        }
    )+};
}

texts!(Title, Description, Email, PersonName, ProjectName, Tag, Zone);

/// A JSON list of checked texts.
pub(crate) fn texts<T: Text>(row: &Row<'_>, column: &str) -> Result<Vec<T>, StoreError> {
    let raw: Vec<String> = from_json(column, &row.get::<String>(column)?)?;
    raw.iter().map(|text| parsed(column, T::checked(text))).collect()
}

/// For comparing without regard to case, the same on both databases: neither's own idea of lower case is used.
pub(crate) fn key_of(text: &str) -> String {
    text.to_lowercase()
}

pub(crate) fn search_text(title: &str, description: &str) -> String {
    if description.is_empty() { key_of(title) } else { format!("{}\n{}", key_of(title), key_of(description)) }
}

/// A `like` pattern (escape `\`) for texts that contain `word`.
pub(crate) fn like_pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in key_of(word).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
