//! Removes what has served its time, once an hour, in bounded batches. Several may run at once.

use app::App;
use async_trait::async_trait;
use domain::Timestamp;
use jiff::SignedDuration;
use store::{Purged, StoreError};

use crate::{
    WorkError,
    run_loop::{Next, Work},
};

const EVERY: SignedDuration = SignedDuration::from_hours(1);
const BATCH: u32 = 500;
/// Unless the operator says otherwise.
const TRASH_DAYS: u16 = 30;

/// What is removed, and how long it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// Tasks in the trash.
    Trash,
    IdempotencyKeys,
    /// Longer than any event can be delivered again.
    Inbox,
    /// That expired or were revoked.
    Tokens,
    SignInAttempts,
    AuditLog,
}

impl What {
    const ALL: [Self; 6] =
        [Self::Trash, Self::IdempotencyKeys, Self::Inbox, Self::Tokens, Self::SignInAttempts, Self::AuditLog];

    /// As a metric label.
    fn name(self) -> &'static str {
        match self {
            Self::Trash => "trash",
            Self::IdempotencyKeys => "idempotency_keys",
            Self::Inbox => "inbox",
            Self::Tokens => "tokens",
            Self::SignInAttempts => "sign_in_attempts",
            Self::AuditLog => "audit_log",
        }
    }

    fn kept(self) -> SignedDuration {
        SignedDuration::from_hours(match self {
            Self::Trash => i64::from(TRASH_DAYS) * 24,
            Self::Tokens => 30 * 24,
            Self::IdempotencyKeys | Self::SignInAttempts => 24,
            Self::Inbox => 8 * 24,
            Self::AuditLog => 400 * 24,
        })
    }
}

pub struct Retention {
    app: App,
    trash_days: u16,
    next_at: Timestamp,
    /// The places in [`What::ALL`] that may still have something.
    left: Vec<What>,
}

impl Retention {
    pub fn new(app: App) -> Self {
        Self { app, trash_days: TRASH_DAYS, next_at: Timestamp::MIN, left: Vec::new() }
    }

    pub fn keeping_trash(self, days: u16) -> Self {
        Self { trash_days: days, ..self }
    }

    fn kept(&self, what: What) -> SignedDuration {
        match what {
            What::Trash => SignedDuration::from_hours(i64::from(self.trash_days) * 24),
            other => other.kept(),
        }
    }

    async fn purge(&self, what: What, now: Timestamp) -> Result<Purged, StoreError> {
        let before = now.checked_sub(self.kept(what)).unwrap_or(Timestamp::MIN);
        let store = &self.app.store;
        match what {
            What::Trash => store.purge_trash(before, BATCH).await,
            What::IdempotencyKeys => store.purge_idempotency(before, BATCH).await,
            What::Inbox => store.purge_inbox(before, BATCH).await,
            What::Tokens => store.purge_tokens(before, BATCH).await,
            What::SignInAttempts => store.purge_sign_in_attempts(before, BATCH).await,
            What::AuditLog => store.purge_audit_log(before, BATCH).await,
        }
    }
}

#[async_trait]
impl Work for Retention {
    fn name(&self) -> &'static str {
        "retention"
    }

    /// One batch of one kind.
    async fn step(&mut self) -> Result<Next, WorkError> {
        let now = self.app.now();
        if self.left.is_empty() {
            if now < self.next_at {
                return Ok(Next::At(self.next_at));
            }
            self.next_at = now.checked_add(EVERY).unwrap_or(Timestamp::MAX);
            self.left = What::ALL.to_vec();
        }
        let Some(&what) = self.left.last() else { return Ok(Next::Idle) };
        let purged = self.purge(what, now).await?;
        metrics::counter!("todo_retention_removed_total", "what" => what.name()).increment(purged as u64);
        if purged < BATCH as usize {
            self.left.pop();
        }
        Ok(Next::Now)
    }
}
