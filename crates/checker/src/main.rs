//! `checker --todo target/debug/todo --cycles 20`: see the library. Exit 0: no violation; 1: violations; 2: no verdict.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use checker::{
    database::Database,
    run::{Mode, Options, Report, run},
};
use clap::{Parser, ValueEnum};

/// Kills running todo servers under load, and judges what is left.
#[derive(Parser)]
struct Arguments {
    /// The program to judge; for crash points one that is built with them.
    #[arg(long, value_name = "PATH")]
    todo: PathBuf,
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    database: Kind,
    /// A server to make a database on.
    #[arg(long, value_name = "URL", env = "TODO_TEST_POSTGRES", hide_env_values = true)]
    postgres: Option<String>,
    /// How many servers share the database; more than one needs PostgreSQL.
    #[arg(long, default_value_t = 1)]
    servers: usize,
    #[arg(long, default_value_t = 10)]
    cycles: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, value_enum, default_value_t = Mode::Random)]
    mode: Mode,
    #[arg(long, default_value_t = 3)]
    users: usize,
    #[arg(long, default_value_t = 2)]
    clients_per_user: usize,
    /// So many reminders come within ten seconds, while servers are killed
    #[arg(long, default_value_t = 0)]
    burst: usize,
    /// Keep the SQLite database and the logs here
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// A planted bug, such as lose-commit=10%return: shows that the checker finds it.
    #[arg(long, default_value = "")]
    planted: String,
    /// How long the last reminders may take, in seconds.
    #[arg(long, default_value_t = 30)]
    patience: u64,
}

const MOST_SHOWN: usize = 50;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

impl Arguments {
    fn options(self) -> Result<Options, String> {
        let database = match (self.database, self.postgres) {
            (Kind::Sqlite, _) if self.servers > 1 => return Err("several servers need --database postgres".into()),
            (Kind::Sqlite, _) => Database::Sqlite,
            (Kind::Postgres, Some(url)) => Database::Postgres(url),
            (Kind::Postgres, None) => return Err("--database postgres needs --postgres URL".into()),
        };
        Ok(Options {
            servers: self.servers.max(1),
            cycles: self.cycles,
            seed: self.seed,
            mode: self.mode,
            users: self.users,
            clients_per_user: self.clients_per_user,
            burst: self.burst,
            folder: self.folder,
            planted: self.planted,
            patience: Duration::from_secs(self.patience),
            ..Options::new(self.todo, database)
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Arguments::parse().options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("checker: {error}");
            return ExitCode::from(2);
        }
    };
    match run(&options).await {
        Ok(report) => {
            print(&report);
            ExitCode::from(u8::from(!report.violations.is_empty()))
        }
        Err(error) => {
            eprintln!("checker: no verdict: {error}");
            ExitCode::from(2)
        }
    }
}

fn print(report: &Report) {
    for (what, number) in &report.counts {
        println!("{number:>8} {what}");
    }
    for violation in report.violations.iter().take(MOST_SHOWN) {
        println!("{violation}");
    }
    println!("{:>8} violations", report.violations.len());
}
