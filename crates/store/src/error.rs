//! What can go wrong, by what the caller should do about it.

/// A read failed, or the database is not there.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is starting, stopping or out of connections: try again later (503).
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A stored value breaks a rule of the domain: an operator must look.
    #[error("stored data is not valid: {0}")]
    Corrupt(String),
    /// The cursor is not one that this list gave out: the client must start over.
    #[error("the cursor is not one of this list")]
    BadCursor,
    /// This database cannot do that.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A fault of ours or of the database.
    #[error("database: {0}")]
    Database(String),
}

/// Nothing of the commit is stored, save after [`StoreError::Unavailable`]: a connection that broke while the
/// database was answering leaves that open.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// Somebody else was first: read again and decide again.
    #[error("the data changed meanwhile")]
    Conflict,
    /// Something that must be unique is there already; which one tells what that means.
    #[error("{0} exists already")]
    Duplicate(Duplicate),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicate {
    /// This request was answered before.
    IdempotencyKey,
    /// This consumer has handled the event before.
    Inbox,
    /// The occurrence of that slot exists.
    Slot,
    Email,
    ProjectName,
    /// This has been told before, or is about to be.
    Delivery,
    /// A token with that hash or id.
    Token,
    /// A row with that id.
    Id,
}

impl std::fmt::Display for Duplicate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::IdempotencyKey => "the idempotency key",
            Self::Inbox => "the inbox row",
            Self::Slot => "the slot's task",
            Self::Email => "the e-mail address",
            Self::ProjectName => "the project's name",
            Self::Delivery => "the delivery",
            Self::Token => "the token",
            Self::Id => "the id",
        })
    }
}

impl Duplicate {
    /// From the name of a constraint (PostgreSQL) or the columns or index that SQLite's message names. Both databases
    /// use the same index names; SQLite tells columns instead of names for plain ones.
    pub(crate) fn named(text: &str) -> Option<Self> {
        let known = [
            ("idempotency_keys", Self::IdempotencyKey),
            ("inbox", Self::Inbox),
            ("tasks_slot", Self::Slot),
            ("tasks.recurring_task_id", Self::Slot),
            ("users_email", Self::Email),
            ("users.email", Self::Email),
            ("projects_name", Self::ProjectName),
            ("projects.user_id, projects.name_key", Self::ProjectName),
            ("deliveries_once", Self::Delivery),
            ("deliveries.user_id", Self::Delivery),
            ("access_tokens", Self::Token),
            ("_pkey", Self::Id),
            ("_id_key", Self::Id),
            (".id", Self::Id),
        ];
        known.into_iter().find(|(name, _)| text.contains(name)).map(|(_, duplicate)| duplicate)
    }
}
