//! What the client can be told.

#![allow(rustdoc::bare_urls, reason = "these comments are the help text, which is no Markdown")]

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

const TASK: &str = "Its number in the last list, the end of its id, or its id";
const RULE: &str = "Its number in the last `todo recur list`, the end of its id, or its id";

#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Sign in to a server and remember it
    Login(Login),
    /// Make an account on a server and sign in
    Register(Register),
    /// Sign out and forget the token
    Logout,
    /// Add a task or a recurring task from a line of words
    #[command(after_help = ADD_HELP)]
    Add(Add),
    /// List tasks
    #[command(visible_alias = "ls")]
    List(List),
    /// Show one task with its reminders and what became of them
    Show {
        #[arg(help = TASK)]
        task: String,
    },
    /// Complete tasks
    Done {
        #[arg(required = true, help = TASK)]
        tasks: Vec<String>,
    },
    /// Open completed tasks again
    Reopen {
        #[arg(required = true, help = TASK)]
        tasks: Vec<String>,
    },
    /// Change a task
    Edit(Edit),
    /// Move a task's reminder; its due date stays
    Snooze {
        #[arg(help = TASK)]
        task: String,
        /// Such as `2h`, `tomorrow 9am` or an instant
        #[arg(required = true)]
        until: Vec<String>,
    },
    /// Move tasks to the trash
    #[command(visible_alias = "rm")]
    Delete {
        #[arg(required = true, help = TASK)]
        tasks: Vec<String>,
    },
    /// Bring tasks back from the trash
    Undelete {
        #[arg(required = true, help = TASK)]
        tasks: Vec<String>,
    },
    /// Recurring tasks: list, add, preview, pause, resume, skip, show, delete
    #[command(subcommand)]
    Recur(Recur),
    /// List projects, or change them
    Projects {
        #[command(subcommand)]
        command: Option<Projects>,
    },
    /// List tags
    Tags,
    /// List notifications
    Notifications(Notifications),
    /// Print figures: open, overdue, completed, day by day
    Stats {
        /// How many days back, 1–366
        #[arg(long, default_value_t = 14)]
        days: u32,
    },
    /// List what happened to a task
    History {
        #[arg(help = TASK)]
        task: String,
        #[command(flatten)]
        page: Page,
    },
    /// Add many tasks from a file
    #[command(after_help = IMPORT_HELP)]
    Import(Import),
}

const ADD_HELP: &str = "Examples:
  todo add call Ana tomorrow 5pm '#Home' @phone p1 '!30m'
  todo add Weekly standup every mon 9:00
  todo add Pay the rent every 31st 9am

#project @tag p1 p2 p3 !reminder; what is not understood stays in the title.";

const IMPORT_HELP: &str = "A line that begins with { is a task as the API takes it, such as {\"title\": \"Buy milk\"}.
Every other line is read as by `todo add`. Sending the same file again within a day adds nothing twice.";

#[derive(Debug, Args)]
pub struct Login {
    /// Such as https://todo.example.org [default: the last one, else http://127.0.0.1:3000]
    pub address: Option<String>,
    /// Asked for if absent; so is the password, which is read from standard input where that is no terminal
    #[arg(long)]
    pub email: Option<String>,
}

#[derive(Debug, Args)]
pub struct Register {
    #[command(flatten)]
    pub login: Login,
    /// Your name; asked for if absent
    #[arg(long)]
    pub name: Option<String>,
    /// IANA name such as Europe/Berlin [default: this machine's]
    #[arg(long)]
    pub time_zone: Option<String>,
}

#[derive(Debug, Args)]
pub struct Add {
    /// The words; quote what your shell would take, such as '#Home'
    #[arg(required = true)]
    pub text: Vec<String>,
    /// Only print how the line would be understood
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum View {
    /// What is open, the earliest due first
    Open,
    /// What is due today, or was before
    Today,
    /// What is due from tomorrow on
    Upcoming,
    Overdue,
    /// Open, and in no project
    Inbox,
    Completed,
    /// Open and completed, the newest first
    All,
    Trash,
}

#[derive(Debug, Args)]
pub struct List {
    #[arg(value_enum, default_value_t = View::Open, hide_possible_values = true)]
    /// open, today, upcoming, overdue, inbox, completed, all or trash
    pub view: View,
    /// Only those with this tag
    #[arg(long, short)]
    pub tag: Option<String>,
    /// Only those of this project (its name)
    #[arg(long, short)]
    pub project: Option<String>,
    /// Only those of this priority: 1 high, 2 medium, 3 low
    #[arg(long)]
    pub priority: Option<u8>,
    /// Only those with every one of these words
    #[arg(long = "search", short = 'q', value_name = "WORDS")]
    pub search: Option<String>,
    /// created, updated, due, priority or title; -due for the latest first
    #[arg(long, allow_hyphen_values = true)]
    pub sort: Option<String>,
    #[command(flatten)]
    pub page: Page,
}

#[derive(Debug, Args)]
pub struct Page {
    /// From 1
    #[arg(long, default_value_t = 1)]
    pub page: u32,
    /// How many, 1–100
    #[arg(long, short = 'n', default_value_t = 50)]
    pub page_size: u32,
}

#[derive(Debug, Args)]
pub struct Edit {
    #[arg(help = TASK)]
    pub task: String,
    #[arg(long)]
    pub title: Option<String>,
    /// Markdown
    #[arg(long)]
    pub description: Option<String>,
    /// 1 high, 2 medium, 3 low
    #[arg(long)]
    pub priority: Option<u8>,
    /// Such as `tomorrow 5pm`, 2026-12-04, an instant, or `none`
    #[arg(long)]
    pub due: Option<String>,
    /// IANA name
    #[arg(long)]
    pub time_zone: Option<String>,
    /// The project's name, or `none`
    #[arg(long)]
    pub project: Option<String>,
    /// Add this tag; may be repeated
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Take this tag off; may be repeated
    #[arg(long, value_name = "TAG")]
    pub untag: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub enum Recur {
    /// List recurring tasks
    List {
        /// Only those that go on
        #[arg(long)]
        active: bool,
        #[command(flatten)]
        page: Page,
    },
    /// Add a recurring task from a line of words, such as `Weekly standup every mon 9:00`
    Add {
        #[arg(required = true)]
        text: Vec<String>,
    },
    /// Print the next dates of a recurring task, or of a line of words
    Preview {
        /// A recurring task, or words such as `every last friday 16:00`
        #[arg(required = true)]
        what: Vec<String>,
        /// How many dates, 1–100
        #[arg(long, short = 'n', default_value_t = 10)]
        limit: u32,
    },
    /// Show one recurring task
    Show {
        #[arg(help = RULE)]
        recurring_task: String,
    },
    /// Make no occurrences for a while
    Pause {
        #[arg(help = RULE)]
        recurring_task: String,
        /// Such as `2w` or `next monday`; until resumed if absent
        #[arg(long)]
        until: Option<String>,
    },
    /// Go on after a pause
    Resume {
        #[arg(help = RULE)]
        recurring_task: String,
    },
    /// Skip the next occurrence
    Skip {
        #[arg(help = RULE)]
        recurring_task: String,
        /// Another one than the next: its instant, as `todo recur preview --json` prints it
        #[arg(long)]
        slot: Option<String>,
    },
    /// Delete a recurring task; the tasks that it made stay
    Delete {
        #[arg(help = RULE)]
        recurring_task: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Projects {
    /// Add a project
    Add {
        name: String,
        /// red, orange, yellow, green, teal, blue, violet or gray
        #[arg(long)]
        color: Option<String>,
    },
    /// Give a project another name
    Rename { name: String, new_name: String },
    /// Put a project away; its tasks stay
    Archive { name: String },
    /// Take a project out of the archive
    Unarchive { name: String },
    /// Delete a project; its tasks go to the inbox
    Delete { name: String },
}

#[derive(Debug, Args)]
pub struct Notifications {
    /// Only unread ones
    #[arg(long)]
    pub unread: bool,
    /// Mark all as read
    #[arg(long)]
    pub read_all: bool,
    /// Be the role instead: scheduler and delivery (comes with the services)
    #[arg(long, hide = true)]
    pub serve: bool,
    #[command(flatten)]
    pub page: Page,
}

#[derive(Debug, Args)]
pub struct Import {
    /// One task a line; `-` for standard input
    pub file: PathBuf,
    /// Take every line as a title, with nothing understood
    #[arg(long)]
    pub plain: bool,
}
