//! What happens without anybody asking: timers fire, events are published and consumed, what is old goes.
//!
//! Each loop is a step and one shared way to run it ([`run_loop`]). A step does a bounded piece of work, commits it and
//! answers when it wants to be called again; it holds nothing that matters between two calls, so a loop may be killed
//! at any point, and any number of them may run at once, in any number of processes. Tests call steps.
//!
//! | loop | reads | does |
//! | --- | --- | --- |
//! | [`scheduler`] | timers | lets the domain decide what a moment means, and commits it |
//! | [`relay`] | outbox | publishes events, one leader at a time |
//! | [`notifications`], [`analytics`] | events | effect and inbox row in one commit ([`consumer`]) |
//! | [`deliver`] | ledger | sends what goes out through a [`channel`] |
//! | [`retention`] | everything old | removes it |

pub mod analytics;
pub mod channel;
pub mod consumer;
pub mod deliver;
mod drain;
mod error;
pub mod notifications;
pub mod relay;
pub mod retention;
pub mod run_loop;
pub mod scheduler;
mod workers;

pub use drain::Drain;
pub use error::WorkError;
pub use workers::{GROUPS, Roles, Workers};
