//! The REST API under `/api`, its description and the page that shows it.
//!
//! A handler parses, calls one use case of `app` and maps the answer; no rule lives here. [`router()`] is the table of
//! contents. What all operations share sits around them: who asks ([`extract`]), how often ([`limits`]), what went
//! wrong ([`problem`]), and what is logged and counted ([`observe`]).

mod activity;
mod auth;
mod changes;
mod deliveries;
mod document;
mod events;
mod extract;
mod finish;
mod identify;
mod limits;
mod me;
mod notifications;
mod observe;
mod problem;
mod projects;
mod recurring_tasks;
mod respond;
mod router;
mod sessions;
mod state;
mod stats;
mod tags;
mod tasks;
mod tokens;

pub use limits::{Limits, Rate};
pub use problem::{Problem, problem_not_found};
pub use router::{openapi, router};
pub use state::{ApiOptions, ApiState};
