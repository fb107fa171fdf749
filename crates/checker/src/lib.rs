//! Kills running `todo serve` processes under load, and judges what is left.
//!
//! Clients work on their tasks over HTTP as programs do, and keep a [`history`]: each request, each answer, and the
//! requests whose answer never came. Meanwhile servers are killed, at random moments or at named crash points, and
//! started again. At the end everything that the API shows is read ([`observe`]) and held against the history
//! ([`judge`]): no acknowledged write lost, no half of one, every reminder exactly once and never early, every slot
//! exactly one task, the ledger, the log and the feed of changes in agreement.
//!
//! It shares no code with the platform and knows nothing of how it is made, so that both cannot be wrong in the same
//! way. The planted bugs of a build with crash points prove that it can fail.

pub mod client;
pub mod database;
pub mod history;
pub mod judge;
pub mod observe;
pub mod random;
pub mod run;
pub mod server;
pub mod workload;

/// Why there is no verdict. What the platform does wrong is never one of these, but a [`judge::Violation`].
#[derive(Debug, thiserror::Error)]
pub enum CheckerError {
    #[error("{0}")]
    Setup(String),
    #[error("the server on port {port} {what}; its log ends with:\n{log}")]
    Server { port: u16, what: String, log: String },
    #[error("the crash point {0} was never reached: is the binary built with the feature failpoints?")]
    NeverReached(String),
    #[error("the API cannot be read: {0}")]
    Unreadable(String),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The checker's own clock: the moment that a client would see on the wall.
#[allow(clippy::disallowed_methods, reason = "a program of its own, with a clock of its own")]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
