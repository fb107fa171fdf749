//! A commit as one statement: a data-modifying CTE (section 7.8.4 of PostgreSQL's manual), one round trip, and a
//! transaction by itself.
//!
//! ```sql
//! with c as (update user_counters set change_counter = change_counter + 1 … returning change_counter),
//!      s1 as (update tasks set …, changed = (select change_counter from c) … returning 1),
//!      s2 as (insert into outbox … where (select change_counter from c) is not null)
//! select (select change_counter from c) as cursor,
//!        todo_expect((select count(*) from c), 1, 'conflict'), todo_expect((select count(*) from s1), 1, 'conflict')
//! ```
//!
//! `todo_expect` raises an error when a guard did not touch what it must, which undoes the whole statement. Every part
//! needs `c`, so the lock on the counter's row is taken before any other, and before `outbox.seq` is drawn.

use std::fmt::Write;

use sqlx::{Arguments as _, postgres::PgArguments};

use super::values;
use crate::{
    StoreError,
    commit::{Refusal, Statements},
    counters::raising,
    db::{
        Value,
        dialect::{Dialect, Setting},
    },
};

pub(super) fn joined(statements: Statements) -> Result<(String, PgArguments), StoreError> {
    let mut arguments = PgArguments::default();
    let mut text = String::with_capacity(4096);
    let mut expectations = String::new();
    let has_counter = statements.user.is_some();
    if let Some(user) = statements.user {
        let (sql, params) = raising(user, statements.counts);
        text.push_str("with c as (");
        Dialect::Postgres.append(&mut text, sql, Setting::Alone);
        text.push(')');
        for value in &params {
            values::add(&mut arguments, value)?;
        }
        expect(&mut expectations, &mut arguments, "c", 1, Refusal::Conflict)?;
    }
    for (index, statement) in statements.statements.iter().enumerate() {
        let name = format!("s{}", index + 1);
        let first = arguments.len();
        let many = statement.rows.len() > 1;
        let columns = statement.rows.first().map_or(0, Vec::len);
        if many {
            for column in 0..columns {
                values::add_column(&mut arguments, &statement.rows, column)?;
            }
        } else {
            for value in statement.rows.iter().flatten() {
                values::add(&mut arguments, value)?;
            }
        }
        let many = many.then_some(columns);
        let _ = write!(text, "{} {name} as (", if text.is_empty() { "with" } else { "," });
        Dialect::Postgres.append(&mut text, statement.sql, Setting::Joined { first, counter: has_counter, many });
        if let Some(refusal) = statement.expect {
            text.push_str(" returning 1");
            expect(&mut expectations, &mut arguments, &name, statement.rows.len(), refusal)?;
        }
        text.push(')');
    }
    let cursor = if has_counter { "(select change_counter from c)" } else { "null::bigint" };
    let _ = write!(text, " select {cursor} as cursor{expectations}");
    Ok((text, arguments))
}

fn expect(
    expectations: &mut String,
    arguments: &mut PgArguments,
    name: &str,
    rows: usize,
    refusal: Refusal,
) -> Result<(), StoreError> {
    values::add(arguments, &Value::from(i64::try_from(rows).unwrap_or(i64::MAX)))?;
    let (number, refusal) = (arguments.len(), refusal.name());
    let _ = write!(expectations, ", todo_expect((select count(*) from {name}), ${number}, '{refusal}')");
    Ok(())
}
