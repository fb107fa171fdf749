//! The application, stamped on a database, and its end.

use std::{panic::resume_unwind, sync::Arc};

use api::{ApiOptions, ApiState};
use app::{App, Registration};
use axum::Router;
use domain::{Clock as _, Timestamp};
use jiff::SignedDuration;
use store::Store;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use worker::Drain;

use crate::{
    client::User,
    clock::{ManualClock, SeededRandom},
    database::{Database, postgres_server},
};

/// The moment at which every test begins: a Thursday.
pub const START: &str = "2026-01-15T09:00:00Z";

/// Cheap to clone; every clone is the same application.
#[derive(Clone)]
pub struct TestApp {
    pub app: App,
    pub clock: Arc<ManualClock>,
    pub router: Router,
    /// Ends live streams.
    pub shutdown: CancellationToken,
    options: store::StoreOptions,
    drain: Arc<Mutex<Drain>>,
    may_leave_dead_letters: Arc<std::sync::atomic::AtomicBool>,
}

impl TestApp {
    async fn start(database: &Database, options: ApiOptions) -> Self {
        let store = Store::open(database.options()).await.unwrap();
        store.migrate().await.unwrap();
        let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
        let app = App::new(store, clock.clone(), Arc::new(SeededRandom::new(7)), "test", Registration::Open);
        let shutdown = CancellationToken::new();
        let router = web::router("test").merge(api::router(ApiState::new(app.clone(), options, shutdown.clone())));
        let drain = Arc::new(Mutex::new(Drain::new(&app).unwrap()));
        Self {
            app,
            clock,
            router,
            shutdown,
            options: database.options(),
            drain,
            may_leave_dead_letters: Arc::default(),
        }
    }

    /// The application as another process would run it: with connections and loops of its own, on the same database.
    /// What was under way in this one is forgotten, as after a kill.
    pub async fn restarted(&self) -> Self {
        let store = Store::open(self.options.clone()).await.unwrap();
        let app = App::new(store, self.clock.clone(), Arc::new(SeededRandom::new(8)), "test", Registration::Open);
        let shutdown = CancellationToken::new();
        let router = api::router(ApiState::new(app.clone(), ApiOptions::default(), shutdown.clone()));
        let drain = Arc::new(Mutex::new(Drain::new(&app).unwrap()));
        Self { app, router, shutdown, drain, ..self.clone() }
    }

    /// A new account, signed in.
    pub async fn user(&self, name: &str) -> User {
        User::register(self, name).await
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Everything that is to be done by now: timers, events, deliveries.
    pub async fn drain(&self) {
        self.drain.lock().await.run().await.unwrap();
    }

    /// Time passes until then, and everything happens at its moment. For time that passes while nothing runs, set
    /// the clock alone.
    pub async fn set_time(&self, at: &str) {
        self.pass_until(at.parse().unwrap()).await;
    }

    pub async fn advance(&self, by: SignedDuration) {
        self.pass_until(self.now().checked_add(by).unwrap()).await;
    }

    async fn pass_until(&self, end: Timestamp) {
        self.drain().await;
        while let Some(next) = self.app.store.next_fire_at(self.now()).await.unwrap()
            && next > self.now()
            && next <= end
        {
            self.clock.set(next);
            self.drain().await;
        }
        self.clock.set(end);
        self.drain().await;
    }

    pub async fn advance_hours(&self, hours: i64) {
        self.advance(SignedDuration::from_hours(hours)).await;
    }

    /// For a test that is about them.
    pub fn may_leave_dead_letters(&self) {
        self.may_leave_dead_letters.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// What is left must be able to be done, and nothing may have been given up.
    async fn finish(&self) {
        // A test may have taken the lease of the relay for a second application.
        self.clock.advance(SignedDuration::from_secs(10));
        self.drain().await;
        assert_eq!(self.app.store.outbox_stats().await.unwrap().depth, 0, "events are left in the outbox");
        if !self.may_leave_dead_letters.load(std::sync::atomic::Ordering::Relaxed) {
            let parked = self.app.store.dead_letters(10).await.unwrap();
            assert!(parked.is_empty(), "events were given up: {parked:?}");
        }
        self.shutdown.cancel();
        self.app.store.close().await;
    }
}

pub async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(test: fn(TestApp) -> F) {
    on_sqlite_with(ApiOptions::default(), test).await;
}

pub async fn on_sqlite_with<F: Future<Output = ()> + Send + 'static>(options: ApiOptions, test: fn(TestApp) -> F) {
    on(Database::sqlite(), options, test).await;
}

pub async fn on_postgres<F: Future<Output = ()> + Send + 'static>(test: fn(TestApp) -> F) {
    if let Some(server) = postgres_server() {
        on(Database::postgres(server).await, ApiOptions::default(), test).await;
    }
}

/// The database goes when the test is over, also when it failed.
async fn on<F: Future<Output = ()> + Send + 'static>(database: Database, options: ApiOptions, test: fn(TestApp) -> F) {
    let app = TestApp::start(&database, options).await;
    let running = app.clone();
    let outcome = tokio::spawn(async move {
        test(running.clone()).await;
        running.finish().await;
    })
    .await;
    app.shutdown.cancel();
    drop(app);
    database.remove().await;
    if let Err(failed) = outcome {
        resume_unwind(failed.into_panic());
    }
}
