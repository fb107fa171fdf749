//! The command line: what there is to say to the binary.

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::{client::ClientCommand, config::Flags};

/// The task platform that never forgets: tasks, due dates, recurring tasks, reminders.
#[derive(Debug, Parser)]
#[command(name = "todo", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// Print JSON instead of words
    #[arg(long, global = true)]
    pub json: bool,
    /// For the terminal client: the server, instead of the one of `todo login` (TODO_SERVER; its token: TODO_TOKEN)
    #[arg(long, global = true, value_name = "URL", hide_short_help = true)]
    pub server: Option<String>,
    // Behind the others, because its heading goes for what follows.
    #[command(flatten)]
    pub flags: Flags,
    /// `serve` if absent
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of the server behind the command's name.
#[derive(Debug, Default, Args)]
pub struct Server {
    #[command(flatten)]
    pub flags: Flags,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything in one process: page, API, scheduler, notifications, statistics
    Serve(Server),
    /// Serve a throw-away database with a sample account and tasks
    Demo(Server),
    /// Serve the web page (comes with the services)
    #[command(hide = true)]
    Frontend(Server),
    /// Serve the API (comes with the services)
    #[command(hide = true)]
    Backend(Server),
    /// Run the statistics consumer (comes with the services)
    #[command(hide = true)]
    Analytics(Server),
    #[command(flatten)]
    Client(ClientCommand),
    /// Bring the database up to this version
    Migrate(Migrate),
    /// Print the configuration in force, and where each value came from
    Config(Config),
    /// Check the database, the clock, the disk and the queues
    Doctor(Server),
    /// Look after accounts and dead letters, straight on the database
    Admin(Admin),
    /// Copy a SQLite database into a new file while everything goes on
    Backup(Backup),
    /// Put a copy in the place of the database
    Restore(Restore),
    /// Print completions for a shell
    Completions { shell: clap_complete::Shell },
    /// Print the version
    Version,
}

#[derive(Debug, Args)]
pub struct Migrate {
    /// Only say whether something is missing (exit code 1)
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub server: Server,
}

#[derive(Debug, Args)]
pub struct Config {
    /// Print a todo.toml with every option and its default instead
    #[arg(long)]
    pub example: bool,
    #[command(flatten)]
    pub server: Server,
}

#[derive(Debug, Args)]
pub struct Backup {
    pub file: PathBuf,
    #[command(flatten)]
    pub server: Server,
}

#[derive(Debug, Args)]
pub struct Restore {
    pub file: PathBuf,
    /// Replace the database that is there; it is kept beside
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub server: Server,
}

#[derive(Debug, Args)]
pub struct Admin {
    #[command(subcommand)]
    pub what: AdminCommand,
    #[command(flatten)]
    pub server: Server,
}

#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Accounts
    #[command(subcommand)]
    Users(Users),
    /// Events that a consumer could not handle
    #[command(subcommand)]
    DeadLetters(DeadLetters),
}

#[derive(Debug, Subcommand)]
pub enum Users {
    /// List all accounts
    List,
    /// Make an account; the password is asked for, or read from standard input
    Create {
        email: String,
        #[arg(long)]
        name: String,
        /// IANA name such as Europe/Berlin [default: UTC]
        #[arg(long)]
        time_zone: Option<String>,
        /// Make it an administrator
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
    /// List what is parked
    List,
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

impl Command {
    /// The options behind the command's name, of those that have any.
    pub fn flags(&self) -> Option<&Flags> {
        Some(match self {
            Self::Serve(server)
            | Self::Demo(server)
            | Self::Frontend(server)
            | Self::Backend(server)
            | Self::Analytics(server)
            | Self::Doctor(server)
            | Self::Migrate(Migrate { server, .. })
            | Self::Config(Config { server, .. })
            | Self::Admin(Admin { server, .. })
            | Self::Backup(Backup { server, .. })
            | Self::Restore(Restore { server, .. }) => &server.flags,
            Self::Client(_) | Self::Completions { .. } | Self::Version => return None,
        })
    }
}

/// The commands by what they are for; clap alone would list them in one long column.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Start a server", &["serve", "demo"]),
    (
        "Your tasks, on the server that you signed in to",
        &[
            "login", "register", "logout", "add", "list", "show", "done", "reopen", "edit", "snooze", "delete",
            "undelete",
        ],
    ),
    ("And around them", &["recur", "projects", "tags", "notifications", "stats", "history", "import"]),
    ("Look after a server", &["migrate", "config", "doctor", "admin", "backup", "restore", "completions", "version"]),
];

pub fn command() -> clap::Command {
    // Those of the server belong to its commands; before the command's name they stand for `serve`.
    let mut command = Cli::command().mut_args(|argument| {
        let everywhere = ["json", "server"].contains(&argument.get_id().as_str());
        argument.global(everywhere)
    });
    let groups = groups(&command);
    let heading = *clap::builder::Styles::styled().get_header();
    let template = format!(
        "{{about}}\n\n{{usage-heading}} {{usage}}\n{groups}\n{heading}Options, of `serve` if no command is named:{heading:#}\n{{options}}"
    );
    command = command.help_template(template);
    command
}

fn groups(command: &clap::Command) -> String {
    let heading = *clap::builder::Styles::styled().get_header();
    let mut text = String::new();
    for (title, names) in GROUPS {
        text.push_str(&format!("\n{heading}{title}:{heading:#}\n"));
        for name in names {
            let about = command.find_subcommand(name).and_then(clap::Command::get_about).map(ToString::to_string);
            text.push_str(&format!("  {name:<16} {}\n", about.unwrap_or_default()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_command_that_is_shown_is_in_one_group() {
        let command = command();
        let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
        let mut shown: Vec<_> = shown.map(clap::Command::get_name).collect();
        let mut grouped: Vec<_> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        shown.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(shown, grouped);
    }

    #[test]
    fn options_of_the_server_stand_before_or_behind_its_commands_and_not_at_the_clients() {
        let parse = |line: &str| command().try_get_matches_from(line.split(' '));
        for good in
            ["todo --listen x", "todo --listen x serve", "todo serve --listen x", "todo admin users list --data-dir x"]
        {
            assert!(parse(good).is_ok(), "{good}");
        }
        assert!(parse("todo add milk --listen x").is_err());
        assert!(parse("todo list --json --server localhost:3000").is_ok());
    }
}
