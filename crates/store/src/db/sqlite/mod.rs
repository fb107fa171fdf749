//! SQLite: one thread that writes, a few that read.
//!
//! Readers see the last commit before their query began; a caller that was answered a commit sees it.

mod open;
mod reader;
mod values;
mod writer;

use std::{borrow::Cow, path::PathBuf};

use self::{
    reader::Readers,
    writer::{CommitJob, WriteJob, Writer},
};
use super::{
    Map, Value,
    dialect::{Dialect, Setting},
    migrate,
};
use crate::{
    Committed, StoreError,
    commit::Statements,
    error::CommitError,
    options::{Schema, StoreOptions},
};

pub(crate) struct Sqlite {
    path: PathBuf,
    options: StoreOptions,
    writer: Writer,
    readers: Readers,
}

impl Sqlite {
    pub async fn open(path: PathBuf, options: &StoreOptions) -> Result<Self, StoreError> {
        open::check_version()?;
        let options = options.clone();
        blocking(move || {
            // The writer first: it creates the file and turns the write-ahead log on.
            let writer = Writer::spawn(open::writer(&path, options.wait)?)?;
            let readers = Readers::spawn(&path, &options)?;
            Ok(Self { path, options, writer, readers })
        })
        .await
    }

    pub async fn read<T: Send + 'static>(
        &self,
        sql: Cow<'static, str>,
        params: Vec<Value>,
        map: Map<T>,
    ) -> Result<Vec<T>, StoreError> {
        let sql = Dialect::Sqlite.text(&sql, Setting::Alone);
        self.readers.run(move |connection| values::query(connection, &sql, &params, map)).await
    }

    pub async fn write<T: Send + 'static>(
        &self,
        sql: Cow<'static, str>,
        params: Vec<Value>,
        map: Map<T>,
    ) -> Result<Vec<T>, StoreError> {
        let sql = Dialect::Sqlite.text(&sql, Setting::Alone);
        let (job, answer) = WriteJob::new(sql, params, map);
        self.writer.send(job)?;
        match answer.await.map_err(|_| closed())? {
            Ok(rows) => Ok(rows),
            Err(CommitError::Store(error)) => Err(error),
            Err(refused) => Err(StoreError::Database(refused.to_string())),
        }
    }

    pub async fn commit(&self, statements: Statements) -> Result<Committed, CommitError> {
        let (job, answer) = CommitJob::new(statements);
        self.writer.send(job)?;
        answer.await.map_err(|_| closed())?
    }

    pub async fn migrate(&self) -> Result<(), StoreError> {
        let (path, wait) = (self.path.clone(), self.options.wait);
        blocking(move || migrate::sqlite(&mut open::writer(&path, wait)?)).await
    }

    pub async fn schema(&self) -> Result<Schema, StoreError> {
        self.readers.run(migrate::sqlite_schema).await
    }

    pub async fn backup(&self, to: PathBuf) -> Result<(), StoreError> {
        let (path, wait) = (self.path.clone(), self.options.wait);
        blocking(move || open::backup(&path, wait, &to)).await
    }

    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the database is closed".into())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Database(error.to_string()))?
}

/// What a failure means to the caller.
#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn failure(error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory, ReadOnly, SystemIoFailure,
    };
    let transient = matches!(
        error.sqlite_error_code(),
        Some(DatabaseBusy | DatabaseLocked | DiskFull | SystemIoFailure | CannotOpen | OutOfMemory | ReadOnly)
    );
    if transient { StoreError::Unavailable(error.to_string()) } else { StoreError::Database(error.to_string()) }
}
