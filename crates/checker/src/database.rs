//! A database that nobody else uses: a file, or one of a PostgreSQL server's, made for the run and dropped after it.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::CheckerError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In the folder of the first server.
    Sqlite,
    /// On this server.
    Postgres(String),
}

/// Dropped with [`remove`](Self::remove); a file goes with its folder.
#[derive(Debug)]
pub struct Made {
    /// As `todo` takes it.
    pub url: String,
    server: Option<(String, String)>,
}

impl Database {
    pub async fn make(&self, folder: &std::path::Path) -> Result<Made, CheckerError> {
        let Self::Postgres(server) = self else {
            return Ok(Made { url: format!("sqlite:{}", folder.join("todo.db").display()), server: None });
        };
        let name = format!("todo_checker_{}_{}", std::process::id(), crate::now().as_nanosecond());
        let mut admin = PgConnection::connect(server).await?;
        admin.execute(AssertSqlSafe(format!("create database {name}"))).await?;
        let (base, _) = server.rsplit_once('/').unwrap_or((server, ""));
        Ok(Made { url: format!("{base}/{name}"), server: Some((server.clone(), name)) })
    }
}

impl Made {
    pub async fn remove(self) -> Result<(), CheckerError> {
        if let Some((server, name)) = self.server {
            let mut admin = PgConnection::connect(&server).await?;
            admin.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await?;
        }
        Ok(())
    }
}
