//! What a change compiles to: statements with their parameters, stored all together or not at all.
//!
//! Nothing here does I/O. Each aggregate adds its own methods to [`Commit`] beside its reads.
//!
//! **The change counter.** A commit of a user first raises that user's counter, which locks the one row that all
//! commits of this user need. So commits of one user are serial, counter order is the order in which they become
//! visible, `outbox.seq` is drawn in commit order per key, and no two commits can deadlock. Every row written carries
//! the counter's new value in `changed`.
//!
//! **How the texts are written.** In the common subset of both databases, with `$1`… for parameters and a few words in
//! braces that [`crate::db`] fills in:
//!
//! | word | stands for |
//! | --- | --- |
//! | `{counter}` | the counter's new value |
//! | `{locked}` | true, but not before the counter is raised; in every text that lacks `{counter}` |
//! | `{from}`, `{using}` | nothing for one row of parameters; `from unnest(…)` for many, on PostgreSQL |
//! | `{elements:2}` | a subquery: the strings of the JSON list in parameter 2 |
//! | `{beside:user_id}` | the column, only checked: another one's index finds the rows |
//!
//! On PostgreSQL all statements of a commit are one (a data-modifying CTE), and each sees the rows as they were before
//! it. So no statement may rely on what another of the same commit wrote, and none may touch a row twice.

use domain::{Timestamp, UserId, timer::Timer};

use crate::{counters::Counts, db::Value, hints::HintParts};

/// A change to the database to be. Built from domain changes, handed to [`Store::commit`](crate::Store::commit).
#[derive(Debug, Clone)]
#[must_use = "a commit means nothing until it is handed to Store::commit"]
pub struct Commit {
    pub(crate) user: Option<UserId>,
    pub(crate) statements: Vec<Statement>,
    /// How the number of the user's tasks changes.
    pub(crate) counts: Counts,
    /// The claim that the timers of this commit were taken under.
    pub(crate) claim: Option<uuid::Uuid>,
    /// Its statements must see each other's rows: PostgreSQL runs them one by one in a transaction.
    pub(crate) stepwise: bool,
    hint: HintParts,
}

/// A commit that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The user's change counter after it; `None` for a commit of no user, or an empty one.
    pub cursor: Option<i64>,
}

/// One SQL text and the rows of parameters it runs with.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub sql: &'static str,
    pub rows: Vec<Vec<Value>>,
    /// Whether each row of parameters must touch exactly one row, and what it means if not.
    pub expect: Option<Refusal>,
}

/// Why a guard touched no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Conflict,
    Delivery,
}

impl Refusal {
    /// As PostgreSQL's `todo_expect` hands it back.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Delivery => "delivery",
        }
    }

    pub fn error(self) -> crate::CommitError {
        match self {
            Self::Conflict => crate::CommitError::Conflict,
            Self::Delivery => crate::CommitError::Duplicate(crate::Duplicate::Delivery),
        }
    }
}

/// Everything that a database needs to know of a commit.
#[derive(Debug)]
pub(crate) struct Statements {
    pub user: Option<UserId>,
    pub counts: Counts,
    pub statements: Vec<Statement>,
    pub stepwise: bool,
}

impl Commit {
    /// Of a user: raises that user's change counter. Void ([`CommitError::Conflict`](crate::CommitError::Conflict)) if
    /// the user is gone.
    pub fn of(user: UserId) -> Self {
        Self { user: Some(user), ..Self::system() }
    }

    /// Of no user: what nobody's counter tells of.
    pub fn system() -> Self {
        Self {
            user: None,
            statements: Vec::new(),
            counts: Counts::default(),
            claim: None,
            stepwise: false,
            hint: HintParts::default(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Any number of rows may be touched.
    pub(crate) fn push(&mut self, sql: &'static str, row: Vec<Value>) {
        self.add(sql, row, None);
    }

    /// Exactly one row must be touched, else nothing of the commit is stored.
    pub(crate) fn guard(&mut self, sql: &'static str, row: Vec<Value>) {
        self.add(sql, row, Some(Refusal::Conflict));
    }

    /// Statements with one text become one with many rows, so that the number of distinct texts stays small.
    pub(crate) fn add(&mut self, sql: &'static str, row: Vec<Value>, expect: Option<Refusal>) {
        match self.statements.iter_mut().find(|statement| statement.sql == sql && statement.expect == expect) {
            Some(statement) => statement.rows.push(row),
            None => self.statements.push(Statement { sql, rows: vec![row], expect }),
        }
    }

    pub(crate) fn hints_outbox(&mut self) {
        self.hint.outbox = true;
    }

    pub(crate) fn hints_timer(&mut self, timer: &Timer) {
        let earliest: &mut Option<Timestamp> = &mut self.hint.timers;
        *earliest = Some(earliest.map_or(timer.fire_at, |at| at.min(timer.fire_at)));
    }

    pub(crate) fn finish(self) -> (Statements, HintParts) {
        let hint = HintParts { user: self.user, ..self.hint };
        let Self { user, counts, statements, stepwise, .. } = self;
        (Statements { user, counts, statements, stepwise }, hint)
    }
}
