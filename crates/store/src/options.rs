//! How to open the database.

use std::{path::PathBuf, time::Duration};

use crate::StoreError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A file; it and its `-wal` and `-shm` neighbours are made if they are missing.
    Sqlite(PathBuf),
    /// A `postgres://` URL, with its password.
    Postgres(String),
}

/// Never prints the password.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

#[derive(Debug, Clone)]
pub struct StoreOptions {
    pub target: Target,
    /// Of PostgreSQL: where migrations connect, when `target` goes through a pooler. They need a session of their own.
    pub migrations_url: Option<String>,
    /// Connections that only read, of SQLite.
    pub readers: usize,
    /// Most connections to PostgreSQL.
    pub connections: u32,
    /// How long to wait for a connection, or for SQLite's lock, before the database counts as unavailable.
    pub wait: Duration,
    /// Prepared statements kept by each connection; 0 behind a pooler that cannot keep them apart.
    pub statement_cache: usize,
    /// Tell other processes of commits, and listen to theirs, through PostgreSQL's NOTIFY. Off behind a
    /// transaction-mode pooler; everything still works, by polling.
    pub notify: bool,
}

impl StoreOptions {
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::new(Target::Sqlite(path.into()))
    }

    pub fn postgres(url: impl Into<String>) -> Self {
        Self::new(Target::Postgres(url.into()))
    }

    /// `sqlite:PATH` (also `sqlite://PATH`), `postgres://…` or `postgresql://…`.
    pub fn from_url(url: &str) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if !path.is_empty() {
                return Ok(Self::sqlite(path));
            }
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::postgres(url));
        }
        Err(StoreError::Unsupported("the database URL must be sqlite:PATH or postgres://…"))
    }

    fn new(target: Target) -> Self {
        Self {
            target,
            migrations_url: None,
            readers: 4,
            connections: 16,
            wait: Duration::from_secs(5),
            statement_cache: 256,
            notify: true,
        }
    }
}

/// Where the schema stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The newest migration that is applied; 0 for an empty database.
    pub applied: i64,
    /// The newest one that this binary knows.
    pub known: i64,
}

impl Schema {
    /// Nothing is missing. A newer schema is fine: migrations only add until a release later.
    pub fn is_current(&self) -> bool {
        self.applied >= self.known
    }
}
