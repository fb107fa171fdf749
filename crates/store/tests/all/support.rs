//! Databases to test on, and things to put into them.

use std::{
    io::Write as _,
    panic::resume_unwind,
    sync::atomic::{AtomicU64, Ordering},
};

use domain::{
    Change, Email, EventId, PersonName, Tag, TaskId, Timestamp, Title, TokenId, UserId, Zone,
    event::{Actor, Event},
    id::Id,
    task::{Context, Task, TaskDraft},
    user::{DEFAULT_ALL_DAY_TIME, User},
};
use sqlx::{Connection, Executor, PgConnection};
use store::{Commit, CommitError, Committed, EventRecord, Store, StoreOptions};
use uuid::Uuid;

/// A behaviour, stamped on both databases.
macro_rules! both_databases {
    ($($(#[$doc:meta])* async fn $name:ident($db:ident: TestDb) $body:block)+) => {
        $($(#[$doc])* async fn $name($db: $crate::support::TestDb) $body)+

        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() { $crate::support::on_sqlite(super::$name).await; })+
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() { $crate::support::on_postgres(super::$name).await; })+
        }
    };
}
pub(crate) use both_databases;

/// An empty, migrated database.
pub struct TestDb {
    pub store: Store,
    pub options: StoreOptions,
}

impl TestDb {
    /// A second process, as it were: its own connections to the same database.
    pub async fn another(&self) -> Store {
        Store::open(self.options.clone()).await.unwrap()
    }
}

pub async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(test: fn(TestDb) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions::sqlite(folder.path().join("todo.db"));
    let store = Store::open(options.clone()).await.unwrap();
    store.migrate().await.unwrap();
    test(TestDb { store, options }).await;
}

pub async fn on_postgres<F: Future<Output = ()> + Send + 'static>(test: fn(TestDb) -> F) {
    let Some(server) = postgres_server() else { return };
    let (name, url) = new_postgres_database(&server).await;
    let mut options = StoreOptions::postgres(url);
    options.connections = 20;
    let outcome = tokio::spawn(async move {
        let store = Store::open(options.clone()).await.unwrap();
        store.migrate().await.unwrap();
        test(TestDb { store: store.clone(), options }).await;
        store.close().await;
    })
    .await;
    let mut admin = PgConnection::connect(&server).await.unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("drop database {name} with (force)"))).await.unwrap();
    if let Err(failed) = outcome {
        resume_unwind(failed.into_panic());
    }
}

/// The server to test on. Without one the test does not run, and says so; in CI that is a failure.
#[allow(clippy::disallowed_methods, reason = "the one place where the tests read the environment")]
pub fn postgres_server() -> Option<String> {
    let server = std::env::var("TODO_TEST_POSTGRES").ok();
    if server.is_none() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must test PostgreSQL: set TODO_TEST_POSTGRES");
        // Not through the macros, whose output a passing test hides.
        let _ = writeln!(std::io::stderr(), "NOT RUN on PostgreSQL: TODO_TEST_POSTGRES is not set");
    }
    server
}

/// Its name and its URL.
pub async fn new_postgres_database(server: &str) -> (String, String) {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let name = format!("todo_store_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(server).await.unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await.unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    let url = format!("{base}/{name}");
    (name, url)
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A Thursday, before everything that the tests plan.
pub fn now() -> Timestamp {
    at("2026-01-01T12:00:00Z")
}

/// A new id; later ones are greater.
pub fn id<I: Id>() -> I {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let number = u128::from(NUMBER.fetch_add(1, Ordering::Relaxed));
    I::from(Uuid::from_u128(0x019b_0000_0000_7000_8000_0000_0000_0000 + number))
}

pub fn uuid() -> Uuid {
    id::<EventId>().0
}

pub fn context(user: UserId) -> Context {
    context_at(user, now())
}

pub fn context_at(user: UserId, at: Timestamp) -> Context {
    let actor = Actor::User { user_id: user, token_id: TokenId(Uuid::nil()) };
    Context { at, actor, all_day: DEFAULT_ALL_DAY_TIME }
}

pub fn user_named(name: &str) -> User {
    User {
        id: id(),
        email: Email::parse(&format!("{name}@example.org")).unwrap(),
        name: PersonName::parse(name).unwrap(),
        zone: Zone::parse("Europe/Berlin").unwrap(),
        all_day_time: DEFAULT_ALL_DAY_TIME,
        is_admin: false,
        is_disabled: false,
        preferences: domain::preferences::Preferences::default(),
        version: 1,
        created_at: now(),
    }
}

/// A stored user.
pub async fn add_user(store: &Store, name: &str) -> UserId {
    let user = user_named(name);
    let mut commit = Commit::system();
    commit.create_user(&user, "hash");
    store.commit(commit).await.unwrap();
    user.id
}

pub fn draft(title: &str) -> TaskDraft {
    TaskDraft::titled(Title::parse(title).unwrap())
}

pub fn tags(names: &[&str]) -> Vec<Tag> {
    names.iter().map(|name| Tag::parse(name).unwrap()).collect()
}

pub fn due_at(text: &str) -> Option<domain::Due> {
    Some(domain::Due::parse(text, Zone::parse("Europe/Berlin").unwrap()).unwrap())
}

/// A change with its events, as use cases commit it.
pub fn commit_of(change: &Change<Task>) -> Commit {
    let mut commit = Commit::of(change.state.user_id);
    commit.task(change);
    add_events(&mut commit, &change.events);
    commit
}

pub fn add_events(commit: &mut Commit, events: &[Event]) {
    for event in events {
        commit.event(&EventRecord::new(id(), "/todo/test", event));
    }
}

pub async fn store_change(store: &Store, change: &Change<Task>) -> Result<Committed, CommitError> {
    store.commit(commit_of(change)).await
}

/// A stored task.
pub async fn add_task(store: &Store, user: UserId, draft: TaskDraft) -> Task {
    let change = Task::create(id(), user, draft, &context(user));
    store_change(store, &change).await.unwrap();
    change.state
}

pub async fn read(store: &Store, user: UserId, task: TaskId) -> Task {
    store.task(user, task).await.unwrap().unwrap()
}

/// Completes and stores.
pub async fn complete(store: &Store, task: Task) -> Task {
    let user = task.user_id;
    let change = task.complete(&context(user)).unwrap();
    store_change(store, &change).await.unwrap();
    change.state
}

/// Trashes and stores.
pub async fn trash(store: &Store, task: Task) -> Task {
    let user = task.user_id;
    let change = task.trash(&context(user));
    store_change(store, &change).await.unwrap();
    change.state
}
