//! Where a page ended: the sort key and the id of its last row, opaque to clients.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::StoreError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The order of the list; a cursor of another order is refused.
    #[serde(rename = "s")]
    pub(crate) sort: String,
    #[serde(rename = "k")]
    pub(crate) key: Key,
    #[serde(rename = "i")]
    pub(crate) id: Uuid,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Key {
    /// A number, or an instant in microseconds.
    Number(i64),
    Text(String),
}

impl Cursor {
    pub(crate) fn new(sort: impl Into<String>, key: Key, id: impl Into<Uuid>) -> Self {
        Self { sort: sort.into(), key, id: id.into() }
    }

    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| StoreError::BadCursor)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| StoreError::BadCursor)?;
        // Anybody can write one: what the database would choke on is none of ours.
        let possible = match &cursor.key {
            Key::Number(number) => (-crate::db::FUTURE / 4..=crate::db::FUTURE).contains(number),
            Key::Text(text) => !text.contains('\0'),
        };
        if possible { Ok(cursor) } else { Err(StoreError::BadCursor) }
    }

    pub(crate) fn number_of(&self, sort: &str) -> Result<i64, StoreError> {
        match self.key {
            Key::Number(number) if self.sort == sort => Ok(number),
            _ => Err(StoreError::BadCursor),
        }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let json = serde_json::to_vec(self).map_err(|_| std::fmt::Error)?;
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = Cursor::new("created desc", Key::Number(-5), Uuid::from_u128(7));
        assert_eq!(Cursor::parse(&cursor.to_string()).unwrap(), cursor);
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in ["", "x", "e30", "%%%"] {
            assert!(matches!(Cursor::parse(text), Err(StoreError::BadCursor)), "{text}");
        }
    }
}
