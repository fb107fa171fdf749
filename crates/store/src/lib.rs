//! SQLite and PostgreSQL behind one concrete [`Store`]: reads, and one way to write.
//!
//! A use case reads what it needs, lets the domain decide, builds a [`Commit`] and hands it to [`Store::commit`], which
//! stores all of it or nothing. No transaction is held while anybody thinks: a guard that touches no row means that
//! somebody else was first ([`CommitError::Conflict`]), and the caller reads and decides again.
//!
//! Every query on user data takes the owner first, so that a stranger's id reads as nothing. No rule lives here: what
//! a change means is decided in `domain`, what is stored about it is written here, one file per aggregate.
//!
//! The layers, from the bottom: [`db`] runs SQL on either database and knows no table; [`commit`] joins statements to
//! one atomic write; the aggregates ([`tasks`], [`users`], …) know their tables.

pub mod audit;
pub mod backup;
pub mod changes;
pub mod commit;
mod counters;
pub mod cursor;
mod db;
pub mod dead_letters;
pub mod deliveries;
pub mod error;
pub mod events;
pub mod facts;
pub mod hints;
pub mod history;
pub mod idempotency;
pub mod inbox;
pub mod leases;
pub mod notifications;
pub mod options;
pub mod outbox;
pub mod page;
#[doc(hidden)]
pub mod plans;
#[doc(hidden)]
pub mod planted;
pub mod projects;
pub mod reconcile;
pub mod recurring_tasks;
pub mod retention;
pub mod sign_in;
pub mod stats;
mod stored;
pub mod tags;
pub mod tasks;
pub mod timers;
pub mod tokens;
pub mod users;

pub use audit::AuditEntry;
pub use changes::{Changes, Deleted, DeletedKind};
pub use commit::{Commit, Committed};
pub use cursor::Cursor;
pub use dead_letters::DeadLetter;
pub use deliveries::DeliveryFilter;
pub use error::{CommitError, Duplicate, StoreError};
pub use events::EventRecord;
pub use facts::TaskFact;
pub use hints::Hint;
pub use history::HistoryEntry;
pub use idempotency::IdempotencyRecord;
pub use notifications::NotificationFilter;
pub use options::{Kind, Schema, StoreOptions, Target};
pub use outbox::{OutboxRow, OutboxStats};
pub use page::{Page, PageRequest};
pub use retention::Purged;
pub use sign_in::SignInAttempts;
pub use stats::{DayCount, Stats};
pub use tags::TagCount;
pub use tasks::{Order, SortKey, TaskFilter, TaskSort, TaskStatus};
pub use timers::Claim;
pub use tokens::{Token, TokenKind};
pub use users::Credentials;

use std::sync::Arc;

use db::Db;
use hints::Hints;

/// The database. Cheap to clone; every clone shares its connections.
#[derive(Clone)]
pub struct Store {
    db: Arc<Db>,
    hints: Hints,
}

impl Store {
    /// Opens the database; creates the file of a SQLite one. Does not migrate: see [`Store::migrate`].
    pub async fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let hints = Hints::new();
        let db = Arc::new(Db::open(&options).await?);
        if let (Db::Postgres(postgres), true) = (&*db, options.notify) {
            hints::postgres::spawn(postgres.pool().clone(), &hints);
        }
        Ok(Self { db, hints })
    }

    pub fn kind(&self) -> Kind {
        match &*self.db {
            Db::Sqlite(_) => Kind::Sqlite,
            Db::Postgres(_) => Kind::Postgres,
        }
    }

    /// Applies the migrations that are missing. Safe to call from several processes at once.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.db.migrate().await
    }

    /// Which migrations are applied and which this binary knows.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        self.db.schema().await
    }

    /// Stores all of `commit` or nothing of it, and answers when it is on disk. A caller that goes away does not undo
    /// it. An empty commit stores nothing and raises no counter.
    pub async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        if commit.is_empty() {
            return Ok(Committed { cursor: None });
        }
        let (statements, hint) = commit.finish();
        if planted::loses(&statements) {
            return Ok(Committed { cursor: Some(0) });
        }
        let committed = self.db.commit(planted::halved(statements)).await?;
        self.hints.committed(hint, committed.cursor);
        Ok(committed)
    }

    /// Closes the connections; what has been handed in is still stored.
    pub async fn close(&self) {
        self.db.close().await;
    }
}
