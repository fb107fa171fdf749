//! Databases to measure on: a SQLite file in a folder of this run, or a database of its own on the given PostgreSQL.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use store::{Store, StoreOptions};

pub struct Database {
    place: Place,
}

enum Place {
    Sqlite(PathBuf),
    Postgres { server: String, name: String },
}

impl Database {
    pub fn sqlite(folder: &Path, name: &str) -> Result<Self> {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(Self { place: Place::Sqlite(folder.join("todo.sqlite")) })
    }

    pub async fn postgres(server: &str, name: &str) -> Result<Self> {
        let name = format!("{}{name}", prefix());
        let mut admin = PgConnection::connect(server).await.context("PostgreSQL")?;
        admin.execute(AssertSqlSafe(format!("create database {name}"))).await?;
        Ok(Self { place: Place::Postgres { server: server.to_owned(), name } })
    }

    pub fn engine(&self) -> &'static str {
        match self.place {
            Place::Sqlite(_) => "SQLite",
            Place::Postgres { .. } => "PostgreSQL",
        }
    }

    /// The file, if it is SQLite's.
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            Place::Sqlite(path) => Some(path),
            Place::Postgres { .. } => None,
        }
    }

    pub fn url(&self) -> String {
        match &self.place {
            Place::Sqlite(path) => format!("sqlite:{}", path.display()),
            Place::Postgres { server, name } => {
                let base = server.rsplit_once('/').map_or(server.as_str(), |(base, _)| base);
                format!("{base}/{name}")
            }
        }
    }

    /// Connections of this program's own, beside the server's; the schema is brought up to date.
    pub async fn open(&self) -> Result<Store> {
        let mut options = StoreOptions::from_url(&self.url())?;
        options.notify = false;
        let store = Store::open(options).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// As after a quiet hour: statistics gathered, the log moved into the tables.
    pub async fn settle(&self) -> Result<()> {
        match &self.place {
            Place::Sqlite(path) => {
                rusqlite::Connection::open(path)?.execute_batch("analyze; pragma wal_checkpoint(truncate);")?;
            }
            Place::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url()).await?;
                connection.execute("vacuum analyze").await?;
                connection.execute("checkpoint").await?;
            }
        }
        Ok(())
    }

    pub async fn remove(self) -> Result<()> {
        match self.place {
            Place::Sqlite(path) => std::fs::remove_dir_all(path.parent().context("the file lies in a folder")?)?,
            Place::Postgres { server, name } => {
                let mut admin = PgConnection::connect(&server).await?;
                admin.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await?;
            }
        }
        Ok(())
    }
}

/// Of the names of this run's databases.
fn prefix() -> String {
    format!("todo_bench_{}_", std::process::id())
}

/// Removes what this run still has on the server, also after a failure.
pub async fn remove_all(server: &str) -> Result<()> {
    let mut admin = PgConnection::connect(server).await?;
    let names: Vec<String> =
        sqlx::query_scalar("select datname::text from pg_database where starts_with(datname::text, $1)")
            .bind(prefix())
            .fetch_all(&mut admin)
            .await?;
    for name in names {
        admin.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await?;
    }
    Ok(())
}
