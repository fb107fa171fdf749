//! The client for the terminal: everything through the HTTP API, nothing from the database.
//!
//! One file each area. What a person sees goes to standard output and can be piped; `--json` prints what the API
//! answered instead. Tasks are named by their number in the last list, by the end of their id, or by the whole id.

mod add;
mod args;
mod change;
mod error;
mod history;
mod http;
mod import;
mod list;
mod notifications;
mod organise;
mod output;
mod recur;
mod saved;
mod session;
mod show;
mod sign_in;
mod stats;
mod wire;
mod words;

pub use args::ClientCommand;
pub use error::ClientError;

use session::Session;

/// How a command was called.
pub struct Call {
    /// Instead of the server that was signed in to.
    pub server: Option<String>,
    /// Print the API's answer instead of words.
    pub json: bool,
}

pub async fn run(command: ClientCommand, call: Call) -> Result<(), ClientError> {
    use ClientCommand as C;
    let session = Session::open(call)?;
    match command {
        C::Login(args) => sign_in::login(session, args).await,
        C::Register(args) => sign_in::register(session, args).await,
        C::Logout => sign_in::logout(session).await,
        C::Add(args) => add::add(session, &args).await,
        C::Import(args) => import::import(session, &args).await,
        C::List(args) => list::list(session, &args).await,
        C::Show { task } => show::show(session, &task).await,
        C::Done { tasks } => change::done(session, &tasks).await,
        C::Reopen { tasks } => change::reopen(session, &tasks).await,
        C::Delete { tasks } => change::delete(session, &tasks).await,
        C::Undelete { tasks } => change::undelete(session, &tasks).await,
        C::Edit(args) => change::edit(session, &args).await,
        C::Snooze { task, until } => change::snooze(session, &task, &until.join(" ")).await,
        C::Recur(command) => recur::run(session, command).await,
        C::Projects { command } => organise::projects(session, command).await,
        C::Tags => organise::tags(session).await,
        C::Notifications(args) => notifications::notifications(session, &args).await,
        C::Stats { days } => stats::stats(session, days).await,
        C::History { task, page } => history::history(session, &task, &page).await,
    }
}
