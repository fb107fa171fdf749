//! Wake-ups: that something was committed. Never truth: every loop that waits for them also polls, and is right with
//! every hint lost.

pub(crate) mod postgres;

use std::sync::{Arc, OnceLock};

use domain::{Timestamp, UserId};
use tokio::sync::{broadcast, mpsc};

/// How many a slow receiver may be behind before it misses some.
const BEHIND: usize = 1024;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hint {
    /// There is something to publish.
    pub outbox: bool,
    /// The earliest moment at which one of the new timers fires.
    pub timers: Option<Timestamp>,
    /// Whose change counter now has this value.
    pub user: Option<(UserId, i64)>,
}

/// What a commit knows of its hint before it is stored.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HintParts {
    pub outbox: bool,
    pub timers: Option<Timestamp>,
    pub user: Option<UserId>,
}

#[derive(Clone)]
pub(crate) struct Hints {
    /// To this process.
    here: broadcast::Sender<Hint>,
    /// To the other processes, where there is a way.
    elsewhere: Arc<OnceLock<mpsc::Sender<Hint>>>,
    /// Ends with the last clone.
    tasks: Arc<OnceLock<Tasks>>,
}

/// Stops its tasks when dropped.
struct Tasks(Vec<tokio::task::JoinHandle<()>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

impl Hints {
    pub fn new() -> Self {
        let (here, _) = broadcast::channel(BEHIND);
        Self { here, elsewhere: Arc::default(), tasks: Arc::default() }
    }

    pub fn committed(&self, parts: HintParts, cursor: Option<i64>) {
        let user = parts.user.zip(cursor);
        let hint = Hint { outbox: parts.outbox, timers: parts.timers, user };
        if hint == Hint::default() {
            return;
        }
        // Nobody listening, or nobody keeping up: both are fine.
        let _ = self.here.send(hint);
        if let Some(elsewhere) = self.elsewhere.get() {
            let _ = elsewhere.try_send(hint);
        }
    }
}

impl crate::Store {
    /// What is committed from now on, here and, on PostgreSQL, in other processes. A receiver that lags misses some.
    pub fn hints(&self) -> broadcast::Receiver<Hint> {
        self.hints.here.subscribe()
    }
}
