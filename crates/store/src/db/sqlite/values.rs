//! Parameters and rows through rusqlite.

use rusqlite::{
    Connection, Statement,
    types::{ToSql, ToSqlOutput, Value as Owned, ValueRef},
};

use super::failure;
use crate::{
    StoreError,
    db::{Map, Row, Value},
    stored::to_json,
};

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let borrowed = |value| Ok(ToSqlOutput::Borrowed(value));
        let integer = |number| Ok(ToSqlOutput::Borrowed(ValueRef::Integer(number)));
        let text = |text: String| Ok(ToSqlOutput::Owned(Owned::Text(text)));
        match self {
            Self::Text(Some(text)) | Self::Json(Some(text)) | Self::RawJson(Some(text)) => {
                borrowed(ValueRef::Text(text.as_bytes()))
            }
            Self::Int(Some(number)) => integer(*number),
            Self::Bool(Some(flag)) => integer(i64::from(*flag)),
            Self::Uuid(Some(id)) => borrowed(ValueRef::Blob(id.as_bytes())),
            Self::At(Some(at)) => integer(at.as_microsecond()),
            Self::Date(Some(date)) => text(date.to_string()),
            Self::Bytes(Some(bytes)) => borrowed(ValueRef::Blob(bytes)),
            Self::Uuids(ids) => text(to_json(&ids.iter().map(|id| id.simple()).collect::<Vec<_>>())),
            Self::Ints(numbers) => text(to_json(numbers)),
            Self::Texts(texts) => text(to_json(texts)),
            Self::Text(None)
            | Self::Int(None)
            | Self::Bool(None)
            | Self::Uuid(None)
            | Self::At(None)
            | Self::Date(None)
            | Self::Bytes(None)
            | Self::Json(None)
            | Self::RawJson(None) => borrowed(ValueRef::Null),
        }
    }
}

/// Runs a text that returns rows.
pub(super) fn query<T>(
    connection: &Connection,
    sql: &str,
    params: &[Value],
    map: Map<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failure)?;
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    bind(&mut statement, params).map_err(failure)?;
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failure)? {
        found.push(map(&Row::sqlite(row, &columns))?);
    }
    Ok(found)
}

pub(super) fn bind(statement: &mut Statement<'_>, params: &[Value]) -> rusqlite::Result<()> {
    for (index, value) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}
