//! The one writer of a SQLite file: a thread that stores whole commits, many to one fsync.
//!
//! A commit arrives as data. The thread opens a transaction, applies every commit that is waiting, commits once, and
//! then answers. One that is refused is undone and answered alone; the others of its group never notice. Nobody holds
//! a lock while thinking, and a caller that goes away changes nothing: what was handed in is stored.
//!
//! Why a thread and not a pool: a pool hops to another thread for each statement, this hops once for each commit.

use std::sync::{
    Mutex, PoisonError,
    mpsc::{Receiver, Sender, channel},
};

use rusqlite::{Connection, ErrorCode, ffi};
use tokio::sync::oneshot;

use super::{closed, failure, values};
use crate::{
    Committed, Duplicate, StoreError,
    commit::{Refusal, Statements},
    counters::raising,
    db::{
        Map, Value,
        dialect::{Dialect, Setting},
    },
    error::CommitError,
};

/// Most jobs in one group: bounds how long the first one waits.
const GROUP: usize = 256;

type Answer<T> = oneshot::Sender<Result<T, CommitError>>;

/// Work for the thread. Answered only when its group is on disk, or when it is refused.
pub(super) trait Job: Send {
    /// May be called again after the transaction was rolled back.
    fn apply(&mut self, connection: &Connection) -> Result<(), CommitError>;
    fn answer(self: Box<Self>, outcome: Result<(), CommitError>);
}

/// Members that were refused, with the reason.
type Refused = Vec<(Box<dyn Job>, CommitError)>;

pub(super) struct Writer {
    queue: Mutex<Option<Sender<Box<dyn Job>>>>,
    finished: tokio::sync::Mutex<Option<oneshot::Receiver<()>>>,
}

impl Writer {
    pub fn spawn(connection: Connection) -> Result<Self, StoreError> {
        let (jobs, queue) = channel();
        let (done, finished) = oneshot::channel();
        let run = move || {
            write(&connection, &queue);
            // Moves the log into the file.
            drop(connection);
            let _ = done.send(());
        };
        let thread = std::thread::Builder::new().name("sqlite-writer".into()).spawn(run);
        thread.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { queue: Mutex::new(Some(jobs)), finished: tokio::sync::Mutex::new(Some(finished)) })
    }

    pub fn send(&self, job: impl Job + 'static) -> Result<(), StoreError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().ok_or_else(closed)?.send(Box::new(job)).map_err(|_| closed())
    }

    /// Takes no more work, and waits until what was handed in is stored.
    pub async fn close(&self) {
        *self.queue.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(finished) = self.finished.lock().await.take() {
            let _ = finished.await;
        }
    }
}

fn write(connection: &Connection, queue: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = queue.recv() {
        let (mut members, mut refused) = (vec![first], Vec::new());
        let outcome = run(connection, "begin immediate").and_then(|()| {
            members.extend(queue.try_iter().take(GROUP - 1));
            commit_group(connection, &mut members, &mut refused)
        });
        if outcome.is_err() && !connection.is_autocommit() {
            // Whatever is left of the transaction goes, so that the next group can begin.
            let _ = connection.execute_batch("rollback");
        }
        metrics::histogram!("todo_sqlite_group_size").record(members.len() as f64);
        for member in members {
            member.answer(outcome.clone().map_err(CommitError::Store));
        }
        // Only now: what refused them is on disk, so they read it when they look again. If the group failed, so did
        // what refused them.
        for (member, refusal) in refused {
            let failed = outcome.clone().map_err(CommitError::Store).err();
            member.answer(Err(failed.unwrap_or(refusal)));
        }
    }
}

/// Whoever is in `members` afterwards shares the outcome; who was refused is in `refused`.
///
/// Most groups hold no refusal, and a savepoint costs a copy of every page that two commits share: a quarter of all
/// the work. So the group is tried without them first, and with them only if somebody is refused.
fn commit_group(
    connection: &Connection,
    members: &mut Vec<Box<dyn Job>>,
    refused: &mut Refused,
) -> Result<(), StoreError> {
    if members.iter_mut().any(|member| member.apply(connection).is_err()) {
        run(connection, "rollback")?;
        run(connection, "begin immediate")?;
        apply_apart(connection, members, refused)?;
    }
    fail::fail_point!("commit-before", |_| Err(StoreError::Unavailable("failpoint commit-before".into())));
    run(connection, "commit")?;
    fail::fail_point!("commit-after", |_| Err(StoreError::Unavailable("failpoint commit-after".into())));
    Ok(())
}

/// Each member in a savepoint of its own. Those that are refused are set apart; the others are applied.
fn apply_apart(
    connection: &Connection,
    members: &mut Vec<Box<dyn Job>>,
    refused: &mut Refused,
) -> Result<(), StoreError> {
    let mut so_far = Ok(());
    for mut member in std::mem::take(members) {
        if so_far.is_ok() {
            so_far = run(connection, "savepoint change");
        }
        if so_far.is_err() {
            members.push(member); // the group has failed already: this one with it
            continue;
        }
        match member.apply(connection) {
            Ok(()) => {
                members.push(member);
                so_far = run(connection, "release change");
            }
            // A full disk can end the whole transaction: then no savepoint is left, and the group fails.
            Err(refusal) => {
                so_far = run(connection, "rollback to change").and_then(|()| run(connection, "release change"));
                refused.push((member, refusal));
            }
        }
    }
    so_far
}

fn run(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(drop).map_err(failure)
}

/// One commit, its texts ready to run.
pub(super) struct CommitJob {
    raise: Option<(String, Vec<Value>)>,
    steps: Vec<Step>,
    cursor: Option<i64>,
    answer: Answer<Committed>,
}

struct Step {
    sql: String,
    rows: Vec<Vec<Value>>,
    /// Whether the counter's value follows the parameters.
    counter: bool,
    expect: Option<Refusal>,
}

impl CommitJob {
    pub fn new(statements: Statements) -> (Self, oneshot::Receiver<Result<Committed, CommitError>>) {
        let (answer, answered) = oneshot::channel();
        let raise = statements.user.map(|user| {
            let (sql, params) = raising(user, statements.counts);
            (Dialect::Sqlite.text(sql, Setting::Alone), params)
        });
        let has_counter = raise.is_some();
        let steps = statements.statements.into_iter().map(|statement| {
            let counter = has_counter && statement.sql.contains("{counter}");
            let setting = match statement.rows.first() {
                Some(row) if counter => Setting::Step { counter: row.len() + 1 },
                _ => Setting::Alone,
            };
            let sql = Dialect::Sqlite.text(statement.sql, setting);
            Step { sql, rows: statement.rows, counter, expect: statement.expect }
        });
        (Self { raise, steps: steps.collect(), cursor: None, answer }, answered)
    }
}

impl Job for CommitJob {
    fn apply(&mut self, connection: &Connection) -> Result<(), CommitError> {
        if let Some((sql, params)) = &self.raise {
            let raised = values::query(connection, sql, params, |row| row.get("change_counter"))?;
            self.cursor = Some(*raised.first().ok_or(CommitError::Conflict)?);
        }
        for step in &self.steps {
            step.apply(connection, self.cursor)?;
        }
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), CommitError>) {
        let _ = self.answer.send(outcome.map(|()| Committed { cursor: self.cursor }));
    }
}

impl Step {
    fn apply(&self, connection: &Connection, counter: Option<i64>) -> Result<(), CommitError> {
        let mut statement = connection.prepare_cached(&self.sql).map_err(failure)?;
        for row in &self.rows {
            values::bind(&mut statement, row).map_err(failure)?;
            if self.counter {
                statement.raw_bind_parameter(row.len() + 1, counter).map_err(failure)?;
            }
            let touched = statement.raw_execute().map_err(refusal)?;
            if let Some(refusal) = self.expect
                && touched != 1
            {
                return Err(refusal.error());
            }
        }
        Ok(())
    }
}

/// One statement by itself, with the rows it returns.
pub(super) struct WriteJob<T> {
    sql: String,
    params: Vec<Value>,
    map: Map<T>,
    rows: Vec<T>,
    answer: Answer<Vec<T>>,
}

impl<T> WriteJob<T> {
    pub fn new(sql: String, params: Vec<Value>, map: Map<T>) -> (Self, oneshot::Receiver<Result<Vec<T>, CommitError>>) {
        let (answer, answered) = oneshot::channel();
        (Self { sql, params, map, rows: Vec::new(), answer }, answered)
    }
}

impl<T: Send> Job for WriteJob<T> {
    fn apply(&mut self, connection: &Connection) -> Result<(), CommitError> {
        self.rows = values::query(connection, &self.sql, &self.params, self.map)?;
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), CommitError>) {
        let Self { answer, rows, .. } = *self;
        let _ = answer.send(outcome.map(|()| rows));
    }
}

/// A constraint that means something to the caller, or a failure.
fn refusal(error: rusqlite::Error) -> CommitError {
    if let rusqlite::Error::SqliteFailure(code, Some(text)) = &error
        && code.code == ErrorCode::ConstraintViolation
        && matches!(code.extended_code, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
        && let Some(duplicate) = Duplicate::named(text)
    {
        return CommitError::Duplicate(duplicate);
    }
    CommitError::Store(failure(error))
}
