//! An empty database for one test: a file in a folder of its own, or a database on the server that
//! `TODO_TEST_POSTGRES` names, dropped when the test is over.

use std::{
    io::Write as _,
    sync::atomic::{AtomicU64, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use store::StoreOptions;

#[derive(Debug)]
pub enum Database {
    Sqlite(tempfile::TempDir),
    Postgres { server: String, name: String },
}

impl Database {
    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub async fn postgres(server: String) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("todo_test_{}_{number}", std::process::id());
        let mut admin = PgConnection::connect(&server).await.unwrap();
        // Of a process with the same number that was killed long ago.
        admin.execute(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await.unwrap();
        admin.execute(AssertSqlSafe(format!("create database {name}"))).await.unwrap();
        Self::Postgres { server, name }
    }

    /// As `todo` takes it.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join("todo.sqlite").display()),
            Self::Postgres { server, name } => format!("{}/{name}", server.rsplit_once('/').unwrap().0),
        }
    }

    pub fn options(&self) -> StoreOptions {
        let mut options = StoreOptions::from_url(&self.url()).unwrap();
        options.connections = 20;
        options
    }

    pub async fn remove(self) {
        if let Self::Postgres { server, name } = self {
            let mut admin = PgConnection::connect(&server).await.unwrap();
            admin.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await.unwrap();
        }
    }
}

/// The server to test on. Without one the test does not run, and says so; in CI that is a failure.
#[allow(clippy::disallowed_methods, reason = "the one place where the tests read the environment")]
pub fn postgres_server() -> Option<String> {
    let server = std::env::var("TODO_TEST_POSTGRES").ok().filter(|server| !server.is_empty());
    if server.is_none() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must test PostgreSQL: set TODO_TEST_POSTGRES");
        // Not through the macros, whose output a passing test hides.
        let _ = writeln!(std::io::stderr(), "NOT RUN on PostgreSQL: TODO_TEST_POSTGRES is not set");
    }
    server
}

/// Whether the tests that take long are asked for.
#[allow(clippy::disallowed_methods, reason = "the one place where the tests read the environment")]
pub fn is_long() -> bool {
    std::env::var("TODO_TEST_LONG").is_ok_and(|value| value == "1")
}
