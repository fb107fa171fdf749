//! One row, whatever the driver.

use std::cell::Cell as Counter;

use domain::{DeliveryId, EventId, NotificationId, ProjectId, RecurringTaskId, TaskId, Timestamp, TokenId, UserId};
use jiff::civil::Date;
use rusqlite::types::ValueRef;
use sqlx::{Row as _, postgres::PgRow};
use uuid::Uuid;

use super::postgres::values::{PgAt, PgDate, PgText};
use crate::{StoreError, stored::corrupt};

pub(crate) enum Row<'r> {
    Sqlite {
        row: &'r rusqlite::Row<'r>,
        columns: &'r [String],
        /// Columns are read in the order they are selected, mostly: the search begins here.
        next: Counter<usize>,
    },
    Postgres(&'r PgRow),
}

impl<'r> Row<'r> {
    pub fn sqlite(row: &'r rusqlite::Row<'r>, columns: &'r [String]) -> Self {
        Self::Sqlite { row, columns, next: Counter::new(0) }
    }

    pub fn get<T: Column>(&self, column: &str) -> Result<T, StoreError> {
        let value = match self {
            Self::Sqlite { row, columns, next } => {
                let (before, after) = columns.split_at(next.get());
                let found = after.iter().chain(before).position(|name| name == column);
                let found = found.ok_or_else(|| StoreError::Database(format!("no column {column}")))?;
                let index = (next.get() + found) % columns.len();
                next.set((index + 1) % columns.len());
                T::read(Cell::Sqlite(row.get_ref(index).map_err(corrupt)?))
            }
            Self::Postgres(row) => T::read(Cell::Postgres(row, column)),
        };
        value.map_err(|error| match error {
            StoreError::Corrupt(why) => StoreError::Corrupt(format!("{column}: {why}")),
            other => other,
        })
    }
}

/// One value of a row.
#[derive(Clone, Copy)]
pub(crate) enum Cell<'r> {
    Sqlite(ValueRef<'r>),
    Postgres(&'r PgRow, &'r str),
}

/// A type that a column can be read as.
pub(crate) trait Column: Sized {
    fn read(cell: Cell<'_>) -> Result<Self, StoreError>;
}

fn unexpected<T>(expected: &str, found: ValueRef<'_>) -> Result<T, StoreError> {
    Err(corrupt(format!("expected {expected}, found {}", found.data_type())))
}

/// Plain types: how SQLite keeps them, and the type that PostgreSQL's driver reads.
macro_rules! columns {
    ($($type:ty, $name:literal, $pattern:pat => $sqlite:expr, $pg:ty => $postgres:expr;)+) => {$(
        impl Column for $type {
            fn read(cell: Cell<'_>) -> Result<Self, StoreError> {
                match cell {
                    Cell::Sqlite($pattern) => $sqlite,
                    Cell::Sqlite(other) => unexpected($name, other),
                    Cell::Postgres(row, column) => {
                        let convert: fn($pg) -> Self = $postgres;
                        row.try_get::<$pg, _>(column).map(convert).map_err(corrupt)
                    }
                }
            }
        }

        impl Column for Option<$type> {
            fn read(cell: Cell<'_>) -> Result<Self, StoreError> {
                match cell {
                    Cell::Sqlite(ValueRef::Null) => Ok(None),
                    Cell::Sqlite(_) => <$type>::read(cell).map(Some),
                    Cell::Postgres(row, column) => {
                        let convert: fn($pg) -> $type = $postgres;
                        let value = row.try_get::<Option<$pg>, _>(column).map_err(corrupt)?;
                        Ok(value.map(convert))
                    }
                }
            }
        }
    )+};
}

columns! {
    i64, "a number", ValueRef::Integer(number) => Ok(number), i64 => |number| number;
    bool, "0 or 1", ValueRef::Integer(flag @ (0 | 1)) => Ok(flag == 1), bool => |flag| flag;
    String, "a text", ValueRef::Text(text) => String::from_utf8(text.to_vec()).map_err(corrupt), PgText => |text| text.0;
    Uuid, "a UUID", ValueRef::Blob(bytes) => Uuid::from_slice(bytes).map_err(corrupt), Uuid => |id| id;
    Vec<u8>, "bytes", ValueRef::Blob(bytes) => Ok(bytes.to_vec()), Vec<u8> => |bytes| bytes;
    Timestamp, "an instant", ValueRef::Integer(micros) => Timestamp::from_microsecond(micros).map_err(corrupt),
        PgAt => |at| at.0;
    Date, "a date", ValueRef::Text(text) => std::str::from_utf8(text).map_err(corrupt)?.parse().map_err(corrupt),
        PgDate => |date| date.0;
}

/// Ids are UUIDs with a name.
macro_rules! ids {
    ($($name:ident),+) => {$(
        impl Column for $name {
            fn read(cell: Cell<'_>) -> Result<Self, StoreError> {
                Uuid::read(cell).map(Self)
            }
        }

        impl Column for Option<$name> {
            fn read(cell: Cell<'_>) -> Result<Self, StoreError> {
                Ok(Option::<Uuid>::read(cell)?.map($name))
            }
        }
    )+};
}

ids!(DeliveryId, EventId, NotificationId, ProjectId, RecurringTaskId, TaskId, TokenId, UserId);

/// Smaller numbers are kept as 64 bits.
macro_rules! small_numbers {
    ($($name:ident),+) => {$(
        impl Column for $name {
            fn read(cell: Cell<'_>) -> Result<Self, StoreError> {
                i64::read(cell)?.try_into().map_err(corrupt)
            }
        }

        impl Column for Option<$name> {
            fn read(cell: Cell<'_>) -> Result<Self, StoreError> {
                Option::<i64>::read(cell)?.map($name::try_from).transpose().map_err(corrupt)
            }
        }
    )+};
}

small_numbers!(i8, u16, u32);
