//! PostgreSQL: a pool, and commits in one round trip.
//!
//! Holds no session state, so that it works through a transaction-mode pooler.

mod compile;
mod failure;
pub(crate) mod values;

use std::{borrow::Cow, str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions},
};

pub(super) use self::failure::failure;
use self::failure::refusal;
use super::{
    Map, Row, Value,
    dialect::{Dialect, Setting},
    migrate,
};
use crate::{
    Committed, StoreError,
    commit::Statements,
    counters::raising,
    error::CommitError,
    options::{Schema, StoreOptions},
};

/// A connection that lay idle this long is asked whether it is alive before it is used.
const IDLE_LONG: Duration = Duration::from_secs(20);

pub(crate) struct Postgres {
    pool: PgPool,
    migrations: PgConnectOptions,
}

impl Postgres {
    /// Connects when first needed, so that a server may start before its database.
    pub fn open(url: &str, options: &StoreOptions) -> Result<Self, StoreError> {
        let connect = connect_options(url)?.statement_cache_capacity(options.statement_cache);
        let migrations = options.migrations_url.as_deref().map_or_else(|| connect_options(url), connect_options)?;
        let pool = PgPoolOptions::new()
            .max_connections(options.connections)
            .acquire_timeout(options.wait)
            // Asking before each use would cost a second round trip.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > IDLE_LONG {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(connect);
        Ok(Self { pool, migrations })
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub async fn query<T>(
        &self,
        sql: Cow<'static, str>,
        params: Vec<Value>,
        map: Map<T>,
    ) -> Result<Vec<T>, StoreError> {
        let text = Dialect::Postgres.text(&sql, Setting::Alone);
        let rows = sqlx::query_with(AssertSqlSafe(text), values::arguments(&params)?)
            .fetch_all(&self.pool)
            .await
            .map_err(failure)?;
        rows.iter().map(|row| map(&Row::Postgres(row))).collect()
    }

    pub async fn commit(&self, statements: Statements) -> Result<Committed, CommitError> {
        fail::fail_point!("commit-before", |_| Err(StoreError::Unavailable("failpoint commit-before".into()).into()));
        let committed = if statements.stepwise {
            self.commit_stepwise(statements).await
        } else {
            self.commit_joined(statements).await
        };
        fail::fail_point!("commit-after", |_| Err(StoreError::Unavailable("failpoint commit-after".into()).into()));
        committed
    }

    async fn commit_joined(&self, statements: Statements) -> Result<Committed, CommitError> {
        let (text, arguments) = compile::joined(statements)?;
        let rows = sqlx::query_with(AssertSqlSafe(text), arguments).fetch_all(&self.pool).await.map_err(refusal)?;
        let row = rows.first().ok_or(CommitError::Conflict)?;
        Ok(Committed { cursor: Row::Postgres(row).get("cursor")? })
    }

    /// How a commit would be carried out, without doing it.
    pub async fn explain(&self, statements: Statements) -> Result<Vec<String>, StoreError> {
        let (text, arguments) = compile::joined(statements)?;
        let rows = sqlx::query_with(AssertSqlSafe(format!("explain {text}")), arguments)
            .fetch_all(&self.pool)
            .await
            .map_err(failure)?;
        rows.iter().map(|row| Row::Postgres(row).get("QUERY PLAN")).collect()
    }

    async fn commit_stepwise(&self, statements: Statements) -> Result<Committed, CommitError> {
        let mut transaction = self.pool.begin().await.map_err(refusal)?;
        let mut cursor = None;
        if let Some(user) = statements.user {
            let (sql, params) = raising(user, statements.counts);
            let text = Dialect::Postgres.text(sql, Setting::Alone);
            let raised = sqlx::query_with(AssertSqlSafe(text), values::arguments(&params)?)
                .fetch_optional(&mut *transaction)
                .await
                .map_err(refusal)?;
            cursor = Row::Postgres(&raised.ok_or(CommitError::Conflict)?).get("change_counter")?;
        }
        for statement in &statements.statements {
            let counter = cursor.is_some() && statement.sql.contains("{counter}");
            for row in &statement.rows {
                let setting = if counter { Setting::Step { counter: row.len() + 1 } } else { Setting::Alone };
                let mut arguments: PgArguments = values::arguments(row)?;
                if counter {
                    values::add(&mut arguments, &Value::from(cursor))?;
                }
                let text = Dialect::Postgres.text(statement.sql, setting);
                let done = sqlx::query_with(AssertSqlSafe(text), arguments)
                    .execute(&mut *transaction)
                    .await
                    .map_err(refusal)?;
                if let Some(refusal) = statement.expect
                    && done.rows_affected() != 1
                {
                    return Err(refusal.error());
                }
            }
        }
        transaction.commit().await.map_err(refusal)?;
        Ok(Committed { cursor })
    }

    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = PgConnection::connect_with(&self.migrations).await.map_err(failure)?;
        let migrated = migrate::postgres(&mut connection).await;
        let _ = connection.close().await;
        migrated
    }

    pub async fn schema(&self) -> Result<Schema, StoreError> {
        migrate::postgres_schema(&self.pool).await
    }
}

fn connect_options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| StoreError::Unsupported("the database URL must be postgres://user:password@host:port/name"))?;
    // Poolers refuse start-up parameters that they do not know.
    Ok(options.extra_float_digits(None).application_name("todo").disable_statement_logging())
}
