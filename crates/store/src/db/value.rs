//! Parameters. Typed even when absent, because PostgreSQL asks.

use domain::{DeliveryId, EventId, NotificationId, ProjectId, RecurringTaskId, TaskId, Timestamp, TokenId, UserId};
use jiff::civil::Date;
use uuid::Uuid;

use crate::stored::{Json, RawJson};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Uuid(Option<Uuid>),
    /// An instant: INTEGER microseconds on SQLite, timestamptz on PostgreSQL.
    At(Option<Timestamp>),
    /// TEXT `YYYY-MM-DD` on SQLite, date on PostgreSQL.
    Date(Option<Date>),
    Bytes(Option<Vec<u8>>),
    /// TEXT on SQLite, jsonb on PostgreSQL.
    Json(Option<String>),
    /// Kept byte for byte: TEXT on SQLite, json on PostgreSQL.
    RawJson(Option<String>),
    /// For `{in_uuids:n}`, `{in_ints:n}` and `{in_texts:n}`: a JSON list on SQLite, an array on PostgreSQL.
    Uuids(Vec<Uuid>),
    Ints(Vec<i64>),
    Texts(Vec<String>),
}

/// Parameters from values of many types.
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Value::from($value)),*] };
}
pub(crate) use params;

macro_rules! from {
    ($($type:ty => $variant:ident $convert:expr;)+) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let convert: fn($type) -> _ = $convert;
                Self::$variant(Some(convert(value)))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                let convert: fn($type) -> _ = $convert;
                Self::$variant(value.map(convert))
            }
        }
    )+};
}

from! {
    &str => Text str::to_owned;
    String => Text |text| text;
    i64 => Int |number| number;
    bool => Bool |flag| flag;
    Uuid => Uuid |id| id;
    Timestamp => At |at| at;
    Date => Date |date| date;
    Vec<u8> => Bytes |bytes| bytes;
    Json => Json |json| json.0;
    RawJson => RawJson |json| json.0;
    UserId => Uuid |id| id.0;
    TaskId => Uuid |id| id.0;
    RecurringTaskId => Uuid |id| id.0;
    ProjectId => Uuid |id| id.0;
    EventId => Uuid |id| id.0;
    NotificationId => Uuid |id| id.0;
    DeliveryId => Uuid |id| id.0;
    TokenId => Uuid |id| id.0;
}

impl From<Vec<Uuid>> for Value {
    fn from(ids: Vec<Uuid>) -> Self {
        Self::Uuids(ids)
    }
}

impl From<Vec<i64>> for Value {
    fn from(numbers: Vec<i64>) -> Self {
        Self::Ints(numbers)
    }
}

impl From<Vec<String>> for Value {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}
