//! What PostgreSQL's errors mean to the caller, by SQLSTATE (appendix A of its manual).

use sqlx::{Error, error::DatabaseError};

use crate::{CommitError, Duplicate, StoreError, commit::Refusal};

/// `todo_expect` raises this; the message is the refusal's name.
const REFUSED: &str = "TD001";

pub(in crate::db) fn failure(error: Error) -> StoreError {
    match error {
        Error::Database(database) if is_away(database.as_ref()) => StoreError::Unavailable(database.to_string()),
        Error::Database(database) => StoreError::Database(database.to_string()),
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed => StoreError::Unavailable(error.to_string()),
        other => StoreError::Database(other.to_string()),
    }
}

pub(super) fn refusal(error: Error) -> CommitError {
    if let Error::Database(database) = &error {
        match database.code().as_deref() {
            Some(REFUSED) if database.message() == Refusal::Delivery.name() => return Refusal::Delivery.error(),
            // Serialization failure, deadlock: try again.
            Some(REFUSED | "40001" | "40P01") => return CommitError::Conflict,
            Some("23505") => {
                if let Some(duplicate) = database.constraint().and_then(Duplicate::named) {
                    return CommitError::Duplicate(duplicate);
                }
            }
            _ => {}
        }
    }
    CommitError::Store(failure(error))
}

/// Gone, going, coming, or out of something that comes back.
fn is_away(error: &dyn DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    let class = code.get(..2).unwrap_or_default();
    // Connection exceptions, insufficient resources, operator intervention (shutdown, starting up, cancelled).
    matches!(class, "08" | "53" | "57")
        // Lock timeout; a replica after a failover; a session that was ended.
        || matches!(code.as_ref(), "55P03" | "25006" | "25P03")
        // The database is not there (yet), or refuses the password while secrets rotate.
        || matches!(code.as_ref(), "3D000" | "28P01" | "28000")
}
