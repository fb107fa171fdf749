//! Why a step could not do its work. The loop tries again later, whatever it was.

use bus::PublishError;
use store::{CommitError, StoreError};

#[derive(Debug, Clone, thiserror::Error)]
pub enum WorkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// A fault of the program.
    #[error("panicked: {0}")]
    Panic(String),
    /// [`Drain`](crate::Drain) could not get everything published.
    #[error("{0} events cannot be published")]
    Stuck(i64),
}

impl WorkError {
    /// The database is away: whatever was tried is no worse for it.
    pub fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Unavailable(_))
                | Self::Commit(CommitError::Store(StoreError::Unavailable(_)))
                | Self::Publish(PublishError::Unavailable(_))
        )
    }
}

/// Runs to the end or to its panic, which becomes an error: one fault must not end a loop that others rely on.
pub(crate) async fn caught<T>(work: impl Future<Output = T>) -> Result<T, WorkError> {
    use futures::FutureExt;
    std::panic::AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
        WorkError::Panic(text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default())
    })
}
