//! Runs SQL on either database. Knows no table.
//!
//! The texts that come in are in the common subset of both; [`dialect`] turns them into what the database reads. Rows
//! come out through one small [`Row`], whatever the driver.

pub(crate) mod dialect;
pub(crate) mod migrate;
pub(crate) mod postgres;
mod row;
pub(crate) mod sqlite;
mod value;

pub(crate) use dialect::{FUTURE, PAST};
pub(crate) use row::{Cell, Column, Row};
pub(crate) use value::{Value, params};

use std::borrow::Cow;

use crate::{
    Committed, StoreError,
    commit::Statements,
    error::CommitError,
    options::{Schema, StoreOptions, Target},
};

use self::{postgres::Postgres, sqlite::Sqlite};

/// How a row becomes a value; a plain function, so that it can run on the thread that reads.
pub(crate) type Map<T> = fn(&Row<'_>) -> Result<T, StoreError>;

pub(crate) enum Db {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Db {
    pub async fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        match &options.target {
            Target::Sqlite(path) => Sqlite::open(path.clone(), options).await.map(Self::Sqlite),
            Target::Postgres(url) => Postgres::open(url, options).map(Self::Postgres),
        }
    }

    /// Every row of a query that only reads.
    pub async fn all<T: Send + 'static>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        params: Vec<Value>,
        map: Map<T>,
    ) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(sql.into(), params, map).await,
            Self::Postgres(postgres) => postgres.query(sql.into(), params, map).await,
        }
    }

    /// The first row of a query that only reads.
    pub async fn one<T: Send + 'static>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        params: Vec<Value>,
        map: Map<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, params, map).await?.into_iter().next())
    }

    /// One statement that writes outside of any commit, atomic by itself, with what it returns.
    pub async fn write<T: Send + 'static>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        params: Vec<Value>,
        map: Map<T>,
    ) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.write(sql.into(), params, map).await,
            Self::Postgres(postgres) => postgres.query(sql.into(), params, map).await,
        }
    }

    pub async fn commit(&self, statements: Statements) -> Result<Committed, CommitError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.commit(statements).await,
            Self::Postgres(postgres) => postgres.commit(statements).await,
        }
    }

    pub async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.migrate().await,
            Self::Postgres(postgres) => postgres.migrate().await,
        }
    }

    pub async fn schema(&self) -> Result<Schema, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.schema().await,
            Self::Postgres(postgres) => postgres.schema().await,
        }
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(postgres) => postgres.pool().close().await,
        }
    }
}
