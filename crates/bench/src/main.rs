//! Measures what Todo promises, beside a floor measured in the same run: what the database alone does for equal work on
//! this machine, now. A figure without its floor tells more about the machine than about the program.
//!
//! It drives the real `todo serve` over HTTP on loopback, as its users do. It judges nothing by itself: it prints each
//! figure beside its target, and docs/BENCHMARKS.md says how to read them. `scripts/bench` builds and starts it.

mod database;
mod figures;
mod floor;
mod groups;
mod http;
mod load;
mod machine;
mod people;
mod server;
mod table;

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};

use crate::{database::Database, groups::Big};

/// What to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    /// Start, memory and size of the program.
    Process,
    /// Create, complete, get and list from 32 connections, beside the database's own floor.
    Api,
    /// The same list and the same completing with 1,000,000 tasks and with 1,000.
    Scale,
    /// From a commit to its effect in a consumer.
    Events,
    /// From the due moment to the notification, with 1,000,000 timers pending.
    Reminders,
}

#[derive(Debug, Parser)]
#[command(name = "bench", about = "Measures Todo beside the floor of its databases")]
struct Arguments {
    /// All of them if none is named.
    groups: Vec<Group>,
    /// Shorter rounds and 100,000 tasks instead of 1,000,000.
    #[arg(long)]
    quick: bool,
    /// A PostgreSQL server with an administrator's rights and fsync on; without it SQLite alone is measured.
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// The program to measure.
    #[arg(long, value_name = "PATH", default_value = "target/release/todo")]
    todo: PathBuf,
    /// Where the databases are put: a disk, not memory. Everything in it is removed again.
    #[arg(long, value_name = "PATH", default_value = "target")]
    dir: PathBuf,
}

/// What every group needs to know.
struct Bench {
    quick: bool,
    todo: PathBuf,
    /// Removed at the end.
    folder: tempfile::TempDir,
    postgres: Option<String>,
}

impl Bench {
    fn rounds(&self) -> usize {
        3
    }

    /// Of one side of one round.
    fn round(&self) -> Duration {
        Duration::from_millis(if self.quick { 1000 } else { 3000 })
    }

    /// Tasks of the person with very many.
    fn many(&self) -> u32 {
        if self.quick { 100_000 } else { 1_000_000 }
    }

    /// A new empty database on each of the engines.
    async fn databases(&self, name: &str) -> Result<Vec<Database>> {
        let mut databases = vec![Database::sqlite(self.folder.path(), name)?];
        if let Some(server) = &self.postgres {
            databases.push(Database::postgres(server, name).await?);
        }
        Ok(databases)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(&arguments.dir)?;
    let bench = Bench { quick: arguments.quick, todo: arguments.todo, folder, postgres: arguments.postgres };
    let groups = if arguments.groups.is_empty() { Group::value_variants().to_vec() } else { arguments.groups };
    let measured = measure_all(&bench, &groups).await;
    if let Some(server) = &bench.postgres {
        database::remove_all(server).await.context("databases are left behind")?;
    }
    measured
}

async fn measure_all(bench: &Bench, groups: &[Group]) -> Result<()> {
    let started = Instant::now();
    machine::print(bench).await?;
    let mut big = None;
    for group in groups {
        let begun = Instant::now();
        measure(bench, *group, &mut big).await.with_context(|| format!("group {group:?}"))?;
        eprintln!("bench: {group:?} took {:.0} s", begun.elapsed().as_secs_f64());
    }
    println!("The whole run took {:.0} s.", started.elapsed().as_secs_f64());
    Ok(())
}

async fn measure(bench: &Bench, group: Group, big: &mut Option<Vec<Big>>) -> Result<()> {
    match group {
        Group::Process => groups::process::measure(bench).await,
        Group::Api => groups::api::measure(bench).await,
        Group::Scale => groups::scale::measure(bench, Big::filled(bench, big).await?).await,
        Group::Events => groups::events::measure(bench).await,
        Group::Reminders => groups::reminders::measure(bench, Big::filled(bench, big).await?).await,
    }
}
