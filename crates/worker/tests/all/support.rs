//! A whole house on an empty database, with a clock that stands still until it is moved.

use std::{
    io::Write as _,
    panic::resume_unwind,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use app::{App, Caller, Registration, Scope, idempotency::Outcome};
use domain::{
    Clock, Email, PersonName, Random, RecurringTaskId, TaskId, Timestamp, TokenId, UserId, Zone,
    event::TaskSnapshot,
    notification::{Delivery, Notification},
    user::{DEFAULT_ALL_DAY_TIME, User},
};
use jiff::SignedDuration;
use serde_json::Value;
use sqlx::{Connection, Executor, PgConnection};
use store::{Commit, NotificationFilter, PageRequest, Store, StoreOptions};
use uuid::Uuid;
use worker::{Drain, scheduler::Scheduler};

/// A behaviour, stamped on both databases.
macro_rules! both_databases {
    ($($(#[$doc:meta])* async fn $name:ident($house:ident: House) $body:block)+) => {
        $($(#[$doc])* async fn $name($house: $crate::support::House) $body)+

        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { $crate::support::on_sqlite(super::$name).await; })+
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { $crate::support::on_postgres(super::$name).await; })+
        }
    };
}
pub(crate) use both_databases;

/// Stands still.
pub struct StillClock(Mutex<Timestamp>);

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Chance;

impl Random for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        // No secret is made here, but ids must differ.
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (byte, own) in bytes.iter_mut().rev().zip(number.into_iter().rev().cycle()) {
            *byte = own;
        }
    }
}

/// The application, a person, and the loops, to be stepped by hand.
pub struct House {
    pub app: App,
    pub clock: Arc<StillClock>,
    pub caller: Caller,
    drain: tokio::sync::Mutex<Option<Drain>>,
}

impl House {
    async fn new(store: Store) -> Self {
        store.migrate().await.unwrap();
        let clock = Arc::new(StillClock(Mutex::new(at("2026-01-01T12:00:00Z"))));
        let app = App::new(store, clock.clone(), Arc::new(Chance), "test", Registration::Open);
        let caller = person(&app, "ann").await;
        Self { app, clock, caller, drain: tokio::sync::Mutex::default() }
    }

    pub fn user(&self) -> UserId {
        self.caller.id()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock; what comes due meanwhile is left to the next drain.
    pub fn pass(&self, span: SignedDuration) {
        let mut now = self.clock.0.lock().unwrap();
        *now += span;
    }

    /// Everything that is to be done now.
    pub async fn drain(&self) {
        let mut drain = self.drain.lock().await;
        drain.get_or_insert_with(|| Drain::new(&self.app).unwrap()).run().await.unwrap();
    }

    pub async fn pass_and_drain(&self, span: SignedDuration) {
        self.pass(span);
        self.drain().await;
    }

    pub async fn create(&self, input: Value) -> TaskSnapshot {
        create_as(&self.app, &self.caller, input).await
    }

    /// A task due so many seconds from now.
    pub async fn create_due_in(&self, title: &str, seconds: i64) -> TaskSnapshot {
        let due = self.now() + SignedDuration::from_secs(seconds);
        self.create(serde_json::json!({ "title": title, "due_date": due })).await
    }

    pub async fn create_recurring(&self, input: Value) -> RecurringTaskId {
        let input = serde_json::from_value(input).unwrap();
        match self.app.create_recurring_task(&self.caller, &input, None).await.unwrap() {
            Outcome::Done(view) => view.recurring_task.id,
            Outcome::Replayed(_) => panic!("there is no key"),
        }
    }

    /// Oldest first.
    pub async fn notifications(&self) -> Vec<Notification> {
        self.notifications_of(self.user()).await
    }

    pub async fn notifications_of(&self, user: UserId) -> Vec<Notification> {
        let request = PageRequest { page_size: 100, ..PageRequest::default() };
        let page = self.app.store.notifications(user, &NotificationFilter::default(), &request).await.unwrap();
        page.items.into_iter().rev().collect()
    }

    /// Kind and title of each, oldest first.
    pub async fn told(&self) -> Vec<(&'static str, String)> {
        self.notifications().await.into_iter().map(|n| (n.kind.name(), n.title)).collect()
    }

    pub async fn ledger(&self, task: TaskId) -> Vec<Delivery> {
        self.app.store.task_deliveries(self.user(), task).await.unwrap()
    }

    /// Kind, status and error of each row.
    pub async fn ledger_rows(&self, task: TaskId) -> Vec<(&'static str, &'static str, Option<String>)> {
        let rows = self.ledger(task).await;
        rows.into_iter().map(|row| (row.kind.name(), row.status.name(), row.error)).collect()
    }

    /// The slots for which there is an open task, in order.
    pub async fn occurrences(&self, rule: RecurringTaskId) -> Vec<String> {
        let tasks = self.app.store.open_occurrences(self.user(), rule, None).await.unwrap();
        tasks.into_iter().map(|task| task.slot.unwrap().to_string()).collect()
    }

    pub fn scheduler(&self) -> Scheduler {
        Scheduler::new(self.app.clone())
    }
}

pub async fn create_as(app: &App, caller: &Caller, input: Value) -> TaskSnapshot {
    let input = serde_json::from_value(input).unwrap();
    match app.create_task(caller, &input, None).await.unwrap() {
        Outcome::Done(view) => view.task,
        Outcome::Replayed(_) => panic!("there is no key"),
    }
}

/// A stored person, signed in.
pub async fn person(app: &App, name: &str) -> Caller {
    let user = User {
        id: app.new_id(),
        email: Email::parse(&format!("{name}@example.org")).unwrap(),
        name: PersonName::parse(name).unwrap(),
        zone: Zone::parse("Europe/Berlin").unwrap(),
        all_day_time: DEFAULT_ALL_DAY_TIME,
        is_admin: false,
        is_disabled: false,
        preferences: domain::preferences::Preferences::default(),
        version: 1,
        created_at: app.now(),
    };
    let mut commit = Commit::system();
    commit.create_user(&user, "no hash");
    app.store.commit(commit).await.unwrap();
    Caller { user, token_id: TokenId(Uuid::nil()), is_session: true, scopes: Scope::ALL.to_vec() }
}

pub async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(test: fn(House) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreOptions::sqlite(folder.path().join("todo.db"))).await.unwrap();
    test(House::new(store).await).await;
}

pub async fn on_postgres<F: Future<Output = ()> + Send + 'static>(test: fn(House) -> F) {
    let Some(server) = postgres_server() else { return };
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let name = format!("todo_worker_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&server).await.unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    let options = StoreOptions::postgres(format!("{base}/{name}"));
    let outcome = tokio::spawn(async move {
        let store = Store::open(options).await.unwrap();
        test(House::new(store.clone()).await).await;
        store.close().await;
    })
    .await;
    admin.execute(sqlx::AssertSqlSafe(format!("drop database {name} with (force)"))).await.unwrap();
    if let Err(failed) = outcome {
        resume_unwind(failed.into_panic());
    }
}

/// The server to test on. Without one the test does not run, and says so; in CI that is a failure.
#[allow(clippy::disallowed_methods, reason = "the one place where the tests read the environment")]
fn postgres_server() -> Option<String> {
    let server = std::env::var("TODO_TEST_POSTGRES").ok();
    if server.is_none() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must test PostgreSQL: set TODO_TEST_POSTGRES");
        // Not through the macros, whose output a passing test hides.
        let _ = writeln!(std::io::stderr(), "NOT RUN on PostgreSQL: TODO_TEST_POSTGRES is not set");
    }
    server
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn seconds(number: i64) -> SignedDuration {
    SignedDuration::from_secs(number)
}

pub fn hours(number: i64) -> SignedDuration {
    SignedDuration::from_hours(number)
}
