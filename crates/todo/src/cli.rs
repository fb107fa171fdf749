//! The command line: what there is to say to the binary.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Flags;

/// The task platform that never forgets: tasks, due dates, recurring tasks, reminders.
#[derive(Debug, Parser)]
#[command(name = "todo", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub flags: Flags,
    /// `serve` if absent.
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything in one process: page, API, scheduler, notifications, statistics
    Serve(Serve),
    /// Serve the web page (comes with the services)
    #[command(hide = true)]
    Frontend,
    /// Serve the API (comes with the services)
    #[command(hide = true)]
    Backend,
    /// Run the scheduler and notifications (comes with the services)
    #[command(hide = true)]
    #[command(name = "notifications")]
    Notifications,
    /// Run the statistics consumer (comes with the services)
    #[command(hide = true)]
    Analytics,
    /// Serve a throw-away database with a sample account and tasks
    Demo,
    /// Bring the database up to this version
    Migrate {
        /// Only say whether something is missing (exit code 1)
        #[arg(long)]
        check: bool,
    },
    /// Print the configuration in force, and where each value came from
    Config {
        #[arg(long)]
        json: bool,
    },
    /// Check the database, the clock, the disk and the queues
    Doctor {
        #[arg(long)]
        json: bool,
    },
    /// Accounts and dead letters, straight on the database
    #[command(subcommand)]
    Admin(Admin),
    /// Copy a SQLite database into a new file while everything goes on
    Backup { file: PathBuf },
    /// Put a copy back in place of the database
    Restore {
        file: PathBuf,
        /// Replace the database that is there
        #[arg(long)]
        force: bool,
    },
    /// Print completions for a shell
    Completions { shell: clap_complete::Shell },
}

#[derive(Debug, Default, Args)]
pub struct Serve {
    /// Do not migrate the database at the start
    #[arg(long)]
    pub no_migrate: bool,
}

#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Accounts
    #[command(subcommand)]
    Users(Users),
    /// Events that a consumer could not handle
    #[command(subcommand)]
    DeadLetters(DeadLetters),
}

#[derive(Debug, Subcommand)]
pub enum Users {
    /// All accounts
    List {
        #[arg(long)]
        json: bool,
    },
    /// Make an account; the password is asked for, or read from standard input
    Create {
        email: String,
        #[arg(long)]
        name: String,
        /// IANA time zone
        #[arg(long)]
        time_zone: Option<String>,
        #[arg(long)]
        admin: bool,
    },
    /// Refuse sign-in and every token
    Disable { email: String },
    /// Let a disabled account in again
    Enable { email: String },
    /// Make an account an administrator
    MakeAdmin { email: String },
    /// Print a one-time token for a new password
    Reset { email: String },
}

#[derive(Debug, Subcommand)]
pub enum DeadLetters {
    /// What is parked
    List {
        #[arg(long)]
        json: bool,
    },
    /// Hand one back to its consumer, or all
    Replay {
        #[arg(required_unless_present = "all")]
        id: Option<uuid::Uuid>,
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
    /// Forget one for good
    Drop { id: uuid::Uuid },
}
