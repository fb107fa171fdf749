//! The one binary: dispatches to its commands.

mod cli;
mod client;
mod clock;
mod command;
mod config;
mod parts;
mod server;
mod telemetry;
mod terminal;

use std::process::ExitCode;

use clap::FromArgMatches;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let _crash_points = fail::has_failpoints().then(crash_points);
    // Else the first HTTPS client would find two providers, or none.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = cli::Cli::from_arg_matches(&cli::command().get_matches()).unwrap_or_else(|error| error.exit());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(command::run(cli)) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

/// In a build for tests only: what the variable `FAILPOINTS` sets. A crash point that says `panic` ends the process on
/// the spot, as a kill does, whatever thread it is on and whoever would catch a panic there.
fn crash_points() -> fail::FailScenario<'static> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        hook(panic);
        if panic.payload_as_str().is_some_and(|message| message.starts_with("failpoint ")) {
            std::process::abort();
        }
    }));
    fail::FailScenario::setup()
}

/// What went wrong, and what to set: a line, or one for each field at fault.
fn failed(error: &anyhow::Error) -> ExitCode {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    anstream::eprintln!("{red}error:{red:#} {error:#}");
    match error.downcast_ref::<client::ClientError>() {
        Some(refused) => ExitCode::from(refused.exit_code()),
        None => ExitCode::FAILURE,
    }
}
