//! Servers killed under load, judged by the checker; and bugs planted, which it must find.
//!
//! `TODO_TEST_LONG=1` makes it hundreds of kills on each database.

use checker::{
    database::Database,
    judge::Fault,
    run::{CRASH_POINTS, Mode, Options, Report, run},
};
use testkit::database::{is_long, postgres_server};

const TODO: &str = env!("CARGO_BIN_EXE_todo");

fn cycles(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}

async fn judged(options: &Options) -> Report {
    let report = run(options).await.unwrap_or_else(|error| panic!("no verdict: {error}"));
    println!("{:?} {:?}: {:?}", options.database, options.mode, report.counts);
    report
}

/// Nothing is wrong, and enough was done for that to mean something.
async fn holds(options: &Options) {
    let report = judged(options).await;
    let all: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
    assert!(all.is_empty(), "{} violations (seed {}):\n{}", all.len(), options.seed, all.join("\n"));
    assert!(report.counts["kills"] >= options.cycles, "{:?}", report.counts);
    for (what, least) in [("requests", 20), ("reminders", 10), ("slots", 1)] {
        assert!(report.counts[what] >= least * options.cycles / 4, "too little was done: {:?}", report.counts);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_killed_at_random_moments() {
    holds(&Options { cycles: cycles(10, 200), seed: 11, ..Options::new(TODO, Database::Sqlite) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_killed_at_every_crash_point() {
    let cycles = CRASH_POINTS.len() * cycles(1, 10);
    holds(&Options { cycles, seed: 12, mode: Mode::Failpoints, ..Options::new(TODO, Database::Sqlite) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_postgres_killed_at_random_moments() {
    let Some(server) = postgres_server() else { return };
    let options = Options::new(TODO, Database::Postgres(server));
    holds(&Options { servers: 2, cycles: cycles(6, 200), seed: 13, ..options }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_postgres_killed_at_every_crash_point() {
    let Some(server) = postgres_server() else { return };
    let cycles = CRASH_POINTS.len() * cycles(1, 10);
    let options = Options::new(TODO, Database::Postgres(server));
    holds(&Options { servers: 2, cycles, seed: 14, mode: Mode::Failpoints, ..options }).await;
}

/// A thousand reminders within ten seconds, and kills in them.
fn burst(options: Options) -> Options {
    Options { burst: 1000, cycles: 8, clients_per_user: 1, ..options }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_killed_in_a_burst_of_reminders() {
    holds(&burst(Options { seed: 15, ..Options::new(TODO, Database::Sqlite) })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_postgres_killed_in_a_burst_of_reminders() {
    let Some(server) = postgres_server() else { return };
    holds(&burst(Options { servers: 2, seed: 16, ..Options::new(TODO, Database::Postgres(server)) })).await;
}

/// A platform with this bug must not pass.
async fn finds(bug: &str, fault: Fault) {
    let options = Options {
        cycles: 4,
        mode: Mode::None,
        planted: bug.to_owned(),
        patience: std::time::Duration::from_secs(1),
        ..Options::new(TODO, Database::Sqlite)
    };
    let report = judged(&options).await;
    let found: Vec<Fault> = report.violations.iter().map(|violation| violation.fault).collect();
    assert!(report.found(fault), "{bug} makes {fault:?}, and the checker found only {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_commit_is_found() {
    finds("lose-commit=20%return", Fault::LostWrite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_commit_is_found() {
    finds("half-commit=20%return", Fault::LogBroken).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_timer_is_found() {
    finds("drop-timer=20%return", Fault::LostReminder).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_early_timer_is_found() {
    finds("early-timer=return", Fault::EarlyReminder).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_event_is_found() {
    finds("lose-event=20%return", Fault::LostReminder).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doubled_notification_is_found() {
    finds("double-notification=20%return", Fault::DoubledReminder).await;
}
