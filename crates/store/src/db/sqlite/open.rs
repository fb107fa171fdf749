//! Opening the file, and copying it.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::failure;
use crate::StoreError;

/// Older write-ahead-log code can lose commits.
const OLDEST_VERSION: i32 = 3_051_003;

/// Statements that each connection keeps prepared.
pub(super) const PREPARED: usize = 256;

pub(super) fn check_version() -> Result<(), StoreError> {
    if rusqlite::version_number() < OLDEST_VERSION {
        return Err(StoreError::Unsupported("SQLite is older than 3.51.3, whose write-ahead log is needed"));
    }
    Ok(())
}

pub(super) fn writer(path: &Path, wait: Duration) -> Result<Connection, StoreError> {
    let connection = Connection::open(path).map_err(|error| at(path, &error))?;
    prepare(&connection, wait)?;
    // FULL: a commit that was answered survives a power cut. A longer log than by default is moved into the file less
    // often; both together decide how many commits share one fsync.
    connection
        .execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 2000; \
             pragma journal_size_limit = 67108864; pragma cache_size = -8000;",
        )
        .map_err(failure)?;
    Ok(connection)
}

pub(super) fn reader(path: &Path, wait: Duration) -> Result<Connection, StoreError> {
    let connection = read_only(path, wait)?;
    connection.execute_batch("pragma query_only = on; pragma cache_size = -2000;").map_err(failure)?;
    Ok(connection)
}

fn read_only(path: &Path, wait: Duration) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| at(path, &error))?;
    prepare(&connection, wait)?;
    Ok(connection)
}

fn prepare(connection: &Connection, wait: Duration) -> Result<(), StoreError> {
    connection.busy_timeout(wait).map_err(failure)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    // Plans do not follow parameters. Without this, SQLite parses and plans every statement with a `limit $n` anew each
    // time it is run: a list of 20 cost half as much again.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failure)?;
    connection.execute_batch("pragma temp_store = memory;").map_err(failure)
}

/// A copy as of now, compact, in one read transaction: writers go on meanwhile. Refuses a file that exists.
pub(super) fn backup(path: &Path, wait: Duration, to: &Path) -> Result<(), StoreError> {
    if to.exists() {
        return Err(StoreError::Unsupported("the backup's file exists already"));
    }
    let Some(target) = to.to_str() else {
        return Err(StoreError::Unsupported("the backup's path must be UTF-8"));
    };
    read_only(path, wait)?.execute("vacuum into ?1", [target]).map_err(failure)?;
    // Vacuum leaves the copy to the operating system: a backup that a power cut takes away is none.
    let synced = std::fs::File::open(to).and_then(|file| file.sync_all());
    synced.map_err(|error| StoreError::Unavailable(format!("{}: {error}", to.display())))
}

fn at(path: &Path, error: &rusqlite::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}
