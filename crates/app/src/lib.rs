//! Use cases: what the API, the web page and MCP may ask for. One file each area.
//!
//! Each reads what it needs, lets the domain decide and commits the change at once ([`App::decide`]); none knows of
//! HTTP, and none shows SQL.

pub mod auth;
pub mod bulk;
pub mod caller;
pub mod changes;
pub mod error;
pub mod history;
pub mod idempotency;
pub mod input;
pub mod me;
pub mod notifications;
pub mod organise;
pub mod passwords;
pub mod quick_add;
pub mod recurring_tasks;
pub mod reminders;
pub mod stats;
pub mod tasks;
pub mod tokens;
pub mod view;

use std::{future::Future, sync::Arc};

use domain::{Clock, EventId, Id, Random, Timestamp, clock, event::Event};
use store::{Commit, CommitError, Committed, EventRecord, Store};

pub use caller::{Caller, Scope};
pub use error::AppError;
pub use store::StoreError;

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    Open,
    /// The first account only, then by an operator's command.
    Invite,
    Closed,
}

/// How long a decision is tried again when somebody else was first. Each try reads anew; under contention one of
/// the contenders always gets through, so this many lost races in a row mean something else is wrong.
const MOST_TRIES: usize = 64;

/// Everything a use case needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// The CloudEvents `source` of what this process changes: `/todo/<role>`.
    pub source: Arc<str>,
    pub registration: Registration,
    pub(crate) passwords: Arc<passwords::Passwords>,
    pub(crate) in_flight: Arc<idempotency::InFlight>,
    /// Decisions that lost a race try again a few at a time, so that they do not lose to each other for ever.
    retries: Arc<tokio::sync::Semaphore>,
}

/// How many decisions are tried again at the same time.
const RETRIES_AT_ONCE: usize = 4;
const LONGEST_COURTESY: std::time::Duration = std::time::Duration::from_millis(500);

impl App {
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        role: &str,
        registration: Registration,
    ) -> Self {
        let source = format!("/todo/{role}").into();
        let (passwords, in_flight) = Default::default();
        let retries = Arc::new(tokio::sync::Semaphore::new(RETRIES_AT_ONCE));
        Self { store, clock, random, source, registration, passwords, in_flight, retries }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn new_id<I: Id>(&self) -> I {
        clock::new_id(self.now(), &*self.random)
    }

    /// Gives the events their ids and adds them to the commit: history and outbox.
    pub fn record(&self, commit: &mut Commit, events: &[Event]) {
        for event in events {
            let id: EventId = self.new_id();
            commit.event(&EventRecord::new(id, &self.source, event));
        }
    }

    /// Reads, decides and commits; when the commit was refused because somebody else was first, again from the start.
    pub async fn decide<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, AppError>
    where
        F: Future<Output = Result<T, AppError>>,
    {
        let mut lane = None;
        for _ in 0..MOST_TRIES {
            match attempt().await {
                Err(AppError::Conflict) => metrics::counter!("todo_commit_conflicts_total").increment(1),
                outcome => return outcome,
            }
            if lane.is_none() {
                // A courtesy, no lock: one decision may be part of another.
                lane = tokio::time::timeout(LONGEST_COURTESY, self.retries.acquire()).await.ok().and_then(Result::ok);
            }
        }
        Err(AppError::Busy)
    }

    pub(crate) async fn commit(&self, commit: Commit) -> Result<Committed, AppError> {
        self.store.commit(commit).await.map_err(|error| match error {
            CommitError::Conflict => AppError::Conflict,
            CommitError::Duplicate(duplicate) => AppError::Duplicate(duplicate),
            CommitError::Store(error) => AppError::Store(error),
        })
    }
}
