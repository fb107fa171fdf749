//! Migrations: numbered files, the same numbers and names for both databases, each applied once in a transaction.
//!
//! They expand first and contract a release later, so that the binary before still runs on the schema after.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use sqlx::{Connection as _, PgConnection, PgPool, Row as _};

use super::postgres::failure;
use crate::{StoreError, options::Schema};

pub(crate) struct Migration {
    pub version: i64,
    pub name: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal),+ $(,)?) => {
        pub(crate) const MIGRATIONS: &[Migration] = &[$(Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }),+];
    };
}

migrations! {
    1 "0001_users",
    2 "0002_tasks",
    3 "0003_recurring_tasks_and_timers",
    4 "0004_events",
    5 "0005_notifications",
    6 "0006_operations",
}

/// Of PostgreSQL's advisory lock: one process migrates at a time.
const LOCK: i64 = 0x746f_646f; // "todo"
/// A migration that cannot have its locks soon gives up, instead of holding up everybody who queues behind it.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

fn known() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

pub(super) fn sqlite(connection: &mut Connection) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| StoreError::Database(format!("migration: {error}"));
    // Immediate: of two processes one waits, and finds nothing left to do.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    transaction
        .execute_batch(
            "create table if not exists schema_migrations (version integer primary key, name text not null, \
             applied_at integer not null default (unixepoch() * 1000000))",
        )
        .map_err(failed)?;
    let applied = sqlite_applied(&transaction).map_err(failed)?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > applied) {
        transaction
            .execute_batch(migration.sqlite)
            .map_err(|error| StoreError::Database(format!("migration {}: {error}", migration.name)))?;
        transaction
            .execute(
                "insert into schema_migrations (version, name) values (?1, ?2)",
                (migration.version, migration.name),
            )
            .map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

fn sqlite_applied(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("select coalesce(max(version), 0) from schema_migrations", [], |row| row.get(0))
}

pub(super) fn sqlite_schema(connection: &Connection) -> Result<Schema, StoreError> {
    let failed = |error: rusqlite::Error| StoreError::Database(error.to_string());
    let table = "select 1 from sqlite_schema where name = 'schema_migrations'";
    let migrated = connection.query_row(table, [], |_| Ok(())).optional().map_err(failed)?.is_some();
    let applied = if migrated { sqlite_applied(connection).map_err(failed)? } else { 0 };
    Ok(Schema { applied, known: known() })
}

pub(super) async fn postgres(connection: &mut PgConnection) -> Result<(), StoreError> {
    // Of the session, so that it also guards the making of the table; the connection is closed afterwards.
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut *connection).await.map_err(failure)?;
    let timeout = format!("set lock_timeout = {}", LOCK_TIMEOUT.as_millis());
    sqlx::raw_sql(sqlx::AssertSqlSafe(timeout)).execute(&mut *connection).await.map_err(failure)?;
    sqlx::raw_sql(
        "create table if not exists schema_migrations (version bigint primary key, name text not null, \
         applied_at timestamptz not null default now())",
    )
    .execute(&mut *connection)
    .await
    .map_err(failure)?;
    let applied: i64 = sqlx::query("select coalesce(max(version), 0) from schema_migrations")
        .fetch_one(&mut *connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(failure)?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > applied) {
        let mut transaction = connection.begin().await.map_err(failure)?;
        sqlx::raw_sql(migration.postgres).execute(&mut *transaction).await.map_err(|error| match failure(error) {
            StoreError::Database(why) => StoreError::Database(format!("migration {}: {why}", migration.name)),
            other => other,
        })?;
        sqlx::query("insert into schema_migrations (version, name) values ($1, $2)")
            .bind(migration.version)
            .bind(migration.name)
            .execute(&mut *transaction)
            .await
            .map_err(failure)?;
        transaction.commit().await.map_err(failure)?;
    }
    Ok(())
}

pub(super) async fn postgres_schema(pool: &PgPool) -> Result<Schema, StoreError> {
    let table: Option<String> = sqlx::query("select to_regclass('schema_migrations')::text")
        .fetch_one(pool)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(failure)?;
    let applied = match table {
        None => 0,
        Some(_) => sqlx::query("select coalesce(max(version), 0) from schema_migrations")
            .fetch_one(pool)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(failure)?,
    };
    Ok(Schema { applied, known: known() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_by_one_and_begin_the_names() {
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.version, index as i64 + 1);
            assert!(migration.name.starts_with(&format!("{:04}_", migration.version)));
        }
    }

    #[test]
    fn both_folders_hold_these_files_and_no_others() {
        for dialect in ["sqlite", "postgres"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(dialect);
            let mut files: Vec<_> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let known: Vec<_> = MIGRATIONS.iter().map(|migration| format!("{}.sql", migration.name)).collect();
            assert_eq!(files, known, "{dialect}");
        }
    }

    /// `table.column` for each line of a `create table`.
    fn columns(sql: &str) -> Vec<String> {
        let mut table = "";
        let mut columns = Vec::new();
        for line in sql.lines() {
            if let Some(name) = line.strip_prefix("create table ") {
                table = name.trim_end_matches(" (");
            } else if line.starts_with(')') {
                table = "";
            } else if let Some(column) = line.strip_prefix("    ").and_then(|line| line.split(' ').next())
                && !table.is_empty()
                && column != "primary"
            {
                columns.push(format!("{table}.{column}"));
            }
        }
        columns
    }

    #[test]
    fn both_databases_have_the_same_columns() {
        for migration in MIGRATIONS {
            let sqlite = columns(migration.sqlite);
            assert!(!sqlite.is_empty());
            assert_eq!(sqlite, columns(migration.postgres), "{}", migration.name);
        }
    }

    #[test]
    fn a_deleted_account_leaves_no_table_out() {
        let emptied = crate::users::DELETE.join("; ");
        let columns = MIGRATIONS.iter().flat_map(|migration| columns(migration.sqlite));
        let tables: Vec<_> = columns.filter_map(|column| column.strip_suffix(".user_id").map(str::to_owned)).collect();
        assert!(tables.len() > 10, "{tables:?}");
        for table in tables.iter().filter(|table| *table != "audit_log") {
            assert!(emptied.contains(&format!("delete from {table} ")), "{table}");
        }
    }
}
