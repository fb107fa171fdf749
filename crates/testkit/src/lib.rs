//! The whole application in one test: the real store on either database, the real use cases, API and loops. Only the
//! clock and chance are the test's own.
//!
//! ```ignore
//! both_databases! {
//!     async fn a_completed_task_reminds_no_more(app: TestApp) {
//!         let ann = app.user("ann").await;
//!         let task = ann.post("/api/tasks", json!({"title": "Pay rent", "due_date": "2026-01-16T09:00:00Z"})).await.expect(201);
//!         ann.patch(&format!("/api/tasks/{}/complete", task.id()), json!(null)).await.expect(200);
//!         app.advance_hours(48).await;
//!         assert_eq!(ann.get("/api/notifications").await.expect(200)["unread"], 0);
//!     }
//! }
//! ```
//!
//! A test moves the clock and calls [`TestApp::drain`]; nothing happens by itself, so nothing has to be waited for.
//! When it ends, everything that is still to be done is done, and no event may be left in the outbox or parked.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod client;
mod clock;
pub mod database;
mod test_app;

pub use api::{ApiOptions, Limits, Rate};
pub use client::{Answer, Call, PASSWORD, User};
pub use clock::{ManualClock, SeededRandom};
pub use test_app::{START, TestApp, on_postgres, on_sqlite, on_sqlite_with};

/// A behaviour, stamped on both databases.
#[macro_export]
macro_rules! both_databases {
    ($($(#[$doc:meta])* async fn $name:ident($app:ident: $app_type:ty) $body:block)+) => {
        $($(#[$doc])* async fn $name($app: $app_type) $body)+

        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { $crate::on_sqlite(super::$name).await; })+
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { $crate::on_postgres(super::$name).await; })+
        }
    };
}
