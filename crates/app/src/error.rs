//! What can go wrong in a use case, each with what to do about it.

use domain::{Invalid, recurring_task::RecurringTaskError, task::TaskError};
use store::{Duplicate, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// These fields are wrong; nothing was stored.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// It does not exist, or it is somebody else's: the two look alike.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The caller's `If-Match` names another version than the current one.
    #[error("changed meanwhile: it is at version {current}")]
    Stale { current: i64 },
    /// The state does not allow it.
    #[error("{0}")]
    State(String),
    #[error("an account with this address exists already")]
    EmailTaken,
    #[error("{0} with this name exists already")]
    NameTaken(&'static str),
    #[error("this server does not take registrations")]
    RegistrationClosed,
    /// Wrong address or password: never which.
    #[error("the address or the password is wrong")]
    WrongCredentials,
    /// Too many failed sign-ins.
    #[error("too many failed attempts: try again in {0} s")]
    SlowDown(u64),
    #[error("this token may not do that: it lacks the scope {0}")]
    Scope(&'static str),
    #[error("this key was used before for another request")]
    IdempotencyMismatch,
    #[error("a request with this key is still under way")]
    IdempotencyInFlight,
    /// Somebody else was first: [`App::decide`](crate::App::decide) reads and decides again.
    #[error("somebody else was first")]
    Conflict,
    /// A uniqueness that the use case did not give a meaning.
    #[error("already there: {0:?}")]
    Duplicate(Duplicate),
    /// Lost every race; the caller may try again.
    #[error("too busy: try again")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("internal: {0}")]
    Internal(String),
}

impl AppError {
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(Invalid::field(field, message))
    }
}

impl From<TaskError> for AppError {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::SnoozeOutOfRange => Self::field("until", error.to_string()),
            TaskError::InTrash => Self::NotFound("task"),
            TaskError::Completed => Self::State(error.to_string()),
        }
    }
}

impl From<RecurringTaskError> for AppError {
    fn from(error: RecurringTaskError) -> Self {
        match error {
            RecurringTaskError::NoSuchSlot | RecurringTaskError::TooManyExceptions => {
                Self::field("slot", error.to_string())
            }
            RecurringTaskError::ResumeInPast => Self::field("until", error.to_string()),
            RecurringTaskError::Ended => Self::State(error.to_string()),
        }
    }
}
