//! Ways out of the house: what is sent outside any transaction, at least once, with the delivery's id to tell doubles
//! by. In-app items are no such channel: their consumer writes them.

use async_trait::async_trait;
use domain::notification::Delivery;

/// What the receiver's side made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Sent,
    /// Not now; says why.
    Later(String),
    /// Never: the address is gone, or the message is refused for good; says why.
    Never(String),
}

#[async_trait]
pub trait Channel: Send + Sync {
    /// Whose rows of the ledger it sends.
    fn channel(&self) -> domain::notification::Channel;

    /// May be dropped when it takes too long.
    async fn send(&self, delivery: &Delivery) -> Answer;
}
