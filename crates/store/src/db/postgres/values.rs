//! Parameters and columns in PostgreSQL's types.

use jiff::{Timestamp, civil::Date};
use sqlx::{
    Arguments as _, Decode, Encode, Postgres, Type, ValueRef as _,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef, types::Oid},
};

use crate::{StoreError, db::Value};

/// 2000-01-01, from which PostgreSQL counts, in microseconds.
const EPOCH: i64 = 946_684_800_000_000;
const EPOCH_DAY: Date = Date::constant(2000, 1, 1);

const JSON: Oid = Oid(114);
const JSON_ARRAY: Oid = Oid(199);
const JSONB: Oid = Oid(3802);
const JSONB_ARRAY: Oid = Oid(3807);
const DATE: Oid = Oid(1082);
const DATE_ARRAY: Oid = Oid(1182);
const TIMESTAMPTZ: Oid = Oid(1184);
const TIMESTAMPTZ_ARRAY: Oid = Oid(1185);

/// An instant in a timestamptz.
pub(in crate::db) struct PgAt(pub Timestamp);
/// A date in a date.
pub(in crate::db) struct PgDate(pub Date);
/// Any text, also json and jsonb.
pub(in crate::db) struct PgText(pub String);
struct PgJsonb<'a>(&'a str);
struct PgJson<'a>(&'a str);

macro_rules! types {
    ($($name:ty: $oid:ident, $array:ident;)+) => {$(
        impl Type<Postgres> for $name {
            fn type_info() -> PgTypeInfo { PgTypeInfo::with_oid($oid) }
        }

        impl PgHasArrayType for $name {
            fn array_type_info() -> PgTypeInfo { PgTypeInfo::with_oid($array) }
        }
    )+};
}

types! {
    PgAt: TIMESTAMPTZ, TIMESTAMPTZ_ARRAY;
    PgDate: DATE, DATE_ARRAY;
    PgJsonb<'_>: JSONB, JSONB_ARRAY;
    PgJson<'_>: JSON, JSON_ARRAY;
}

impl Encode<'_, Postgres> for PgAt {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&(self.0.as_microsecond() - EPOCH).to_be_bytes());
        Ok(IsNull::No)
    }
}

impl Decode<'_, Postgres> for PgAt {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(match value.format() {
            PgValueFormat::Binary => {
                let micros = i64::from_be_bytes(value.as_bytes()?.try_into()?);
                Timestamp::from_microsecond(micros.checked_add(EPOCH).ok_or("instant out of range")?)?
            }
            PgValueFormat::Text => value.as_str()?.parse()?,
        }))
    }
}

impl Encode<'_, Postgres> for PgDate {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let days = self.0.since((jiff::Unit::Day, EPOCH_DAY))?.get_days();
        buffer.extend_from_slice(&days.to_be_bytes());
        Ok(IsNull::No)
    }
}

impl Decode<'_, Postgres> for PgDate {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(match value.format() {
            PgValueFormat::Binary => {
                let days = i32::from_be_bytes(value.as_bytes()?.try_into()?);
                EPOCH_DAY.checked_add(jiff::Span::new().try_days(days)?)?
            }
            PgValueFormat::Text => value.as_str()?.parse()?,
        }))
    }
}

impl Encode<'_, Postgres> for PgJsonb<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        // The version of jsonb's binary form, then the text.
        buffer.push(1);
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

impl Encode<'_, Postgres> for PgJson<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

impl Type<Postgres> for PgText {
    fn type_info() -> PgTypeInfo {
        <String as Type<Postgres>>::type_info()
    }

    fn compatible(found: &PgTypeInfo) -> bool {
        <String as Type<Postgres>>::compatible(found) || matches!(found.oid(), Some(JSON | JSONB))
    }
}

impl Decode<'_, Postgres> for PgText {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let versioned = value.format() == PgValueFormat::Binary && value.type_info().oid() == Some(JSONB);
        let text = value.as_str()?;
        Ok(Self(text.get(usize::from(versioned)..).unwrap_or_default().to_owned()))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn failed(error: BoxDynError) -> StoreError {
    StoreError::Database(format!("parameter: {error}"))
}

pub(super) fn arguments(params: &[Value]) -> Result<PgArguments, StoreError> {
    let mut arguments = PgArguments::default();
    for value in params {
        add(&mut arguments, value)?;
    }
    Ok(arguments)
}

pub(super) fn add(arguments: &mut PgArguments, value: &Value) -> Result<(), StoreError> {
    match value {
        Value::Text(text) => arguments.add(text.as_deref()),
        Value::Int(number) => arguments.add(*number),
        Value::Bool(flag) => arguments.add(*flag),
        Value::Uuid(id) => arguments.add(*id),
        Value::At(at) => arguments.add(at.map(PgAt)),
        Value::Date(date) => arguments.add(date.map(PgDate)),
        Value::Bytes(bytes) => arguments.add(bytes.as_deref()),
        Value::Json(json) => arguments.add(json.as_deref().map(PgJsonb)),
        Value::RawJson(json) => arguments.add(json.as_deref().map(PgJson)),
        Value::Uuids(ids) => arguments.add(ids.as_slice()),
        Value::Ints(numbers) => arguments.add(numbers.as_slice()),
        Value::Texts(texts) => arguments.add(texts.as_slice()),
    }
    .map_err(failed)
}

/// The same parameter of many rows, as an array.
pub(super) fn add_column(arguments: &mut PgArguments, rows: &[Vec<Value>], column: usize) -> Result<(), StoreError> {
    /// The values of one variant, all of the column's.
    macro_rules! array {
        ($variant:ident, $value:ident => $convert:expr) => {{
            let mut values = Vec::with_capacity(rows.len());
            for row in rows {
                match row.get(column) {
                    Some(Value::$variant($value)) => values.push($convert),
                    _ => return Err(StoreError::Database(format!("column {column} has mixed types"))),
                }
            }
            arguments.add(values)
        }};
    }
    match rows.first().and_then(|row| row.get(column)) {
        Some(Value::Text(_)) => array!(Text, text => text.as_deref()),
        Some(Value::Int(_)) => array!(Int, number => *number),
        Some(Value::Bool(_)) => array!(Bool, flag => *flag),
        Some(Value::Uuid(_)) => array!(Uuid, id => *id),
        Some(Value::At(_)) => array!(At, at => at.map(PgAt)),
        Some(Value::Date(_)) => array!(Date, date => date.map(PgDate)),
        Some(Value::Bytes(_)) => array!(Bytes, bytes => bytes.as_deref()),
        Some(Value::Json(_)) => array!(Json, json => json.as_deref().map(PgJsonb)),
        Some(Value::RawJson(_)) => array!(RawJson, json => json.as_deref().map(PgJson)),
        Some(Value::Uuids(_) | Value::Ints(_) | Value::Texts(_)) | None => {
            return Err(StoreError::Database(format!("column {column} cannot be one of many")));
        }
    }
    .map_err(failed)
}
